"""Two servers of one device: whatever happens to the one at work, never do both answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.peers.redis_server import RedisServer
from tests.ports import free_port

from ..part import Trial
from .load import Load
from .observer import Observer
from .plant import site_of
from .proxy import Proxy
from .server import GatewayServer, Nursery
from .stores import KurrentStore

# A tenth of what is real, so that a trial ends in seconds
SECONDS = {"HOLD_SECONDS": 3.0, "RENEW_SECONDS": 0.5, "ASK_SECONDS": 0.2}
TAKEN_OVER_SECONDS = 90.0
LOOK_SECONDS = 1.5


class Half(NamedTuple):
    """One of two servers, and its own way to Redis."""

    server: GatewayServer
    proxy: Proxy


class Pair:
    """Two servers of one site, and who looks at both."""

    def __init__(self, halves: dict[str, Half], observer: Observer) -> None:
        """Take both by their addresses."""
        self.halves = halves
        self.observer = observer

    async def holder(self) -> str:
        """Return who answers, as soon as one does."""
        self.observer.forget()
        return await self.observer.anybody(set(self.halves), TAKEN_OVER_SECONDS)

    async def taken_over(self, before: str) -> None:
        """Wait until the other one answers."""
        await self.observer.anybody(set(self.halves) - {before}, TAKEN_OVER_SECONDS)


type Fault = Callable[[Pair, str], Awaitable[None]]


async def holder_killed(pair: Pair, holder: str) -> None:
    """Kill the one at work; it comes back as the other's standby."""
    await pair.halves[holder].server.kill()
    await pair.taken_over(holder)
    await pair.halves[holder].server.start()


async def holder_stopped(pair: Pair, holder: str) -> None:
    """Stop the one at work until it is replaced, and let it go on where it was."""
    pair.halves[holder].server.hang()
    await pair.taken_over(holder)
    pair.halves[holder].server.go_on()


async def holder_cut_off(pair: Pair, holder: str) -> None:
    """Let nothing through between the one at work and Redis, until it is replaced."""
    pair.halves[holder].proxy.cut()
    await pair.taken_over(holder)
    pair.halves[holder].proxy.mend()


async def holder_ended(pair: Pair, holder: str) -> None:
    """End the one at work in good order; it comes back as the other's standby."""
    await pair.halves[holder].server.stop()
    await pair.taken_over(holder)
    await pair.halves[holder].server.start()


FAULTS: tuple[Fault, ...] = (
    holder_stopped,
    holder_cut_off,
    holder_killed,
    holder_ended,
)


async def taken_over(
    folder: Path, nursery: Nursery, random: Random, faults: tuple[Fault, ...]
) -> list[Trial]:
    """Return a trial for each fault: who answered, in which order."""
    trials = []
    async with pair_of(folder, nursery, random) as pair:
        for fault in faults:
            holder = await pair.holder()
            pair.observer.forget()
            await asyncio.sleep(random.uniform(0.2, 1))
            await fault(pair, holder)
            await asyncio.sleep(LOOK_SECONDS)
            trials.append(_trial(fault, holder, pair))
    return trials


def _trial(fault: Fault, holder: str, pair: Pair) -> Trial:
    answers = pair.observer.answers
    others = [number for number, each in enumerate(answers) if each.host != holder]
    first = others[0] if others else len(answers)
    late = [each for each in answers[first:] if each.host == holder]
    wrong = [f"{each.kind} of the one before, {each.at:.2f} s" for each in late[:5]]
    if not others:
        wrong.append("nobody took over")
    found = f"{first} answers, then {len(others)}; both at once: {len(late)}"
    return Trial(what=fault.__name__.replace("_", " "), found=found, wrong=tuple(wrong))


@asynccontextmanager
async def pair_of(
    folder: Path, nursery: Nursery, random: Random
) -> AsyncIterator[Pair]:
    """Run two servers of one device, under load and observed."""
    net = random.randint(70, 110)
    # One machine has each port of everybody once
    targets = [(f"127.0.{net}.{number}", free_port()) for number in (1, 2)]
    async with AsyncExitStack() as parts:
        store = KurrentStore(folder / "kurrentdb")
        await parts.enter_async_context(store)
        redis = await parts.enter_async_context(RedisServer(folder / "redis"))
        halves = {}
        for host, port in targets:
            proxy = await parts.enter_async_context(Proxy(redis.connect))
            url = f"redis://127.0.0.1:{proxy.port}"
            server = GatewayServer(
                nursery,
                folder / f"server-{port}",
                site_of(store, host, port, url, standby=True),
                port=free_port(),
                seconds=SECONDS,
            )
            parts.push_async_callback(server.kill)
            halves[host] = Half(server, proxy)
            await server.start()
        load = Load(store, random)
        await load.define()
        observer = Observer(targets, f"127.0.{net}.9")
        await observer.open()
        parts.callback(observer.close)
        load.go()
        tasks = [asyncio.create_task(each) for each in (load.run(), observer.ask())]
        try:
            yield Pair(halves, observer)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
