"""The engine as clients may use it: who configures it, and what it does on its own."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final
from uuid import uuid4

from custom_components.plantroom.engine.backoff import backoff_seconds
from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import (
    PlantroomError,
    ReadOnlyError,
    StorageError,
)
from custom_components.plantroom.engine.event_bus import EventListener
from custom_components.plantroom.engine.history.history import HistoryState
from custom_components.plantroom.engine.polling import PollCounts
from custom_components.plantroom.engine.requests import Snapshot, WatchRequest
from custom_components.plantroom.engine.secure_connect.certificate_commands import (
    AUDITED_COMMANDS,
    RESERVED_COMMANDS,
)
from custom_components.plantroom.engine.site_config import SiteConfig

from .gateway.event_gateway import event_gateway
from .host import ServerHost
from .inlets.inlets import Inlets
from .kept import Kept
from .secure_connect.service import secure_connect

_LOGGER = logging.getLogger(__name__)

# Clients send their watch whenever it changes; the file is written when that settles
SAVE_SECONDS: Final = 2.0


class ServedEngine:
    """One engine, started again until it runs, with what it served last.

    site: what a file says is served; then no client may configure.
    """

    def __init__(
        self,
        host: ServerHost,
        *,
        site: SiteConfig | None = None,
        several_may_configure: bool = False,
        redis_url: str = "",
    ) -> None:
        """Take what the process lends; nothing is opened yet.

        redis_url: of the recovery cache where a site names none, "" for our own.
        """
        self.instance = uuid4().hex
        self.inlets = Inlets()
        self._engine = Engine(
            host,
            partial(
                event_gateway,
                host.data_folder,
                inlets=self.inlets,
                redis_url=redis_url,
            ),
            partial(secure_connect, host.data_folder),
        )
        self._kept = Kept(host.data_folder)
        self._file_site = site
        self._several_may_configure = several_may_configure
        self._owner = ""
        self._kept_site: SiteConfig | None = None
        self._ready = False
        self._starting: asyncio.Task[None] | None = None
        self._configuring = asyncio.Lock()
        self._trying: asyncio.Task[None] | None = None
        self._unsaved: dict[str, tuple[str, ...]] = {}
        self._saving: asyncio.Task[None] | None = None
        self._configures: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> bool:
        """Return whether the engine runs and serves what it served last."""
        return self._ready

    @property
    def polls(self) -> PollCounts:
        """Return how often devices were read since the start."""
        return self._engine.polls

    @property
    def history(self) -> HistoryState:
        """Return how much of the past is kept."""
        return self._engine.history

    def start(self) -> None:
        """Start the engine as soon as that succeeds; what hinders it is logged."""
        self._trying = asyncio.get_running_loop().create_task(self._keep_trying())

    async def stop(self) -> None:
        """Finish what is under way and stop; calling it twice does no harm."""
        trying, self._trying = self._trying, None
        if trying is not None:
            trying.cancel()
            await asyncio.gather(trying, return_exceptions=True)
        under_way = [*self._configures, *filter(None, [self._starting])]
        await asyncio.gather(*under_way, return_exceptions=True)
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
            self._saving = None
        if self._ready:
            await self._save_watches()
        self._ready = False
        await self._engine.stop()
        await self._kept.stop()

    async def until_ready(self) -> None:
        """Return when the engine runs, or raise what keeps it from starting."""
        if self._ready:
            return
        if self._starting is None or self._starting.done():
            loop = asyncio.get_running_loop()
            self._starting = loop.create_task(self._start_engine())
        # Whoever waits may go: a start is not left half done
        await asyncio.shield(self._starting)

    def listen(self, listener: EventListener) -> Callable[[], None]:
        """Call listener with every event; return the unsubscribe."""
        return self._engine.events.listen(listener)

    def may_configure(self, client: str) -> bool:
        """Return whether a client's configuration would be taken now."""
        if self._file_site is not None:
            return False
        return self._several_may_configure or self._owner in ("", client)

    def configured_by(self, client: str) -> str:
        """Return who configures: "file", "client" (another one), "" for this one."""
        if self._file_site is not None:
            return "file"
        return "client" if self._owner not in ("", client) else ""

    async def take_over(self, client: str) -> str:
        """Let a client be the one who configures, if any may; raises StorageError.

        Return who was that before and is not any more, "" for nobody.
        """
        if self._file_site is not None or self._owner == client:
            return ""
        _LOGGER.warning("Client %s configures from now on", client)
        await self._kept.save_owner(client)
        before, self._owner = self._owner, client
        return "" if self._several_may_configure else before

    async def call(self, client: str, command: str, request: Any) -> Any:
        """Run a command for a client; raises ReadOnlyError or the command's errors."""
        match command:
            case "configure":
                return await self._configure(client, request)
            case "watch":
                return await self._watch(client, request)
            case "write":
                # Whose absence ends a lease: nobody can name another
                request = replace(request, client=client)
            case "take_meter_records" | "drop_leases":
                self._check_right(client)
            case "take_leases":
                self._check_right(client)
                request = replace(request, client=client)
            case _ if command in RESERVED_COMMANDS:
                self._check_right(client)
                if command in AUDITED_COMMANDS:
                    named = request.actor or f"client {client}"
                    request = replace(request, actor=named)
        return await self._engine.call(command, request)

    async def snapshot(self) -> Snapshot:
        """Return all there is to know now."""
        return await self._engine.snapshot()

    def client_came(self, client: str) -> None:
        """Note that a client is served: what it holds goes on."""
        self._engine.client_came(client)

    async def client_went(self, client: str) -> None:
        """Note that a client is served no more; what it holds may end in a while."""
        try:
            await self._engine.client_went(client)
        except StorageError as err:
            _LOGGER.warning("Not kept when client %s went: %s", client, err)

    async def forget_passing_watches(self, client: str, watchers: set[str]) -> None:
        """End the watches of a client that went, but the one of its own id."""
        for watcher in watchers - {client}:
            await self._engine.watch(
                WatchRequest(client_id=f"{client}/{watcher}", point_ids=())
            )

    async def _keep_trying(self) -> None:
        failures = 0
        while True:
            try:
                await self.until_ready()
            except PlantroomError as err:
                _LOGGER.warning("The engine cannot start: %s", err)
            except Exception:
                _LOGGER.exception("The engine broke when it started")
            else:
                return
            failures += 1
            await asyncio.sleep(backoff_seconds(failures))

    async def _start_engine(self) -> None:
        try:
            await self._kept.start()
            await self._engine.start()
            await self._serve_what_was_kept()
        except BaseException:
            await self._engine.stop()
            await self._kept.stop()
            raise
        self._ready = True

    async def _serve_what_was_kept(self) -> None:
        kept = await self._kept.load()
        self._owner, self._kept_site = kept.owner, kept.site
        site = kept.site
        if self._file_site is not None:
            site = replace(self._file_site, changed_by="site file")
        for client, point_ids in kept.watches.items():
            await self._engine.watch(
                WatchRequest(client_id=client, point_ids=point_ids)
            )
        if site is None:
            return
        try:
            await self._engine.configure(site)
        except PlantroomError as err:
            _LOGGER.warning("Cannot serve what was served last: %s", err)

    async def _configure(self, client: str, site: SiteConfig) -> None:
        # A client that goes in the middle of it must not leave half a site
        task = asyncio.get_running_loop().create_task(self._serve(client, site))
        self._configures.add(task)
        task.add_done_callback(self._configures.discard)
        await asyncio.shield(task)

    async def _serve(self, client: str, site: SiteConfig) -> None:
        async with self._configuring:
            self._check_right(client)
            named = site.changed_by or f"client {client}"
            await self._engine.configure(replace(site, changed_by=named))
            # Who has nothing served leaves the server to whoever comes next
            owner = client if site.all_networks else ""
            if (site, owner) == (self._kept_site, self._owner):
                return
            self._owner = owner
            try:
                await self._kept.save_site(site, owner)
            except StorageError as err:
                _LOGGER.warning("A restart will not know what is served: %s", err)
            else:
                self._kept_site = site

    def _check_right(self, client: str) -> None:
        if not self.may_configure(client):
            owner = "client" if self._file_site is None else "file"
            raise ReadOnlyError("Another one configures this server", owner=owner)

    async def _watch(self, client: str, request: WatchRequest) -> None:
        watcher = request.client_id
        if watcher == client:
            self._unsaved[client] = request.point_ids
            if self._saving is None:
                loop = asyncio.get_running_loop()
                self._saving = loop.create_task(self._save_soon())
        else:
            # Nobody ends a watch of somebody else's
            request = replace(request, client_id=f"{client}/{watcher}")
        await self._engine.watch(request)

    async def _save_soon(self) -> None:
        try:
            while self._unsaved:
                await asyncio.sleep(SAVE_SECONDS)
                await self._save_watches()
        finally:
            self._saving = None

    async def _save_watches(self) -> None:
        unsaved, self._unsaved = self._unsaved, {}
        try:
            for client, point_ids in unsaved.items():
                await self._kept.save_watch(client, point_ids)
        except PlantroomError as err:
            _LOGGER.warning("Cannot keep what clients watch: %s", err)
        except asyncio.CancelledError:
            # Whoever stops us saves all of it
            self._unsaved = unsaved | self._unsaved
            raise
