"""A process that is killed at any moment leaves hours that are right and a file that opens."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.simulators.client import ROOT

from .history_bench import HistoryBench

KILLED_AFTER = 60


async def kept_until_killed(folder: Path) -> int:
    """Return the last value that a process said it had kept before it was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.engine.history.counting", str(folder),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    kept = -1
    async with asyncio.timeout(100):
        while kept < KILLED_AFTER:
            kept = int(await process.stdout.readline())
        process.kill()
        rest = (await process.stdout.read()).decode()
        await process.wait()
    whole = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return max([kept, *map(int, whole)])


async def test_all_that_was_kept_is_there_after_a_kill(tmp_path: Path):
    began = datetime.now(UTC)
    kept = await kept_until_killed(tmp_path)
    ended = datetime.now(UTC)
    bench = HistoryBench(tmp_path, ended)
    await bench.history.start()
    hours = await bench.hours()
    assert hours[0].first == 0.0
    assert kept <= hours[-1].last <= kept + 1
    covered = sum(each.covered_seconds for each in hours)
    assert 0.0 < covered <= (ended - began).total_seconds()
    await bench.history.stop()
