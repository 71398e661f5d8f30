"""One simulated device: its application, its wire, and what a test may do to it."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any

from bacpypes3.basetypes import PriorityValue, Segmentation
from bacpypes3.pdu import Address

from .application import SimulatedApplication, SimulatedDeviceObject
from .event_application import EventApplication
from .events import Events
from .link import Link
from .objects import make_object, null_priority, plain_value, set_status, typed_value
from .physics import MODELS, Surroundings
from .points import DeviceTable, LogRow, Point, PointValue
from .trend_logs import SimulatedLog, make_log_object

HIGHEST_PRIORITY, LOWEST_PRIORITY = 1, 16


class UnknownObjectError(LookupError):
    """No such object in the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTruth:
    """What the simulator itself knows of a point, without the network."""

    value: PointValue
    priority_array: list[PointValue | None] | None
    relinquish_default: PointValue | None
    name: str
    reliability: str
    out_of_service: bool


class SimulatedDevice:
    """A device with an address; ordinary unless its application class misbehaves."""

    def __init__(
        self,
        table: DeviceTable,
        link: Link,
        *,
        application: type[SimulatedApplication] = SimulatedApplication,
        seed: int = 1,
    ) -> None:
        self.table = table
        self.link = link
        self.application_class = application
        self.app: Any = None
        self.events: Events | None = None
        self.network_address: str | None = None
        self._points: dict[str, Point] = {}
        self._objects: dict[str, Any] = {}
        self._held: set[str] = set()
        model = MODELS.get(table.model_of_physics)
        self._model = model(random=random.Random(seed)) if model else None

    @property
    def address(self) -> str:
        """Return how a client reaches it: "127.0.1.1:47809", "20:5" behind the router, or a VMAC."""
        return self.network_address or self.link.text

    async def start(self) -> None:
        """Build the objects and open the socket."""
        self.build()
        self.app.nsap.bind(self.link, address=self.link.station)
        await self.link.start()

    def build(self) -> None:
        """Make the application and its objects, bound to no network yet."""
        table = self.table
        device = SimulatedDeviceObject(
            objectIdentifier=("device", table.instance),
            objectName=table.name,
            description=table.description or table.name,
            location=table.location,
            vendorName=table.vendor,
            vendorIdentifier=table.vendor_id,
            modelName=table.model,
            firmwareRevision=table.firmware,
            maxApduLengthAccepted=table.max_apdu,
            segmentationSupported=Segmentation(table.segmentation),
            maxSegmentsAccepted=64,
        )
        application = self.application_class
        if table.events and application is SimulatedApplication:
            application = EventApplication
        self.app = application.from_object_list([device])
        if table.events:
            rows = {row.object_id: row for row in table.events}
            self.events = self.app.events = Events(self.app, rows, self._points)
        for point in table.points:
            self.add_object(point)
        for log_row in table.logs:
            self.add_log(log_row)

    def stop(self) -> None:
        """Close the socket; idempotent."""
        if self.app is not None:
            self.app.stop()
        if self.events is not None:
            self.events.stop()
        self.link.stop()

    def object(self, object_id: str) -> Any:
        """Return the bacpypes3 object."""
        if object_id not in self._points:
            raise UnknownObjectError(f"{self.table.name} has no {object_id}")
        return self._objects[object_id]

    def set(self, object_id: str, property_name: str, value: PointValue) -> None:
        """Change a property from inside; a present value set so is held against the physics until release()."""
        obj, point = self.object(object_id), self._points[object_id]
        if property_name == "presentValue":
            self._held.add(object_id)
            self._apply(obj, point, value)
        elif property_name in ("outOfService", "reliability", "eventState"):
            set_status(obj, property_name, value)
        else:
            setattr(obj, property_name, value)
        self._evaluate(object_id)

    def release(self, object_id: str) -> None:
        """Give a held present value back to the physics."""
        self._held.discard(object_id)

    def get(self, object_id: str) -> PointTruth:
        """Return the truth about a point."""
        obj, point = self.object(object_id), self._points[object_id]
        slots = (
            [_slot(point, slot) for slot in obj.priorityArray]
            if point.is_commandable
            else None
        )
        return PointTruth(
            value=plain_value(point, obj.presentValue),
            priority_array=slots,
            relinquish_default=plain_value(point, obj.relinquishDefault)
            if point.is_commandable
            else None,
            name=str(obj.objectName),
            reliability=str(obj.reliability),
            out_of_service=bool(obj.outOfService),
        )

    def override(self, object_id: str, priority: int, value: PointValue | None) -> None:
        """Occupy a slot of the priority array from inside, as a hand switch does; None frees it."""
        if not HIGHEST_PRIORITY <= priority <= LOWEST_PRIORITY:
            raise ValueError(f"priority {priority} is not 1 to 16")
        obj, point = self.object(object_id), self._points[object_id]
        if not point.is_commandable:
            raise ValueError(f"{object_id} has no priority array")
        slot = (
            null_priority()
            if value is None
            else PriorityValue(typed_value(point, value))
        )
        obj.priorityArray[priority - 1] = slot

    def rename(self, object_id: str, name: str) -> None:
        """Give an object another name; the database revision counts up."""
        self.object(object_id).objectName = name
        self._count_revision()

    def add_object(self, point: Point) -> None:
        """Add an object to the device."""
        made = make_object(point)
        self.app.add_object(made)
        self._objects[point.object_id] = made
        self._points[point.object_id] = point
        if self.events is not None:
            self.events.watch(point.object_id, made)

    def add_log(self, row: LogRow) -> SimulatedLog:
        """Add a log of some of the device's objects, with a past."""
        log = SimulatedLog(row, lambda object_id: self.get(object_id).value)
        self.app.add_object(make_log_object(log))
        self.app.logs[row.object_id] = log
        return log

    def remove_object(self, object_id: str) -> None:
        """Take an object away, and its subscriptions with it."""
        obj = self.object(object_id)
        for subscription in self.app.subscriptions():
            if subscription.obj_ref is obj:
                self.app.cancel_subscription(subscription)
        self.app.delete_object(obj)
        del self._points[object_id], self._objects[object_id]
        # Its controller may need what is gone
        self._model = None
        self._count_revision()

    def count_objects_changed(self) -> None:
        """Count the database revision up, as after an object came or went."""
        self._count_revision()

    def unplug(self) -> None:
        """Stop answering and sending."""
        self.link.plugged = False

    def plug(self) -> None:
        """Answer again, without saying anything."""
        self.link.plugged = True

    async def restart(
        self, silent_seconds: float, *, new_revision: bool = False
    ) -> None:
        """Forget all subscriptions, be silent, then announce the device with a broadcast I-Am."""
        self.app.drop_subscriptions()
        self.unplug()
        await asyncio.sleep(silent_seconds)
        if new_revision:
            self._count_revision()
        self.plug()
        self.announce()

    def announce(self) -> None:
        """Broadcast an I-Am."""
        self.app.i_am(address=Address("*"))

    def requests_seen(self) -> dict[str, int]:
        """Return how often each service was asked for."""
        return dict(self.app.requests_seen)

    def subscriptions(self) -> list[dict[str, PointValue]]:
        """Return the open change-of-value subscriptions."""
        return [
            {
                "subscriber": str(cov.client_addr),
                "process_id": int(cov.proc_id),
                "object": f"{cov.obj_id[0]},{cov.obj_id[1]}",
                "confirmed": bool(cov.confirmed),
                "lifetime_seconds": int(cov.lifetime or 0),
            }
            for cov in self.app.subscriptions()
        ]

    def step(self, shared: Surroundings, dt_seconds: float) -> None:
        """Let the physics and the device's own controller run for dt_seconds."""
        for log in self.app.logs.values():
            log.catch_up()
        if self._model is None:
            return
        by_key = {point.key: point for point in self._points.values()}
        commands = {
            key: plain_value(point, self.object(point.object_id).presentValue)
            for key, point in by_key.items()
        }
        for key, value in self._model.step(commands, shared, dt_seconds).items():
            point = by_key.get(key)
            if point is None or point.object_id in self._held:
                continue
            obj = self.object(point.object_id)
            if not obj.outOfService:
                self._apply(obj, point, value)

    def _apply(self, obj: Any, point: Point, value: PointValue) -> None:
        typed = typed_value(point, value)
        if point.is_commandable:
            obj.relinquishDefault = typed
            obj.recalculating()
        else:
            obj.presentValue = typed
        self._evaluate(point.object_id)

    def _evaluate(self, object_id: str) -> None:
        if self.events is not None:
            self.events.evaluate(object_id)

    def _count_revision(self) -> None:
        device = self.app.device_object
        device.databaseRevision = int(device.databaseRevision) + 1


def _slot(point: Point, slot: Any) -> PointValue | None:
    if slot.null is not None:
        return None
    return plain_value(point, getattr(slot, slot._choice))
