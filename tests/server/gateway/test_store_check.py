"""A store is tried before anybody relies on it, and what is wrong is named."""

from functools import partial
from typing import Any

import pytest
from plantroom_server.event_source import kurrentdb, kurrentdb_faults
from plantroom_server.event_source.building import event_source
from plantroom_server.gateway.event_gateway import event_gateway
from plantroom_server.gateway.store_check import check_store

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
)
from custom_components.plantroom.engine.gateway.models import StoreCheck
from tests.peers.kurrentdb.access import User
from tests.peers.kurrentdb.server import KurrentServer
from tests.server.event_source.kurrentdb_certificates import made
from tests.site import SiteHost


@pytest.fixture(scope="module")
def options(tmp_path_factory) -> dict[str, Any]:
    """Return how a server with TLS and users, who may not manage, is reached."""
    folder = tmp_path_factory.mktemp("checked")
    authority, tls = made(folder / "tls")
    users = {"gateway": User(password="gate")}
    with KurrentServer(folder / "data", tls=tls, users=users) as server:
        yield {
            "uri": server.uri,
            "root_certificates": authority,
            "user": "gateway",
            "password": "gate",
        }


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Let a busy server answer, and be asked for its TLS."""
    monkeypatch.setattr(kurrentdb_faults, "PROBE_SECONDS", 60.0)
    monkeypatch.setattr(kurrentdb, "ANSWER_SECONDS", 60.0)


async def check(**options: Any) -> StoreCheck:
    store = EventStoreConfig(store_id="s", kind=StoreKind.KURRENTDB, **options)
    return await check_store(store, partial(event_source, None))


async def test_a_store_that_answers_works_whatever_is_in_it(options):
    assert await check(**options) == StoreCheck(works=True)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("password", {"password": "no"}),
        ("uri", {"uri": "http://127.0.0.1"}),
        ("root_certificates", {"root_certificates": ""}),
    ],
)
async def test_what_is_to_be_mended_is_named(options, field, wrong):
    found = await check(**options | wrong)
    assert (found.works, found.field) == (False, field)
    assert found.detail
    assert "gate" not in found.detail.split()


async def test_a_store_that_is_away_is_not_blamed_on_an_option(options):
    found = await check(**options | {"uri": "kurrentdb://127.0.0.1:1"})
    assert (found.works, found.field) == (False, "")
    assert "does not answer" in found.detail


async def test_an_engine_without_a_gateway_says_what_it_lacks(tmp_path):
    ours = EventStoreConfig(store_id="log")
    with_gateway = Engine(SiteHost(), partial(event_gateway, tmp_path))
    assert await with_gateway.call("check_event_store", ours) == StoreCheck(works=True)
    with pytest.raises(ConfigurationError, match="Plantroom server"):
        await Engine(SiteHost()).call("check_event_store", ours)
