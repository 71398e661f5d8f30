"""The server killed at random points under load, again and again."""

import asyncio
from pathlib import Path
from random import Random

from ..part import Trial
from .plant import Plant, plant_of
from .server import Nursery

KILLS_EACH = 10
LONGEST_LIFE_SECONDS = 0.6
LONGEST_YOUTH_SECONDS = 0.25


async def killed(
    folder: Path, nursery: Nursery, random: Random, *, kurrentdb: bool, kills: int
) -> Trial:
    """Kill a server so often, and compare after each time."""
    kind = "KurrentDB and Redis" if kurrentdb else "embedded log and cache"
    wrong: list[str] = []
    async with plant_of(folder, nursery, random, kurrentdb=kurrentdb) as plant:
        done = 0
        while done < kills and not wrong:
            plant.go()
            await asyncio.sleep(random.uniform(0, LONGEST_LIFE_SECONDS))
            done += await kill_once(plant, random)
            wrong += [f"kill {done}: {each}" for each in await plant.settle()]
            wrong += plant.wrong
        wrong += await plant.second_opinion() if not wrong else plant.server.said()
        seen = plant.watch
        found = (
            f"{len(plant.load.kept)} events, {len(seen.commands.done)} commands,"
            f" {seen.reads + seen.notified} seen"
        )
    return Trial(what=f"{done} kills, {kind}", found=found, wrong=tuple(wrong))


async def kill_once(plant: Plant, random: Random) -> int:
    """Kill, now and then once more while it starts; return how often."""
    count = 1
    await plant.server.kill()
    await plant.server.start()
    if random.random() < 0.2:
        await asyncio.sleep(random.uniform(0, LONGEST_YOUTH_SECONDS))
        await plant.server.kill()
        await plant.server.start()
        count += 1
    await plant.answers()
    return count
