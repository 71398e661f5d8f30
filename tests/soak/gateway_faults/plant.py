"""Everything at work: a server, its stores, producers, and a client that watches."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.peers.redis_server import RedisServer
from tests.ports import free_port

from .load import INPUT_KEYS, VALUE_KEYS, Load
from .octets import PRESENT_VALUE, RELINQUISH_DEFAULT
from .opinion import opinions
from .proxy import Proxy
from .replay import Logged, Truth, replay
from .server import GatewayServer, Nursery
from .small_disk import SmallDisk
from .stores import COMMANDS, STREAM, EmbeddedStore, KurrentStore, NotKeptError
from .watch import PRIORITY, Watch, name_of, told_commands

INSTANCE = 4_000_001
SETTLE_SECONDS = 90.0
ANSWER_SECONDS = 90.0
NETWORK, SUBSCRIPTION = "lan", "north"


class Plant:
    """One server under load; wrong: all that was found wrong so far."""

    def __init__(
        self,
        server: GatewayServer,
        store: EmbeddedStore | KurrentStore,
        load: Load,
        watch: Watch,
        redis: RedisServer | None,
        proxies: Sequence[Proxy],
        disk: SmallDisk | None,
    ) -> None:
        self.server = server
        self.store = store
        self.load = load
        self.watch = watch
        self.redis = redis
        self.proxies = proxies
        self.disk = disk

    @property
    def wrong(self) -> list[str]:
        """Return what the client saw and must not see."""
        return self.watch.wrong + self.server.trouble()

    def go(self) -> None:
        """Let events and commands flow."""
        self.load.go()
        self.watch.go()

    async def rest(self) -> None:
        """Let neither flow; returns when what was begun has ended."""
        await asyncio.gather(self.load.rest(), self.watch.rest())

    async def answers(self) -> None:
        """Wait until the server answers what is asked after now."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with asyncio.timeout(ANSWER_SECONDS):
            while self.watch.answered_at <= asked:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def settle(self) -> list[str]:
        """Rest, compare with the truth until it agrees, and return what does not."""
        await self.rest()
        wrong = self._lost(await self.read(STREAM))
        differing = await self.agrees()
        return wrong + differing + self._twice(told_commands(await self.read(COMMANDS)))

    async def agrees(self) -> list[str]:
        """Wait until all that is shown is true; return what is not, after a while."""
        truths = replay(await self.read(STREAM))
        differing = ["never compared"]
        loop = asyncio.get_running_loop()
        until = loop.time() + SETTLE_SECONDS
        while differing and loop.time() < until:
            commands = told_commands(await self.read(COMMANDS))
            differing = [
                *self._uncommanded(commands),
                *await self._differing(truths, dict(commands)),
            ]
            if differing:
                await asyncio.sleep(0.05)
        return differing

    async def second_opinion(self) -> list[str]:
        """Return what rusty-bacnet reads that is not so by the plain replay."""
        truths = replay(await self.read(STREAM))
        commands = dict(told_commands(await self.read(COMMANDS)))
        expected = {
            name_of(key): (truth.name, _present(key, truth, commands))
            for key, truth in truths.items()
        }
        host, port = self.watch_target
        found = await opinions(host, port, [*expected])
        return [
            f"{name}: rusty reads {found[name]}, truly {truth}"
            for name, truth in expected.items()
            if truth[1] is not None and found[name] != truth
        ]

    @property
    def watch_target(self) -> tuple[str, int]:
        """Return where our device is."""
        return self.watch.target

    async def read(self, stream: str) -> list[Logged]:
        """Return a stream's events, as soon as the store answers."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                try:
                    return await self.store.read(stream)
                except NotKeptError:
                    await asyncio.sleep(0.1)

    def _lost(self, log: list[Logged]) -> list[str]:
        there = Counter(each.event_id for each in log)
        lost = [each for each in self.load.kept if there[each] != 1]
        return [f"{len(lost)} events are kept and not there once"] if lost else []

    def _uncommanded(self, told: list[tuple[int, float]]) -> list[str]:
        counted = Counter(told)
        lost = [each for each in self.watch.commands.done if not counted[each]]
        return [
            f"{name_of(key)} {value}: acknowledged, no event" for key, value in lost
        ]

    def _twice(self, told: list[tuple[int, float]]) -> list[str]:
        known = {*self.watch.commands.done, *self.watch.commands.perhaps}
        counted = Counter(told)
        return [
            f"{name_of(key)} {value}: {count} events of one command"
            for (key, value), count in counted.items()
            if count != 1 or (key, value) not in known
        ]

    async def _differing(
        self, truths: Mapping[int, Truth], commands: Mapping[int, float]
    ) -> list[str]:
        wrong = []
        for key in (*INPUT_KEYS, *VALUE_KEYS):
            truth = truths.get(key)
            if truth is None:
                continue
            wanted = {PRESENT_VALUE: _present(key, truth, commands)}
            if key in VALUE_KEYS:
                wanted[RELINQUISH_DEFAULT] = truth.plain
            for property_id, value in wanted.items():
                shown = await self.watch.value(key, property_id)
                if shown != (value or 0.0):
                    wrong.append(
                        f"{name_of(key)} property {property_id} shows {shown},"
                        f" truly {value}"
                    )
        return wrong


def _present(key: int, truth: Truth, commands: Mapping[int, float]) -> Any:
    slots = dict(truth.slots)
    if key in commands:
        slots[PRIORITY] = commands[key]
    return slots[min(slots)] if slots else truth.plain


def site_of(
    store: EmbeddedStore | KurrentStore,
    host: str,
    port: int,
    redis_url: str = "",
    **gateway: Any,
) -> dict[str, Any]:
    """Return a site of one network whose device one subscription fills."""
    return {
        "networks": [
            {
                "network_id": NETWORK, "name": "LAN", "port": port,
                "address": f"{host}/8", "instance": INSTANCE,
            }
        ],
        "gateway": {
            "stores": [{"store_id": "log", **store.options}],
            "subscriptions": [
                {
                    "subscription_id": SUBSCRIPTION, "store_id": "log",
                    "network_id": NETWORK, "stream": STREAM,
                }
            ],
            "redis_url": redis_url,
            **gateway,
        },
    }  # fmt: skip


@asynccontextmanager
async def plant_of(
    folder: Path,
    nursery: Nursery,
    random: Random,
    *,
    kurrentdb: bool,
    disk: SmallDisk | None = None,
) -> AsyncIterator[Plant]:
    """Run a plant: with a KurrentDB and a Redis that it can be cut from, or embedded ones.

    disk: whose folder the server's is in.
    """
    host, udp, tcp = f"127.0.{random.randint(20, 60)}.1", free_port(), free_port()
    own = ((disk and disk.folder) or folder) / "server"
    proxies: list[Proxy] = []
    async with AsyncExitStack() as parts:
        store: EmbeddedStore | KurrentStore
        redis = None
        if kurrentdb:
            store = KurrentStore(folder / "kurrentdb")
            redis = await parts.enter_async_context(RedisServer(folder / "redis"))
        else:
            store = EmbeddedStore(own, tcp)
        await parts.enter_async_context(store)
        redis_url = ""
        if redis is not None and isinstance(store, KurrentStore):
            proxies = [
                await parts.enter_async_context(Proxy(connect))
                for connect in (store.connect, redis.connect)
            ]
            store.gateway_uri = f"kurrentdb://127.0.0.1:{proxies[0].port}?Tls=false"
            redis_url = f"redis://127.0.0.1:{proxies[1].port}"
        wanted = site_of(store, host, udp, redis_url)
        server = GatewayServer(nursery, own, wanted, port=tcp, beside=folder)
        parts.push_async_callback(server.kill)
        watch = Watch((host, udp), host.removesuffix("1") + "9")
        parts.callback(watch.close)
        load = Load(store, random)
        plant = Plant(server, store, load, watch, redis, proxies, disk)
        await server.start()
        await load.define()
        tasks = [
            asyncio.create_task(work)
            for work in (load.run(), watch.read_for_ever(), watch.command_for_ever())
        ]
        try:
            plant.go()
            await plant.answers()
            yield plant
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
