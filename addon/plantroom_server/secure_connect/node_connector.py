"""A node's connection to one of two hubs, for ever (AB.5.2, the hub connector)."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from custom_components.plantroom.engine.secure_connect.models import HubConnection
from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble

from .backoff import Backoff
from .connection import Connection
from .dial_errors import LinkError
from .node_patience import QUICK_TRIES, Patience

_LOGGER = logging.getLogger(__name__)

# The primary hub may answer first, so that one that is only slow is not left
HEAD_START_SECONDS: Final = 0.5
RETURN_SECONDS: Final = 7.0
LASTED_SECONDS: Final = 60.0

type Dial = Callable[[str], Awaitable[Connection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A connection to a hub; trouble: why it is not the primary one."""

    hub: HubConnection
    uri: str
    connection: Connection
    trouble: LinkError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast things are tried, in seconds."""

    head_start_seconds: float = HEAD_START_SECONDS
    return_seconds: float = RETURN_SECONDS
    lasted_seconds: float = LASTED_SECONDS


class NodeConnector:
    """Keeps one hub connection: to the primary hub, else to the failover."""

    def __init__(
        self,
        uris: dict[HubConnection, str],
        dial: Dial,
        moved: Callable[[Found | LinkError], None],
        backoff: Callable[[], Backoff],
        pace: Pace,
    ) -> None:
        """Take the hubs' URIs, how to dial one, and whom to tell of each move."""
        self._uris = uris
        self._dial = dial
        self._moved = moved
        self._backoff = backoff()
        self._pace = pace
        self._patience = {hub: Patience(backoff(), pace.lasted_seconds) for hub in uris}
        self._new_vmacs = QUICK_TRIES
        self._lost_at_primary: LinkError | None = None
        self._renew = asyncio.Event()
        self._farewells: set[asyncio.Task[None]] = set()

    def renew(self) -> None:
        """Connect anew, as after a change of certificates, before the old is left."""
        self._renew.set()

    async def run(self) -> None:
        """Connect, stay and connect again until cancelled; says goodbye then."""
        try:
            while True:
                await self._once()
        finally:
            await asyncio.gather(*self._farewells, return_exceptions=True)

    async def _once(self) -> None:
        try:
            found: Found | None = await self._reach()
            while found is not None:
                found = await self._stay(found)
        except LinkError as err:
            self._moved(err)
            await self._pause(err)
        except Exception as err:
            uri = self._uris[HubConnection.PRIMARY]
            _LOGGER.exception("The connection to %s failed", uri)
            self._moved(LinkError(HubTrouble.PROTOCOL, uri, type(err).__name__))
            await self._wait(self._backoff.next_seconds())

    async def _reach(self) -> Found:
        """Return a connection to the primary hub, else to the failover.

        A hub that is not to be tried yet is passed over. Raises LinkError.
        """
        first, *others = await self._those_to_try()
        dials = {first: self._dialed(first)}
        found: HubConnection | None = None
        try:
            for hub in others:
                await asyncio.wait(
                    dials.values(), timeout=self._pace.head_start_seconds
                )
                if not _came(dials[first]):
                    dials[hub] = self._dialed(hub)
            found = await _first_to_come(dials)
            return self._found(found, dials[found].result(), self._why(found, dials))
        finally:
            await _forget([task for hub, task in dials.items() if hub is not found])

    async def _those_to_try(self) -> list[HubConnection]:
        """Return hubs that may be tried, one at least, the primary one first."""
        while True:
            if self._renew.is_set():
                self._renew.clear()
                for patience in self._patience.values():
                    patience.forget()
            rests = {hub: self._rest(hub) for hub in self._uris}
            ready = [hub for hub, rest in rests.items() if not rest]
            if ready:
                return ready
            await self._wait(min(rests.values()))

    def _rest(self, hub: HubConnection) -> float:
        return self._patience[hub].rest_seconds(asyncio.get_running_loop().time())

    def _dialed(self, hub: HubConnection) -> asyncio.Task[Connection]:
        return asyncio.ensure_future(_awaited(self._dial(self._uris[hub])))

    def _why(
        self,
        found: HubConnection,
        dials: dict[HubConnection, asyncio.Task[Connection]],
    ) -> LinkError | None:
        """Return why it is not the primary hub; None when it is."""
        if found is HubConnection.PRIMARY:
            return None
        primary = dials.get(HubConnection.PRIMARY)
        if primary is None:
            return self._lost_at_primary
        err = primary.exception() if primary.done() else None
        if isinstance(err, LinkError):
            return err
        return LinkError(HubTrouble.NO_ANSWER, self._uris[HubConnection.PRIMARY])

    def _found(
        self, hub: HubConnection, connection: Connection, trouble: LinkError | None
    ) -> Found:
        uri = self._uris[hub]
        return Found(hub=hub, uri=uri, connection=connection, trouble=trouble)

    async def _stay(self, here: Found) -> Found | None:
        """Stay until a better one is found, and return it; None when this is lost."""
        connection, loop = here.connection, asyncio.get_running_loop()
        running = asyncio.create_task(connection.run())
        better = asyncio.create_task(self._better(here))
        since = loop.time()
        self._moved(here)
        self._new_vmacs = QUICK_TRIES
        self._backoff.reset()
        try:
            await asyncio.wait({running, better}, return_when=asyncio.FIRST_COMPLETED)
            if better.done():
                return better.result()
            ending = running.result()
        finally:
            better.cancel()
            farewell = asyncio.create_task(_leave(connection, running))
            self._farewells.add(farewell)
            farewell.add_done_callback(self._farewells.discard)
        lost = LinkError(ending.trouble, here.uri, ending.detail)
        if here.hub is HubConnection.PRIMARY:
            self._lost_at_primary = lost
        self._moved(lost)
        self._patience[here.hub].lost(loop.time(), loop.time() - since)
        return None

    async def _pause(self, err: LinkError) -> None:
        if err.trouble is HubTrouble.VMAC_REFUSED and self._new_vmacs:
            self._new_vmacs -= 1  # another one is tried at once
            return
        await self._wait(self._backoff.next_seconds())

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._renew.wait()

    async def _better(self, here: Found) -> Found:
        """Return the primary hub once it answers, or one anew when asked."""
        while True:
            if here.hub is HubConnection.PRIMARY:
                await self._renew.wait()
            else:
                varied = self._pace.return_seconds * random.uniform(0.8, 1)  # noqa: S311
                await self._wait(max(varied, self._rest(HubConnection.PRIMARY)))
            found = await self._tried(here)
            if found is not None:
                self._renew.clear()
                return found
            if self._renew.is_set():
                await asyncio.sleep(self._pace.return_seconds)

    async def _tried(self, here: Found) -> Found | None:
        hubs = [HubConnection.PRIMARY]
        if here.hub is HubConnection.FAILOVER and self._renew.is_set():
            hubs.append(HubConnection.FAILOVER)
        trouble = here.trouble
        for hub in hubs:
            try:
                connection = await self._dial(self._uris[hub])
            except LinkError as err:
                if hub is HubConnection.PRIMARY:
                    trouble = err
                    self._note(here, err)
                continue
            return self._found(
                hub, connection, None if hub is HubConnection.PRIMARY else trouble
            )
        return None

    def _note(self, here: Found, err: LinkError) -> None:
        """Tell why the primary hub is not used, while the failover is."""
        if here.hub is HubConnection.PRIMARY:
            _LOGGER.warning("Connecting anew failed, the old connection stays: %s", err)
            return
        self._moved(self._found(here.hub, here.connection, err))


async def _awaited(dialing: Awaitable[Connection]) -> Connection:
    return await dialing


def _came(dialed: asyncio.Task[Connection]) -> bool:
    return dialed.done() and not dialed.cancelled() and dialed.exception() is None


async def _first_to_come(
    dials: dict[HubConnection, asyncio.Task[Connection]],
) -> HubConnection:
    """Return the hub that accepts first; raises the first one's error if none does."""
    while True:
        for hub, task in dials.items():
            if _came(task):
                return hub
        waiting = [task for task in dials.values() if not task.done()]
        if not waiting:
            await next(iter(dials.values()))
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


async def _forget(dials: list[asyncio.Task[Connection]]) -> None:
    """Let go what was dialed and is not needed."""
    for task in dials:
        task.cancel()
    for made in await asyncio.gather(*dials, return_exceptions=True):
        if isinstance(made, Connection):
            await made.discard()


async def _leave(connection: Connection, running: asyncio.Task[object]) -> None:
    await connection.leave()
    await asyncio.gather(running, return_exceptions=True)
