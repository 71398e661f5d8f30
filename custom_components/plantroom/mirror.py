"""A copy of the engine's state, kept right by its numbered events."""

from .engine.events import (
    DeviceChanged,
    DeviceRemoved,
    DeviceStatusChanged,
    EngineEvent,
    NetworkRemoved,
    NetworkStatusChanged,
    NumberedEvent,
    PointsChanged,
    ProblemsChanged,
    ReadingsChanged,
)
from .engine.models import (
    Device,
    DeviceStatus,
    NetworkStatus,
    Point,
    Problem,
    Reading,
)
from .engine.requests import Snapshot


class Mirror:
    """Devices, points, readings and problems by id, as of the event `cursor`."""

    def __init__(self) -> None:
        """Start knowing nothing."""
        self.cursor = 0
        self.networks: dict[str, NetworkStatus] = {}
        self.devices: dict[str, Device] = {}
        self.statuses: dict[str, DeviceStatus] = {}
        self.points: dict[str, Point] = {}
        self.readings: dict[str, Reading] = {}
        self.problems: tuple[Problem, ...] = ()

    def take(self, snapshot: Snapshot) -> None:
        """Become what the snapshot says."""
        self.cursor = snapshot.cursor
        self.networks = {item.network_id: item for item in snapshot.networks}
        self.devices = {item.device_id: item for item in snapshot.devices}
        self.statuses = {item.device_id: item for item in snapshot.statuses}
        self.points = {item.point_id: item for item in snapshot.points}
        self.readings = dict(snapshot.readings)
        self.problems = snapshot.problems

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
