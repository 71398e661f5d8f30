"""One life of a Home Assistant that may be killed; run by path, in a process of its own.

The plant does the same in every life, so each begins by letting it go on to where the
life before ended. Environment: PLANTROOM_LIFE, a file with the facts of this life.
"""

import asyncio
import json
import os
import resource
import signal
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from ..fake_engine import World
from .comparison import counted_in_all
from .conftest import BEGIN
from .home import Home
from .plant import Plant, PlantServer
from .seen_comparison import compare_seen

pytestmark = pytest.mark.timeout(200)

STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happens. Minutes are of the plant, from its beginning.

    lived: when Home Assistant starts. server_from, server_until: when its server runs
    within that. killed: when the process ends itself the hard way, 0 for never; full:
    between which minutes no file can grow. ends: when all is compared.
    """

    folder: str
    report: str
    seed: int
    lived: int
    server_from: int
    ends: int
    killed: int = 0
    full: tuple[int, int] = (0, 0)
    again: bool = False
    # Whether both were dead since the life before, so that nobody saw anything
    dark: bool = False


@pytest.fixture
def recorder_db_url(life: Life) -> str:
    return f"sqlite:///{life.folder}/home.db"


@pytest.fixture
def life() -> Life:
    facts = json.loads(Path(os.environ["PLANTROOM_LIFE"]).read_text())
    return Life(**facts | {"full": tuple(facts["full"])})


async def test_life(
    async_test_recorder: Any, world: World, freezer: FrozenDateTimeFactory, life: Life
):
    asyncio.get_running_loop().set_debug(False)
    folder = Path(life.folder)
    plant = Plant(Random(life.seed), BEGIN)
    server = PlantServer(plant, folder / f"server{'' if life.again else life.lived}")
    home = Home(
        world=world,
        plant=plant,
        server=server,
        freezer=freezer,
        test_recorder=async_test_recorder,
        folder=folder,
        config={"db_max_retries": 2, "db_retry_wait": 0},
    )
    freezer.move_to(BEGIN)
    await home.run(timedelta(minutes=life.server_from))
    await server.start()
    seen_again = plant.at
    await home.run(timedelta(minutes=life.lived - life.server_from))
    # The minute in which both were killed may have been seen
    dark = [(last_alive(life) + STEP, seen_again)] if life.dark else []
    await home.start()
    try:
        await live(home, life)
        found = await compare_seen(home, home.first_hour, dark)
        report(
            life,
            compared=found.compared,
            wrong=found.wrong,
            in_all=await counted_in_all(home),
            lines=home.lines,
        )
    finally:
        await home.stop()
        await server.stop()


async def live(home: Home, life: Life) -> None:
    """Let time pass up to the end of this life."""
    now = life.lived
    if life.killed:
        await home.run(timedelta(minutes=life.killed - now))
        # At no moment that anybody chose: in the middle of whatever is being written
        threading.Timer(Random(life.seed).random() * 0.2, kill_myself).start()
        while True:
            note_alive(life, home.plant.at)
            await home.run(STEP)
    begin, end = life.full
    if end:
        await home.run(timedelta(minutes=begin - now))
        limit_files(largest_file(life) // 2)
        home.disk_full = True
        await home.run(timedelta(minutes=end - begin))
        home.disk_full = False
        limit_files(None)
        now = end
    await home.run(timedelta(minutes=life.ends - now))


def alive(life: Life) -> Path:
    """Return where a life that is killed says until when it lived."""
    return Path(life.folder) / "alive"


def note_alive(life: Life, at: datetime) -> None:
    """Write until when a life went on, whole or not at all: it ends at any moment."""
    beside = alive(life).with_suffix(".new")
    beside.write_text(at.isoformat())
    beside.replace(alive(life))


def last_alive(life: Life) -> datetime:
    return datetime.fromisoformat(alive(life).read_text())


def report(life: Life, **facts: Any) -> None:
    Path(life.report).write_text(json.dumps(facts))


def largest_file(life: Life) -> int:
    return max(each.stat().st_size for each in Path(life.folder).glob("home.db*"))


def limit_files(octets: int | None) -> None:
    """Let no file of this process grow beyond, None for as the system has it."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (hard if octets is None else octets, hard)
    )


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
