"""A copy of the engine's state, kept right by its numbered events."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy

from .engine.alarms.models import Alarm, AlarmFlood, AlarmTransition, Maintenance
from .engine.events import (
    AlarmFloodChanged,
    AlarmsChanged,
    CertificatesChanged,
    DeviceChanged,
    DeviceRemoved,
    DeviceStatusChanged,
    EngineEvent,
    LeaseChanged,
    LeaseEnded,
    MaintenanceChanged,
    NetworkRemoved,
    NetworkStatusChanged,
    NumberedEvent,
    PointsChanged,
    ProblemsChanged,
    ReadingsChanged,
    SecureHubChanged,
    SecureHubRemoved,
    SecureNetworkChanged,
    SecureNetworkRemoved,
    SubscriptionChanged,
    SubscriptionRemoved,
)
from .engine.gateway.models import SubscriptionStatus
from .engine.leases.models import Lease, LeaseCause
from .engine.models import (
    Device,
    DeviceStatus,
    NetworkStatus,
    Point,
    Problem,
    Reading,
)
from .engine.requests import Snapshot
from .engine.secure_connect.certificates import CertificateStock
from .engine.secure_connect.models import SecureHubStatus, SecureNetworkStatus


class Mirror:
    """Devices, points, readings, problems and open alarms, as of the event `cursor`.

    alarm_cursor: the number of the latest transition of an alarm it knows of.
    """

    def __init__(self) -> None:
        """Start knowing nothing."""
        self.cursor = 0
        self.networks: dict[str, NetworkStatus] = {}
        self.devices: dict[str, Device] = {}
        self.statuses: dict[str, DeviceStatus] = {}
        self.points: dict[str, Point] = {}
        self.readings: dict[str, Reading] = {}
        self.problems: tuple[Problem, ...] = ()
        self.alarms: dict[str, Alarm] = {}
        self.alarm_cursor = 0
        self.maintenance: tuple[Maintenance, ...] = ()
        self.flood: AlarmFlood | None = None
        self.leases: dict[str, Lease] = {}
        self.subscriptions: dict[str, SubscriptionStatus] = {}
        self.secure_networks: dict[str, SecureNetworkStatus] = {}
        self.secure_hubs: dict[str, SecureHubStatus] = {}
        self.certificates = CertificateStock()

    def take(self, snapshot: Snapshot) -> tuple[EngineEvent, ...]:
        """Become what the snapshot says; return what would have led there from before."""
        before = copy(self)
        self.cursor = snapshot.cursor
        self.networks = {item.network_id: item for item in snapshot.networks}
        self.devices = {item.device_id: item for item in snapshot.devices}
        self.statuses = {item.device_id: item for item in snapshot.statuses}
        self.points = {item.point_id: item for item in snapshot.points}
        self.readings = dict(snapshot.readings)
        self.problems = snapshot.problems
        self.alarms = {item.alarm_id: item for item in snapshot.alarms}
        self.alarm_cursor = snapshot.alarm_cursor
        self.maintenance = snapshot.maintenance
        self.flood = snapshot.flood
        self.leases = {item.lease_id: item for item in snapshot.leases}
        self.subscriptions = {
            item.subscription_id: item for item in snapshot.subscriptions
        }
        self.secure_networks = {
            item.network_id: item for item in snapshot.secure_networks
        }
        self.secure_hubs = {item.hub_id: item for item in snapshot.secure_hubs}
        self.certificates = snapshot.certificates
        return (*_gone(before, self), *_come(before, self))

    def apply(self, numbered: NumberedEvent) -> bool:
        """Follow one event; return False for one that the mirror already has."""
        if numbered.number <= self.cursor:
            return False
        self.cursor = numbered.number
        self._follow(numbered.event)
        return True

    def points_of(self, device_id: str) -> list[Point]:
        """Return the points of a device, in no particular order."""
        return [p for p in self.points.values() if p.device_id == device_id]

    def leases_of(self, point_id: str) -> list[Lease]:
        """Return the open leases of a point, the strongest first."""
        if not self.leases:
            return []
        found = [each for each in self.leases.values() if each.point_id == point_id]
        return sorted(found, key=lambda lease: lease.priority or 0)

    def _follow(self, event: EngineEvent) -> None:
        match event:
            case ReadingsChanged(readings=readings):
                self.readings.update(readings)
            case DeviceChanged(device=device):
                self.devices[device.device_id] = device
            case DeviceRemoved(device_id=device_id):
                self._forget_device(device_id)
            case PointsChanged():
                self._follow_points(event)
            case DeviceStatusChanged(status=status):
                self.statuses[status.device_id] = status
            case NetworkStatusChanged(status=status):
                self.networks[status.network_id] = status
            case NetworkRemoved(network_id=network_id):
                self.networks.pop(network_id, None)
            case ProblemsChanged(problems=problems):
                self.problems = problems
            case AlarmsChanged() | MaintenanceChanged() | AlarmFloodChanged():
                self._follow_alarms(event)
            case _:
                self._follow_services(event)

    def _follow_services(self, event: EngineEvent) -> None:
        match event:
            case LeaseChanged(lease=lease):
                self.leases[lease.lease_id] = lease
            case LeaseEnded(lease=lease):
                self.leases.pop(lease.lease_id, None)
            case SubscriptionChanged(status=status):
                self.subscriptions[status.subscription_id] = status
            case SubscriptionRemoved(subscription_id=subscription_id):
                self.subscriptions.pop(subscription_id, None)
            case SecureNetworkChanged(status=status):
                self.secure_networks[status.network_id] = status
            case SecureNetworkRemoved(network_id=network_id):
                self.secure_networks.pop(network_id, None)
            case SecureHubChanged(status=status):
                self.secure_hubs[status.hub_id] = status
            case SecureHubRemoved(hub_id=hub_id):
                self.secure_hubs.pop(hub_id, None)
            case CertificatesChanged(stock=stock):
                self.certificates = stock

    def _follow_alarms(self, event: EngineEvent) -> None:
        match event:
            case AlarmsChanged(transitions=transitions):
                self._follow_transitions(transitions)
            case MaintenanceChanged(maintenance=maintenance):
                self.maintenance = maintenance
            case AlarmFloodChanged(flood=flood):
                self.flood = flood

    def _follow_transitions(self, transitions: tuple[AlarmTransition, ...]) -> None:
        for transition in transitions:
            alarm = transition.alarm
            if alarm.is_open:
                self.alarms[alarm.alarm_id] = alarm
            else:
                self.alarms.pop(alarm.alarm_id, None)
            self.alarm_cursor = transition.number

    def _follow_points(self, event: PointsChanged) -> None:
        for point in (*event.added, *event.changed):
            self.points[point.point_id] = point
        for point_id in event.removed:
            self.points.pop(point_id, None)
            self.readings.pop(point_id, None)

    def _forget_device(self, device_id: str) -> None:
        self.devices.pop(device_id, None)
        self.statuses.pop(device_id, None)
        for point in self.points_of(device_id):
            del self.points[point.point_id]
            self.readings.pop(point.point_id, None)


def _gone(before: Mirror, after: Mirror) -> Iterator[EngineEvent]:
    """Yield what is there no more, devices before their network."""
    known = before.devices.keys() | before.statuses.keys()
    for device_id in sorted(known - after.devices.keys() - after.statuses.keys()):
        yield DeviceRemoved(device_id=device_id)
    for network_id in before.networks.keys() - after.networks.keys():
        yield NetworkRemoved(network_id=network_id)


def _come(before: Mirror, after: Mirror) -> Iterator[EngineEvent]:
    """Yield what is new or different, in the order in which an engine tells it."""
    for network in _news(before.networks, after.networks):
        yield NetworkStatusChanged(status=network)
    for device in _news(before.devices, after.devices):
        yield DeviceChanged(device=device)
    yield from _different_points(before, after)
    for status in _news(before.statuses, after.statuses):
        yield DeviceStatusChanged(status=status)
    readings = tuple(
        (point_id, reading)
        for point_id, reading in after.readings.items()
        if before.readings.get(point_id) != reading
    )
    if readings:
        yield ReadingsChanged(readings=readings)
    if before.problems != after.problems:
        yield ProblemsChanged(problems=after.problems)
    yield from _different_alarms(before, after)
    yield from _different_leases(before, after)
    yield from _different_subscriptions(before, after)
    yield from _different_secure_connect(before, after)


def _different_alarms(before: Mirror, after: Mirror) -> Iterator[EngineEvent]:
    if before.maintenance != after.maintenance:
        yield MaintenanceChanged(maintenance=after.maintenance)
    if before.flood != after.flood:
        yield AlarmFloodChanged(flood=after.flood)
    if (before.alarm_cursor, before.alarms) != (after.alarm_cursor, after.alarms):
        # What happened to them, the journal tells
        yield AlarmsChanged(transitions=())


def _different_leases(before: Mirror, after: Mirror) -> Iterator[EngineEvent]:
    for lease_id, lease in before.leases.items():
        if lease_id not in after.leases:
            cause = lease.ending or LeaseCause.RELEASED.value
            yield LeaseEnded(lease=lease, cause=cause)
    for lease in _news(before.leases, after.leases):
        yield LeaseChanged(lease=lease)


def _different_subscriptions(before: Mirror, after: Mirror) -> Iterator[EngineEvent]:
    for subscription_id in before.subscriptions.keys() - after.subscriptions.keys():
        yield SubscriptionRemoved(subscription_id=subscription_id)
    for status in _news(before.subscriptions, after.subscriptions):
        yield SubscriptionChanged(status=status)


def _different_secure_connect(before: Mirror, after: Mirror) -> Iterator[EngineEvent]:
    for network_id in before.secure_networks.keys() - after.secure_networks.keys():
        yield SecureNetworkRemoved(network_id=network_id)
    for network in _news(before.secure_networks, after.secure_networks):
        yield SecureNetworkChanged(status=network)
    for hub_id in before.secure_hubs.keys() - after.secure_hubs.keys():
        yield SecureHubRemoved(hub_id=hub_id)
    for hub in _news(before.secure_hubs, after.secure_hubs):
        yield SecureHubChanged(status=hub)
    if before.certificates != after.certificates:
        yield CertificatesChanged(stock=after.certificates)


def _different_points(before: Mirror, after: Mirror) -> Iterator[PointsChanged]:
    """Yield what became of the points of each device that is still there."""
    old, new = _by_device(before.points.values()), _by_device(after.points.values())
    for device_id in old.keys() | new.keys():
        if device_id not in after.devices and device_id not in after.statuses:
            continue
        was, now = old.get(device_id, {}), new.get(device_id, {})
        event = PointsChanged(
            device_id=device_id,
            added=tuple(point for key, point in now.items() if key not in was),
            changed=tuple(p for key, p in now.items() if key in was and was[key] != p),
            removed=tuple(key for key in was if key not in now),
        )
        if event.added or event.changed or event.removed:
            yield event


def _by_device(points: Iterable[Point]) -> dict[str, dict[str, Point]]:
    devices: dict[str, dict[str, Point]] = {}
    for point in points:
        devices.setdefault(point.device_id, {})[point.point_id] = point
    return devices


def _news[T](before: Mapping[str, T], after: Mapping[str, T]) -> list[T]:
    return [item for key, item in after.items() if before.get(key) != item]
