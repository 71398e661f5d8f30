"""What people have to mend is said in a sentence that names the option."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from plantroom_server.event_source import kurrentdb, kurrentdb_faults
from plantroom_server.event_source.building import event_source
from plantroom_server.gateway_errors import EventSourceError, EventSourceRefusedError

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
    StreamKind,
)
from tests.peers.kurrentdb.access import ADMINS, OPS, User
from tests.peers.kurrentdb.server import KurrentServer

from .following import append, consuming, wanted
from .kurrentdb_certificates import made

PASSWORD = "p@ss:w%ord/ü"
USERS = {
    "admin": User(password="changeit", groups=(ADMINS,)),
    "operator": User(password=PASSWORD, groups=(OPS,)),
    "gateway": User(password="gate"),
}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Let a busy server answer, and be asked for its TLS."""
    monkeypatch.setattr(kurrentdb_faults, "PROBE_SECONDS", 60.0)
    monkeypatch.setattr(kurrentdb, "ANSWER_SECONDS", 60.0)


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """Return a server with TLS and users, and the certificate of its authority."""
    folder = tmp_path_factory.mktemp("secure")
    authority, tls = made(folder / "tls")
    with KurrentServer(folder / "data", tls=tls, users=USERS) as server:
        yield server, authority


@pytest.fixture
async def reach(secure):
    """Return what makes a started source with options."""
    server, authority = secure
    sources = []

    async def start(**options: Any):
        given = {
            "uri": server.uri,
            "root_certificates": authority,
            "user": "admin",
            "password": "changeit",
            **options,
        }
        config = EventStoreConfig(store_id="s", kind=StoreKind.KURRENTDB, **given)
        source = event_source(None, config)
        sources.append(source)
        await source.start()
        return source

    yield start
    for source in sources:
        await source.stop()


async def refused(source) -> EventSourceRefusedError:
    """Return why a store refuses to append."""
    with pytest.raises(EventSourceRefusedError) as caught:
        await append(source, "a")
    return caught.value


async def test_password_of_any_characters_is_sent_as_it_is(reach):
    source = await reach(user="operator", password=PASSWORD)
    await append(source, "a", stream="any-password")
    found = [each.data async for each in source.read(wanted("any-password"))]
    assert found == [b"a"]


@pytest.mark.parametrize(("user", "password"), [("admin", "no"), ("who", "changeit")])
async def test_wrong_password_is_said_and_not_shown(reach, user, password):
    error = await refused(await reach(user=user, password=password))
    assert error.facts == {"field": "password"}
    assert "not accepted" in str(error)
    assert "changeit" not in str(error)


async def test_wrong_authority_is_said(reach, tmp_path):
    other, _ = made(tmp_path / "other")
    error = await refused(await reach(root_certificates=other))
    assert error.facts == {"field": "root_certificates"}


async def test_missing_authority_is_said(reach):
    error = await refused(await reach(root_certificates=""))
    assert error.facts == {"field": "root_certificates"}
    assert "are missing" in str(error)


async def test_missing_tls_is_said(reach, secure):
    server, _ = secure
    uri = f"{server.uri}?Tls=false"
    error = await refused(
        await reach(uri=uri, root_certificates="", user="", password="")
    )
    assert error.facts == {"field": "uri"}
    assert "the server wants TLS" in str(error)


async def test_tls_that_the_server_has_not_is_said(reach, kurrentdb):
    error = await refused(await reach(uri=kurrentdb.uri.partition("?")[0]))
    assert error.facts == {"field": "uri"}
    assert "add Tls=false" in str(error)


async def test_server_that_is_not_there_may_come_back(reach):
    source = await reach(uri="kurrentdb://127.0.0.1:1")
    with pytest.raises(EventSourceError) as caught:
        await append(source, "a")
    assert not isinstance(caught.value, EventSourceRefusedError)


async def test_group_that_may_not_be_made_is_said(reach):
    source = await reach(user="gateway", password="gate")
    await append(source, "a", stream="forbidden")
    async with consuming(source, wanted("forbidden")) as consumer:
        with pytest.raises(EventSourceRefusedError, match="may not make") as caught:
            await consumer.take(1)
    assert caught.value.facts == {"field": "user"}


async def test_group_that_others_made_is_used_without_rights(reach, caplog):
    admin = await reach()
    await append(admin, "a", "b", stream="allowed")
    async with consuming(admin, wanted("allowed")) as consumer:
        assert await consumer.texts(1) == ["a"]
    source = await reach(user="gateway", password="gate")
    async with consuming(source, wanted("allowed")) as consumer:
        assert await consumer.texts(1) == ["b"]
        assert "used as it is" in caplog.text
        backlog = await consumer.subscription.backlog()
        assert (backlog.waiting, backlog.acknowledged_position) == (0, 1)
        with pytest.raises(EventSourceRefusedError, match="may not do this"):
            await consumer.subscription.replay_parked()


@pytest.mark.parametrize("kind", [StreamKind.CATEGORY, StreamKind.ALL])
async def test_what_only_admins_may_read_is_refused(reach, kind):
    source = await reach(user="operator", password=PASSWORD)
    async with consuming(source, wanted("site", kind)) as consumer:
        with pytest.raises(EventSourceRefusedError, match="user may not"):
            await consumer.take(1)


async def test_events_flow_over_tls(reach):
    source = await reach()
    async with consuming(source, wanted("over-tls")) as consumer:
        waiting = asyncio.create_task(consumer.texts(1))
        await append(source, "a", stream="over-tls")
        assert await waiting == ["a"]


async def test_certificate_stands_for_an_account(reach, tmp_path):
    authority, tls = made(tmp_path / "tls")
    tls = replace(tls, client_ca=tmp_path / "tls" / "ca.pem")
    own = {
        "client_certificate": (tmp_path / "tls" / "client.pem").read_text(),
        "client_key": (tmp_path / "tls" / "client.key").read_text(),
        "root_certificates": authority,
        "user": "",
        "password": "",
    }
    with KurrentServer(tls=tls) as server:
        source = await reach(uri=server.uri, **own)
        await append(source, "a")
        async with consuming(source) as consumer:
            assert await consumer.texts(1) == ["a"]
