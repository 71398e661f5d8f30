"""What the server needs goes away, hangs, forgets, or becomes another one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from redis.asyncio import Redis

from ..part import Trial
from .plant import Plant, plant_of
from .server import Nursery
from .small_disk import SmallDisk
from .stores import COMMANDS, STREAM, KurrentStore
from .watch import told_commands

type Fault = Callable[[Plant, Random], Awaitable[None]]


async def redis_killed(plant: Plant, random: Random) -> None:
    """Kill Redis, which has kept every write, and start it again."""
    assert plant.redis is not None
    await plant.redis.kill()
    await asyncio.sleep(random.uniform(0.2, 2))
    await plant.redis.start()


async def redis_hung(plant: Plant, random: Random) -> None:
    """Let Redis answer nobody for a while."""
    assert plant.redis is not None
    plant.redis.hang()
    await asyncio.sleep(random.uniform(1, 4))
    plant.redis.go_on()


async def redis_flushed(plant: Plant, _random: Random) -> None:
    """Let Redis forget everything."""
    assert plant.redis is not None
    async with Redis.from_url(plant.redis.url) as redis:
        await redis.flushall()


async def redis_flushed_and_killed(plant: Plant, random: Random) -> None:
    """Let Redis forget everything while the server is away: all is made anew."""
    await plant.server.kill()
    await redis_flushed(plant, random)
    await plant.server.start()


async def redis_and_server_killed(plant: Plant, random: Random) -> None:
    """Kill Redis, then the server, and start the server first."""
    assert plant.redis is not None
    await plant.redis.kill()
    await asyncio.sleep(random.uniform(0, 0.5))
    await plant.server.kill()
    await plant.server.start()
    await asyncio.sleep(random.uniform(0, 1))
    await plant.redis.start()


async def store_killed(plant: Plant, random: Random) -> None:
    """Kill the event store, which has kept every event, and start it again."""
    server = _kurrentdb(plant).server
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(random.uniform(0.2, 2))
    await asyncio.to_thread(server.start)


async def store_hung(plant: Plant, random: Random) -> None:
    """Let the event store answer nobody for a while."""
    server = _kurrentdb(plant).server
    server.hang()
    await asyncio.sleep(random.uniform(1, 7))
    server.go_on()


async def store_dropped(plant: Plant, _random: Random) -> None:
    """Let the event store end every connection."""
    await asyncio.to_thread(_kurrentdb(plant).server.drop_connections)


async def store_and_server_killed(plant: Plant, random: Random) -> None:
    """Kill both: the device answers with what it kept, before the store is back."""
    store = _kurrentdb(plant).server
    # What was shown in the last moment before a kill is with the store alone
    await plant.rest()
    await _kurrentdb(plant).acknowledged()
    await asyncio.to_thread(store.kill)
    await plant.server.kill()
    await plant.server.start()
    await plant.answers()
    plant.go()
    await asyncio.sleep(random.uniform(0, 1))
    await asyncio.to_thread(store.start)


async def store_rolled_back(plant: Plant, random: Random) -> None:
    """Restore the event store from a backup: what it has now is the truth."""
    await plant.rest()
    mark = _kurrentdb(plant).server.mark()
    plant.go()
    await asyncio.sleep(random.uniform(0.3, 1))
    await plant.rest()
    await _with_other_log(
        plant, lambda: _kurrentdb(plant).server.roll_back(mark), again=False
    )


async def store_replaced(plant: Plant, _random: Random) -> None:
    """Give the event store another log, whose events begin anew."""
    await plant.rest()
    await _with_other_log(plant, _kurrentdb(plant).server.forget, again=True)


async def network_cut(plant: Plant, random: Random) -> None:
    """Let nothing through between the server and both its stores."""
    for proxy in plant.proxies:
        proxy.cut()
    await asyncio.sleep(random.uniform(1, 7))
    for proxy in plant.proxies:
        proxy.mend()


async def disk_full(plant: Plant, random: Random) -> None:
    """Fill the disk under the server, and make room again."""
    assert plant.disk is not None
    plant.disk.fill()
    await asyncio.sleep(random.uniform(0.5, 3))
    plant.disk.make_room()


async def disk_full_and_killed(plant: Plant, random: Random) -> None:
    """Fill the disk and kill the server; it starts again when there is room."""
    assert plant.disk is not None
    plant.disk.fill()
    await asyncio.sleep(random.uniform(0, 1))
    await plant.server.kill()
    plant.disk.make_room()
    await plant.server.start()


WITH_KURRENTDB: tuple[Fault, ...] = (
    redis_killed,
    redis_hung,
    redis_flushed,
    redis_flushed_and_killed,
    redis_and_server_killed,
    store_killed,
    store_hung,
    store_dropped,
    store_and_server_killed,
    store_rolled_back,
    store_replaced,
    network_cut,
)
WITH_A_DISK: tuple[Fault, ...] = (disk_full, disk_full_and_killed)


async def suffered(
    folder: Path, nursery: Nursery, random: Random, faults: tuple[Fault, ...]
) -> list[Trial]:
    """Return a trial for each fault of a plant, one after the other."""
    trials: list[Trial] = []
    on_disk = faults[0] in WITH_A_DISK
    with SmallDisk(folder / "disk", wanted=on_disk) as disk:
        async with plant_of(
            folder, nursery, random, kurrentdb=not on_disk, disk=disk
        ) as plant:
            for fault in faults:
                plant.go()
                await asyncio.sleep(random.uniform(0.2, 0.8))
                await fault(plant, random)
                trials.append(await _trial(fault, plant))
                if trials[-1].wrong:
                    break
            trials[-1] = _with_opinion(trials[-1], await plant.second_opinion())
    return trials


async def _trial(fault: Fault, plant: Plant) -> Trial:
    await asyncio.sleep(0.3)
    wrong = [*await plant.settle(), *plant.wrong]
    done = len(plant.watch.commands.done)
    found = f"{len(plant.load.kept)} events, {done} commands"
    return Trial(what=fault.__name__.replace("_", " "), found=found, wrong=tuple(wrong))


def _with_opinion(trial: Trial, opinion: list[str]) -> Trial:
    return Trial(what=trial.what, found=trial.found, wrong=(*trial.wrong, *opinion))


async def _with_other_log(
    plant: Plant, change: Callable[[], None], *, again: bool
) -> None:
    """Change the log at rest, and take what it has as all that was ever said."""
    plant.watch.blind()
    await asyncio.to_thread(change)
    if again:
        plant.load.kept.clear()
        await plant.load.define()
    there = {each.event_id for each in await plant.read(STREAM)}
    plant.load.kept = [each for each in plant.load.kept if each in there]
    told = told_commands(await plant.read(COMMANDS))
    commands = plant.watch.commands
    # What waited for the store comes to the new one
    commands.perhaps += [each for each in commands.done if each not in told]
    commands.done = [each for each in commands.done if each in told]
    await plant.agrees()
    plant.watch.see_anew()


def _kurrentdb(plant: Plant) -> KurrentStore:
    assert isinstance(plant.store, KurrentStore)
    return plant.store
