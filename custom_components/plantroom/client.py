"""All that entities know: a mirror of the engine's state, and typed commands."""

import asyncio
import logging
from collections.abc import Callable
from uuid import uuid4

from .calls.alarms import AlarmCalls
from .calls.audit import AuditCalls
from .calls.engine_move import EngineMoveCalls
from .calls.gateway import GatewayCalls
from .calls.history import HistoryCalls
from .calls.leases import LeaseCalls
from .calls.secure_connect import SecureConnectCalls
from .connection.base import Connection, FailureListener, StateListener
from .engine.backoff import backoff_seconds
from .engine.errors import ConnectionLostError, PlantroomError, ReadOnlyError
from .engine.events import EngineEvent, NumberedEvent, ReadingsChanged
from .engine.listeners import Listeners
from .engine.modbus.registers.register_map import RegisterPoint
from .engine.models import (
    FoundDevice,
    PointsDifference,
    Reading,
    WriteRequest,
    WriteResult,
)
from .engine.requests import (
    Preview,
    PreviewRequest,
    ProfileSummary,
    PropertyAnswer,
    ReadPropertyRequest,
    ReadRegistersRequest,
    RegistersAnswer,
    ScanRequest,
    SetMeterRequest,
    Snapshot,
    WatchRequest,
)
from .engine.site_config import SiteConfig
from .mirror import Mirror

_LOGGER = logging.getLogger(__name__)

type ReadingListener = Callable[[Reading], None]
type ChangeListener = Callable[[EngineEvent], None]


