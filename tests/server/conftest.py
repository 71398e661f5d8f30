"""The event stores that tests of the server share."""

from collections.abc import AsyncIterator, Iterator

import pytest
from plantroom_server.event_source import kurrentdb as kurrentdb_source
from plantroom_server.event_source.building import event_source
from plantroom_server.event_source.port import EventSource

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
)
from tests.peers.kurrentdb.server import KurrentServer


@pytest.fixture(scope="session")
def shared_kurrentdb(tmp_path_factory) -> Iterator[KurrentServer]:
    with KurrentServer(tmp_path_factory.mktemp("kurrentdb")) as server:
        yield server


@pytest.fixture
def kurrentdb(shared_kurrentdb) -> KurrentServer:
    """Return a KurrentDB that is empty."""
    shared_kurrentdb.forget()
    return shared_kurrentdb


@pytest.fixture(params=["embedded", "kurrentdb"])
def store(request) -> EventStoreConfig:
    """Return how a store is reached."""
    if request.param == "embedded":
        return EventStoreConfig(store_id="log")
    uri = request.getfixturevalue("kurrentdb").uri
    return EventStoreConfig(store_id="log", kind=StoreKind.KURRENTDB, uri=uri)


@pytest.fixture
async def source(store, tmp_path, monkeypatch) -> AsyncIterator[EventSource]:
    """Return a store that is started, and not taken for away on a busy machine."""
    monkeypatch.setattr(kurrentdb_source, "ANSWER_SECONDS", 60.0)
    made = event_source(tmp_path, store)
    await made.start()
    yield made
    await made.stop()
