"""A bench of meters, stopped at the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .metering_bench import MeteringBench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[MeteringBench]:
    made = MeteringBench(tmp_path)
    await made.start()
    yield made
    await made.stop()
