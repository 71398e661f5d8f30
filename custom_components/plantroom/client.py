"""All that entities know: a mirror of the engine's state, and typed commands."""

import asyncio
import logging
from collections.abc import Callable
from uuid import uuid4

from .connection.base import Connection, StateListener
from .engine.errors import PlantroomError
from .engine.events import EngineEvent, NumberedEvent, ReadingsChanged
from .engine.listeners import Listeners
from .engine.modbus.register_map import RegisterPoint
from .engine.models import (
    FoundDevice,
    PointsDifference,
    Reading,
    WriteRequest,
    WriteResult,
)
from .engine.requests import (
    AuditQuery,
    AuditRow,
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


class EngineClient:
    """Talk to one engine over one connection."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection that is not connected."""
        self._connection = connection
        self._client_id = uuid4().hex
        self.mirror = Mirror()
        self._reading_listeners: dict[str, Listeners[Reading]] = {}
        self._change_listeners: Listeners[EngineEvent] = Listeners()
        self._watch_due: asyncio.Handle | None = None
        self._watch_task: asyncio.Task[None] | None = None
        self._early: list[NumberedEvent] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def connected(self) -> bool:
        """Return whether the engine can be asked now."""
        return self._connection.connected

    async def start(self, config: SiteConfig) -> None:
        """Connect, push the configuration and mirror what the engine knows."""
        self._early = []
        self._unsubscribe = self._connection.listen(self._receive)
        try:
            await self._connection.connect()
            await self.configure(config)
            snapshot: Snapshot = await self._connection.call("snapshot")
        except BaseException:
            await self.stop()
            raise
        self.mirror.take(snapshot)
        early, self._early = self._early, None
        for event in early:
            self._receive(event)
        if self._reading_listeners:
            self._schedule_watch()

    async def stop(self) -> None:
        """Leave the engine; calling it twice does no harm."""
        if self._watch_due is not None:
            self._watch_due.cancel()
            self._watch_due = None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        task, self._watch_task = self._watch_task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._connection.disconnect()

    def listen_changes(self, listener: ChangeListener) -> Callable[[], None]:
        """Call listener with every event but readings; return the unsubscribe."""
        return self._change_listeners.add(listener)

    def listen_connected(self, listener: StateListener) -> Callable[[], None]:
        """Call listener when the engine comes or goes; return the unsubscribe."""
        return self._connection.listen_state(listener)

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
        """Make the engine serve exactly these networks and devices."""
        await self._connection.call("configure", config)

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

    async def audit_log(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """Return audit rows, newest first."""
        rows: tuple[AuditRow, ...] = await self._connection.call("audit_log", query)
        return rows

    def _receive(self, numbered: NumberedEvent) -> None:
        if self._early is not None:
            self._early.append(numbered)
            return
        if not self.mirror.apply(numbered):
            return
        if isinstance(numbered.event, ReadingsChanged):
            self._tell_readings(numbered.event)
            return
        self._change_listeners.tell(numbered.event)

    def _tell_readings(self, event: ReadingsChanged) -> None:
        for point_id, reading in event.readings:
            listeners = self._reading_listeners.get(point_id)
            if listeners is not None:
                listeners.tell(reading)

    def _schedule_watch(self) -> None:
        """Send the watched points once, however many change in this turn."""
        if self._watch_due is None and self._unsubscribe is not None:
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
