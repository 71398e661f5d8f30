"""The parts of a gateway, each real and on disk."""

import pytest
from plantroom_server.gateway.ledger import Ledger
from plantroom_server.recovery_cache.embedded import EmbeddedCache


@pytest.fixture
async def cache(tmp_path):
    kept = EmbeddedCache(tmp_path)
    await kept.start()
    yield kept
    await kept.stop()


@pytest.fixture
async def ledger(tmp_path):
    book = Ledger(tmp_path)
    await book.start()
    yield book
    await book.stop()
