"""An engine made of data: what the integration's tests talk to instead of a network.

World holds what the field would answer; every FakeConnection made of it is one engine.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, override

from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.engine.alarms.configuration import AlarmRule
from custom_components.plantroom.engine.alarms.models import Alarm, TransitionKind
from custom_components.plantroom.engine.alarms.requests import (
    AcknowledgeRequest,
    AlarmReplay,
    AlarmsSinceRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)
from custom_components.plantroom.engine.errors import ConnectionLostError
from custom_components.plantroom.engine.events import (
    AlarmsChanged,
    EngineEvent,
    NetworkStatusChanged,
    NumberedEvent,
    ReadingsChanged,
    WriteDone,
)
from custom_components.plantroom.engine.gateway.configuration import EventStoreConfig
from custom_components.plantroom.engine.gateway.models import ParkedEvent, StoreCheck
from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HoursRequest,
    TrendLogSummary,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
)
from custom_components.plantroom.engine.models import (
    Device,
    DeviceStatus,
    FoundDevice,
    Health,
    NetworkStatus,
    Point,
    PointsDifference,
    Problem,
    Reading,
    ReadingSource,
    Verdict,
    WriteRequest,
    WriteResult,
)
from custom_components.plantroom.engine.requests import (
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
from custom_components.plantroom.engine.site_config import (
    BacnetNetworkConfig,
    NetworkConfig,
    SiteConfig,
)

from .fake_alarms import FakeAlarms
from .fake_gateway import FakeGateway
from .fake_units import PROFILES, FakeUnit, ask, preview_of, read, registers_of

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class World:
    """What is out there. Devices, points and readings are known when configured."""

    found: list[FoundDevice] = field(default_factory=list)
    devices: dict[str, Device] = field(default_factory=dict)
    statuses: dict[str, DeviceStatus] = field(default_factory=dict)
    points: dict[str, Point] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    answers: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    # Raised by the command of the name, "connect" included, until taken out again.
    failures: dict[str, BaseException] = field(default_factory=dict)
    # What a network is like as soon as it is configured; HEALTHY when it says nothing.
    network_status: Callable[[BacnetNetworkConfig], NetworkStatus | None] | None = None
    problems: Callable[[SiteConfig], tuple[Problem, ...]] | None = None
    # Set to hold scans back until the event is set.
    scan_gate: asyncio.Event | None = None
    write_verdict: Callable[[WriteRequest], WriteResult] | None = None
    # Set by the first configuration and the first scan.
    configured: asyncio.Event = field(default_factory=asyncio.Event)
    scanning: asyncio.Event = field(default_factory=asyncio.Event)
    scans: list[ScanRequest] = field(default_factory=list)
    writes: list[WriteRequest] = field(default_factory=list)
    connections: list[FakeConnection] = field(default_factory=list)
    # The units of every Modbus line, by unit id.
    units: dict[int, FakeUnit] = field(default_factory=dict)
    previews: list[PreviewRequest] = field(default_factory=list)
    meters_set: list[SetMeterRequest] = field(default_factory=list)
    # Rules that the engine suggests, for whatever device it is asked.
    suggestions: tuple[AlarmRule, ...] = ()
    alarms: FakeAlarms = field(default_factory=FakeAlarms)
    # What is known of the past, nothing when it is not said; logs: by device.
    hours: Callable[[HoursRequest], Awaitable[HoursAnswer]] | None = None
    trend_logs: dict[str, tuple[TrendLogSummary, ...]] = field(default_factory=dict)
    gateway: FakeGateway = field(default_factory=FakeGateway)

    def connection(self, *_: object, **__: object) -> FakeConnection:
        """Return a new engine of this world; the engine it is given is not used."""
        connection = FakeConnection(self)
        self.connections.append(connection)
        return connection

    @property
    def running(self) -> list[FakeConnection]:
        """Return the engines that run."""
        return [item for item in self.connections if item.connected]


class FakeConnection(Connection):
    """Answers commands out of a World, and tells what the test says."""

    def __init__(self, world: World) -> None:
        """Take the world; not connected."""
        super().__init__()
        self.world = world
        self.sites: list[SiteConfig] = []
        self.watched: tuple[str, ...] = ()
        self._number = 0

    @property
    def site(self) -> SiteConfig:
        """Return the configuration in force."""
        return self.sites[-1]

    def tell(self, event: EngineEvent) -> None:
        """Publish an event, as the engine would."""
        self._number += 1
        self._deliver(NumberedEvent(number=self._number, event=event))

    def lose(self) -> None:
        """Break the wire."""
        self._set_connected(False)

    def read(self, point_id: str, value: Any, **facts: Any) -> None:
        """Publish a new reading of a point and keep it."""
        facts = {"at": AT, "source": ReadingSource.COV, **facts}
        reading = Reading(value=value, **facts)
        self.world.readings[point_id] = reading
        self.tell(ReadingsChanged(readings=((point_id, reading),)))

    def happen(self, kind: TransitionKind, alarm: Alarm, **facts: Any) -> None:
        """Publish what happened to an alarm, and keep it in the journal."""
        at = facts.pop("at", None) or datetime.now(UTC)
        transition = self.world.alarms.happen(kind, alarm, at, **facts)
        self.tell(AlarmsChanged(transitions=(transition,)))

    @override
    async def connect(self) -> None:
        self._fail("connect")
        self._set_connected(True)

    @override
    async def disconnect(self) -> None:
        self._set_connected(False)

    @override
    async def call(self, command: str, request: Any = None) -> Any:
        if not self.connected:
            raise ConnectionLostError("The engine is stopped")
        self._fail(command)
        return await getattr(self, f"_{command}")(
            *(() if request is None else (request,))
        )

    def _fail(self, command: str) -> None:
        if command in self.world.failures:
            raise self.world.failures[command]

    async def _configure(self, site: SiteConfig) -> None:
        self.sites.append(site)
        self.world.configured.set()
        for network in site.all_networks:
            self.tell(NetworkStatusChanged(status=self._status(network)))

    async def _snapshot(self) -> Snapshot:
        served = {device.device_id for device in self.site.all_devices}
        points = [p for p in self.world.points.values() if p.device_id in served]
        return Snapshot(
            cursor=self._number,
            networks=tuple(self._status(network) for network in self.site.all_networks),
            devices=tuple(
                self.world.devices[i] for i in self.world.devices if i in served
            ),
            statuses=tuple(
                self.world.statuses[i] for i in self.world.statuses if i in served
            ),
            points=tuple(points),
            readings=tuple(
                (point.point_id, self.world.readings[point.point_id])
                for point in points
                if point.point_id in self.world.readings
            ),
            problems=self.world.problems(self.site) if self.world.problems else (),
            alarms=tuple(self.world.alarms.open.values()),
            alarm_cursor=self.world.alarms.last,
            maintenance=self.world.alarms.maintenance,
            flood=self.world.alarms.flood,
            subscriptions=self.world.gateway.of_site(self.site),
        )

    async def _events_since(self, _cursor: int) -> None:
        return None

    def _status(self, network: NetworkConfig) -> NetworkStatus:
        said = None
        if self.world.network_status and isinstance(network, BacnetNetworkConfig):
            said = self.world.network_status(network)
        return said or NetworkStatus(
            network_id=network.network_id, health=Health.HEALTHY, since=AT
        )

    async def _watch(self, request: WatchRequest) -> None:
        self.watched = request.point_ids

    async def _scan(self, request: ScanRequest) -> tuple[FoundDevice, ...]:
        self.world.scans.append(request)
        self.world.scanning.set()
        if self.world.scan_gate is not None:
            await self.world.scan_gate.wait()
            self._fail("scan")
        if request.network_id in {line.network_id for line in self.site.modbus_lines}:
            return tuple(
                unit.found(request.network_id, unit_id)
                for unit_id, unit in self.world.units.items()
                if request.low <= unit_id <= request.high
            )
        return tuple(
            in_network(device, request.network_id)
            for device in self.world.found
            if request.low <= device.instance <= request.high
            and request.address in {"", device.address}
        )

    async def _survey(self, device_id: str) -> PointsDifference:
        return PointsDifference(device_id=device_id)

    async def _read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        key = (request.device_id, request.reference, request.property_name)
        return PropertyAnswer(
            device_id=request.device_id,
            reference=request.reference,
            property_name=request.property_name,
            value=self.world.answers[key],
        )

    async def _write(self, request: WriteRequest) -> WriteResult:
        self.world.writes.append(request)
        if self.world.write_verdict is not None:
            result = self.world.write_verdict(request)
        else:
            result = WriteResult(
                point_id=request.point_id,
                verdict=Verdict.VERIFIED,
                requested=request.value,
                present_value=request.value,
                priority=request.priority,
            )
        self.tell(WriteDone(result=result, actor=request.actor))
        return result

    async def _preview(self, request: PreviewRequest) -> Preview:
        self.world.previews.append(request)
        return preview_of(ask(self.world.units, request.unit_id), request, AT)

    async def _register_map(self, request: PreviewRequest) -> tuple[RegisterPoint, ...]:
        return registers_of(request)

    async def _read_registers(self, request: ReadRegistersRequest) -> RegistersAnswer:
        return RegistersAnswer(words=tuple(read(self.world.units, request)))

    async def _modbus_profiles(self) -> tuple[ProfileSummary, ...]:
        return tuple(summary for summary, _ in PROFILES.values())

    async def _set_meter(self, request: SetMeterRequest) -> None:
        self.world.meters_set.append(request)

    async def _hours(self, request: HoursRequest) -> HoursAnswer:
        if self.world.hours is None:
            return HoursAnswer(hours=())
        return await self.world.hours(request)

    async def _trend_logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        return self.world.trend_logs.get(device_id, ())

    async def _alarms_since(self, request: AlarmsSinceRequest) -> AlarmReplay:
        return self.world.alarms.since(request)

    async def _acknowledge_alarm(self, request: AcknowledgeRequest) -> Alarm:
        transition = self.world.alarms.acknowledge(request, datetime.now(UTC))
        self.tell(AlarmsChanged(transitions=(transition,)))
        return transition.alarm

    async def _shelve_alarm(self, request: ShelveRequest) -> None:
        transition = self.world.alarms.shelve(request, datetime.now(UTC))
        if transition is not None:
            self.tell(AlarmsChanged(transitions=(transition,)))

    async def _unshelve_alarm(self, request: UnshelveRequest) -> None:
        self.world.alarms.asked.append(request)

    async def _alarm_suggestions(self, _device_id: str) -> tuple[AlarmRule, ...]:
        return self.world.suggestions

    async def _set_maintenance(self, request: MaintenanceRequest) -> None:
        self.world.alarms.asked.append(request)

    async def _parked_events(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        return self.world.gateway.parked_of(subscription_id)

    async def _replay_parked(self, subscription_id: str) -> None:
        self.world.gateway.replayed.append(subscription_id)

    async def _resume_subscription(self, subscription_id: str) -> None:
        self.world.gateway.resumed.append(subscription_id)

    async def _check_event_store(self, store: EventStoreConfig) -> StoreCheck:
        return self.world.gateway.check(store)

    async def _audit_log(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        rows = [r for r in self.world.audit if query.point_id in {"", r.point_id}]
        return tuple(rows[: query.limit])


def in_network(device: FoundDevice, network_id: str) -> FoundDevice:
    """Return the device as found on the network searched."""
    return FoundDevice(
        network_id=network_id,
        instance=device.instance,
        address=device.address,
        name=device.name,
        vendor=device.vendor,
        vendor_id=device.vendor_id,
        model=device.model,
        firmware=device.firmware,
        points=device.points,
        duplicate_of=device.duplicate_of,
    )
