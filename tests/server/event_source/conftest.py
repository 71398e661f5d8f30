"""Every event store, each with the same events."""

import pytest
from plantroom_server.event_source.embedded import EmbeddedLog


@pytest.fixture
async def source(tmp_path):
    """Return a store that is started."""
    store = EmbeddedLog(tmp_path)
    await store.start()
    yield store
    await store.stop()