class EngineClient(
    AlarmCalls,
    AuditCalls,
    EngineMoveCalls,
    GatewayCalls,
    HistoryCalls,
    LeaseCalls,
    SecureConnectCalls,
):
    """Talk to one engine over one connection.

    When the connection comes back after it was lost, the engine is told again what to
    serve and what to keep fresh, and listeners hear what they missed.
    """

    def __init__(self, connection: Connection, client_id: str | None = None) -> None:
        """Take a connection that is not connected.

        client_id: stays the same over restarts, so that a server keeps fresh what
        this client watches while it is away; None for a client that passes.
        """
        self._connection = connection
        self._client_id = client_id or uuid4().hex
        self.mirror = Mirror()
        self._site: SiteConfig | None = None
        self._connected = False
        self._instance: str | None = None
        self._state_listeners: Listeners[bool] = Listeners()
        self._reading_listeners: dict[str, Listeners[Reading]] = {}
        self._change_listeners: Listeners[EngineEvent] = Listeners()
        self._watch_due: asyncio.Handle | None = None
        self._watch_task: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self._early: list[NumberedEvent] | None = None
        self._unsubscribes: list[Callable[[], None]] = []

    @property
    def connected(self) -> bool:
        """Return whether the engine can be asked now and the mirror is right."""
        return self._connected

    @property
    def server_version(self) -> str:
        """Return the server's version as of the last contact, "" without a server."""
        return self._connection.server_version

    @property
    def may_configure(self) -> bool:
        """Return whether the engine takes our configuration, as of the last contact."""
        return self._connection.may_configure

    async def start(self, config: SiteConfig | None) -> None:
        """Connect, push the configuration and mirror what the engine knows.

        config: None for a client that takes what is served as it is. An engine that
        another one configures serves us all the same: see may_configure.
        """
        self._early = []
        self._instance = None
        self._unsubscribes.append(self._connection.listen(self._receive))
        try:
            await self._connection.connect()
            if config is not None and self._connection.may_configure:
                await self._configure_first(config)
            self._site = config
            await self._catch_up()
        except BaseException:
            await self.stop()
            raise
        self._unsubscribes.append(self._connection.listen_state(self._follow_state))
        if not self._connection.connected:
            self._follow_state(False)

    async def stop(self) -> None:
        """Leave the engine; calling it twice does no harm."""
        if self._watch_due is not None:
            self._watch_due.cancel()
            self._watch_due = None
        while self._unsubscribes:
            self._unsubscribes.pop()()
        tasks = [task for task in (self._watch_task, self._catching_up) if task]
        self._watch_task = self._catching_up = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._set_connected(False)
        await self._connection.disconnect()

    def listen_changes(self, listener: ChangeListener) -> Callable[[], None]:
        """Call listener with every event but readings; return the unsubscribe."""
        return self._change_listeners.add(listener)

    def listen_connected(self, listener: StateListener) -> Callable[[], None]:
        """Call listener when the engine comes or goes; return the unsubscribe."""
        return self._state_listeners.add(listener)

    def listen_failure(self, listener: FailureListener) -> Callable[[], None]:
        """Call listener with what keeps the engine away until a person mends it."""
        return self._connection.listen_failure(listener)

    def watch(self, point_id: str, listener: ReadingListener) -> Callable[[], None]:
        """Keep a point fresh and call listener with its readings."""
        listeners = self._reading_listeners.get(point_id)
        if listeners is None:
            listeners = self._reading_listeners[point_id] = Listeners()
            self._schedule_watch()
        unsubscribe = listeners.add(listener)

        def unwatch() -> None:
            unsubscribe()
            if not listeners and self._reading_listeners.get(point_id) is listeners:
                del self._reading_listeners[point_id]
                self._schedule_watch()

        return unwatch

    async def configure(self, config: SiteConfig) -> None:
        """Make the engine serve exactly these networks and devices.

        After a ConnectionLostError that is done when the connection is back.
        """
        before, self._site = self._site, config
        try:
            await self._connection.call("configure", config)
        except ConnectionLostError:
            raise
        except PlantroomError as err:
            self._site = before
            if isinstance(err, ReadOnlyError):
                self._connection.note_read_only()
            raise

    async def site(self) -> SiteConfig:
        """Return what the engine is asked to serve, by whomever."""
        site: SiteConfig = await self._connection.call("site")
        return site

    async def write(self, request: WriteRequest) -> WriteResult:
        """Command or release a point and return what the device made of it."""
        result: WriteResult = await self._connection.call("write", request)
        return result

    async def scan(self, request: ScanRequest) -> tuple[FoundDevice, ...]:
        """Look for devices; progress comes as events with the request's task id."""
        found: tuple[FoundDevice, ...] = await self._connection.call("scan", request)
        return found

    async def survey(self, device_id: str) -> PointsDifference:
        """Read a device's objects again and return what changed."""
        difference: PointsDifference = await self._connection.call("survey", device_id)
        return difference

    async def read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        """Read any property of any object now."""
        answer: PropertyAnswer = await self._connection.call("read_property", request)
        return answer

    async def preview(self, request: PreviewRequest) -> Preview:
        """Read the points that a unit would have, each with its value now."""
        preview: Preview = await self._connection.call("preview", request)
        return preview

    async def register_map(self, request: PreviewRequest) -> tuple[RegisterPoint, ...]:
        """Return the registers that a preview of this would read, words not swapped."""
        points: tuple[RegisterPoint, ...] = await self._connection.call(
            "register_map", request
        )
        return points

    async def read_registers(self, request: ReadRegistersRequest) -> RegistersAnswer:
        """Read addresses of a unit as they are."""
        answer: RegistersAnswer = await self._connection.call("read_registers", request)
        return answer

    async def modbus_profiles(self) -> tuple[ProfileSummary, ...]:
        """Return the device profiles one can choose, by maker and model."""
        profiles: tuple[ProfileSummary, ...] = await self._connection.call(
            "modbus_profiles"
        )
        return profiles

    async def set_meter(self, request: SetMeterRequest) -> None:
        """Set what a counter shows, or let it go on with another meter."""
        await self._connection.call("set_meter", request)

    async def _configure_first(self, config: SiteConfig) -> None:
        try:
            await self.configure(config)
        except ReadOnlyError:
            # Somebody else configured it after we were welcomed
            _LOGGER.warning("Another one configures the engine by now")

    def _receive(self, numbered: NumberedEvent) -> None:
        if self._early is not None:
            self._early.append(numbered)
            return
        if self.mirror.apply(numbered):
            self._tell(numbered.event)

    def _tell(self, event: EngineEvent) -> None:
        if isinstance(event, ReadingsChanged):
            self._tell_readings(event)
            return
        self._change_listeners.tell(event)

    def _tell_readings(self, event: ReadingsChanged) -> None:
        for point_id, reading in event.readings:
            listeners = self._reading_listeners.get(point_id)
            if listeners is not None:
                listeners.tell(reading)

    def _follow_state(self, connected: bool) -> None:
        if self._catching_up is not None:
            self._catching_up.cancel()
            self._catching_up = None
        if not connected:
            self._set_connected(False)
            return
        self._early = []
        self._catching_up = asyncio.get_running_loop().create_task(self._come_back())

    async def _come_back(self) -> None:
        """Be right again, however often that takes while the connection holds."""
        failures = 0
        while self._connection.connected:
            try:
                await self._push_again()
                await self._catch_up()
            except PlantroomError as err:
                failures += 1
                _LOGGER.warning("Could not catch up with the engine: %s", err)
                await asyncio.sleep(backoff_seconds(failures, first=1.0))
                # What came until now, the next answer holds
                self._early = []
            else:
                return

    async def _push_again(self) -> None:
        if self._site is None or not self._connection.may_configure:
            return
        try:
            await self.configure(self._site)
        except ConnectionLostError:
            raise
        except PlantroomError as err:
            _LOGGER.warning("The engine does not take its configuration: %s", err)

    async def _catch_up(self) -> None:
        """Make the mirror right, tell listeners what that changed, then be connected."""
        instance, missed = self._connection.instance, None
        again = self._instance is not None
        if instance == self._instance:
            missed = await self._connection.call("events_since", self.mirror.cursor)
        if missed is None:
            snapshot: Snapshot = await self._connection.call("snapshot")
            changes = self.mirror.take(snapshot)
            self._instance = instance
            for change in changes if again else ():
                self._tell(change)
        early, self._early = self._early, None
        for event in (*(missed or ()), *(early or ())):
            self._receive(event)
        self._set_connected(True)
        if again or self._reading_listeners:
            self._schedule_watch()

    def _set_connected(self, connected: bool) -> None:
        if connected != self._connected:
            self._connected = connected
            self._state_listeners.tell(connected)

    def _schedule_watch(self) -> None:
        """Send the watched points once, however many change in this turn."""
        if self._watch_due is None and self._connected:
            loop = asyncio.get_running_loop()
            self._watch_due = loop.call_soon(self._start_watch)

    def _start_watch(self) -> None:
        self._watch_due = None
        if self._watch_task is not None:
            self._watch_task.cancel()
        self._watch_task = asyncio.get_running_loop().create_task(self._send_watch())

    async def _send_watch(self) -> None:
        request = WatchRequest(
            client_id=self._client_id, point_ids=tuple(self._reading_listeners)
        )
        try:
            await self._connection.call("watch", request)
        except PlantroomError as err:
            _LOGGER.warning("Could not tell the engine what to keep fresh: %s", err)
