"""A database in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from custom_components.plantroom.engine.storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(tmp_path)
    await made.start()
    yield made
    await made.stop()
