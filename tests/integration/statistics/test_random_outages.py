"""Whatever goes away and for how long: the statistics are what really happened.

Three outages here; script/soak asks for more, and for a report of each, by environment.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from .comparison import compare
from .home import Home
from .plant import HOUR

OUTAGES = int(os.environ.get("PLANTROOM_SOAK_OUTAGES", "3"))
SEED = int(os.environ.get("PLANTROOM_SOAK_SEED", "4"))
REPORT = os.environ.get("PLANTROOM_SOAK_REPORT", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One outage, and what its hours and those after it said."""

    what: str
    minutes: int
    began_anew: bool
    compared: int
    wrong: tuple[str, ...]


@pytest.fixture
def seed() -> int:
    return SEED


def report(trials: list[Trial]) -> None:
    if REPORT:
        Path(REPORT).write_text(json.dumps([asdict(trial) for trial in trials]))


async def go_away(home: Home, what: str, minutes: int, *, anew: bool) -> None:
    """Let Home Assistant, its wire or both be away; a counter may begin anew."""
    if what == "connection":
        home.wire.lose()
    else:
        await home.stop()
    await home.run(timedelta(minutes=minutes) / 2)
    await home.run(timedelta(minutes=minutes) / 2, starts_anew=anew)
    if what == "connection":
        home.reconnect()
    else:
        await home.start()


@pytest.mark.timeout(120 + 60 * OUTAGES)
async def test_every_hour_is_right_after_random_outages(home: Home):
    random = Random(SEED)
    trials: list[Trial] = []
    since = home.first_hour
    await home.run_to(2, hour=2)
    for _ in range(OUTAGES):
        what = random.choice(("home_assistant", "connection"))
        minutes, anew = random.randint(2, 180), random.random() < 0.3
        await home.run(timedelta(minutes=random.randint(1, 70)))
        await go_away(home, what, minutes, anew=anew)
        await home.run_to(2, hour=2)
        # The first hour tells what a counter showed before
        found = await compare(home, since)
        trials.append(
            Trial(
                what=what,
                minutes=minutes,
                began_anew=anew,
                compared=found.compared,
                wrong=found.wrong,
            )
        )
        report(trials)
        since = home.plant.at.replace(minute=0, second=0) - HOUR
    assert [wrong for trial in trials for wrong in trial.wrong] == []
    assert (await compare(home, home.first_hour)).wrong == ()
