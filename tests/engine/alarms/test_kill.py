"""An engine that is killed has lost nothing that it told, and tells nothing twice."""

import asyncio
import sys
from pathlib import Path

from custom_components.plantroom.engine.alarms.models import Alarm
from custom_components.plantroom.engine.alarms.requests import AlarmsSinceRequest
from tests.simulators.client import ROOT

from .alarm_news import news
from .booked import booked

KILLED_AFTER = 300


async def told_until_killed(folder: Path) -> list[int]:
    """Return the numbers that an engine told before it was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.engine.alarms.raising",
        str(folder),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    told: list[int] = []
    async with asyncio.timeout(100):
        while len(told) < KILLED_AFTER:
            told.append(int(await process.stdout.readline()))
        process.kill()
        rest = await process.stdout.read()
        await process.wait()
    lines = rest.decode().splitlines(keepends=True)
    return told + [int(line) for line in lines if line.endswith("\n")]


async def test_all_that_was_told_is_there_after_a_kill(tmp_path: Path):
    told = await told_until_killed(tmp_path)
    assert told == list(range(1, len(told) + 1))
    async with booked(tmp_path) as made:
        kept, alarms, cursor = 0, dict[str, Alarm](), 0
        while True:
            replay = await made.journal.since(AlarmsSinceRequest(cursor=cursor))
            if not replay.transitions:
                break
            for transition in replay.transitions:
                kept += 1
                assert transition.number == kept
                alarms[transition.alarm.alarm_id] = transition.alarm
            cursor = kept
        assert kept >= len(told)
        still_open = {key: alarm for key, alarm in alarms.items() if alarm.is_open}
        assert {a.alarm_id: a for a in made.book.all_open()} == still_open
        made.book.take(news(number=1_000_000))
        (fresh,) = await made.until_told(1)
        assert fresh.number == kept + 1
