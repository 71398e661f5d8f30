"""The objects of our own device as points, which people see and write."""

import asyncio
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from ...errors import (
    ConfigurationError,
    DeviceRefusedError,
    PlantroomError,
    UnknownTargetError,
)
from ...events import DeviceChanged, DeviceRemoved
from ...models import (
    Access,
    Device,
    DeviceStatus,
    Point,
    PointKind,
    PointRole,
    PointValue,
    Reading,
    ReadingSource,
)
from ...records import Records
from ...write_rules import ReadBack
from ..names.units import unit_name
from .commanding import MINIMUM_TIME_PRIORITY, active_priority
from .models import (
    LocalCommand,
    LocalDefinition,
    LocalState,
    LocalType,
    LocalValue,
    ObjectKey,
)
from .objects import LocalObjects

OURSELVES: Final = "Plantroom"
SETTLE_SECONDS: Final = 0.25
# Objects go and come again when the gateway is configured anew
EMPTY_SECONDS: Final = 10.0
READINGS_A_TURN: Final = 500

type Describe = Callable[[], Device]


class OwnPoints:
    """Shows objects as points of one device, as long as there are any."""

    def __init__(
        self,
        device_id: str,
        objects: LocalObjects,
        records: Records,
        describe: Describe,
    ) -> None:
        """Take whose objects; describe makes the device of what it says of itself."""
        self.device_id = device_id
        self._objects = objects
        self._records = records
        self._describe = describe
        self._points: dict[ObjectKey, Point] = {}
        self._shown: frozenset[ObjectKey] = frozenset()
        self._fresh: list[tuple[str, Reading]] = []
        self._device: Device | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unlisten: tuple[Callable[[], None], ...] = ()

    @property
    def device(self) -> Device | None:
        """Return the device, None while it has no objects."""
        return self._device

    def start(self) -> None:
        """Show what there is and follow what changes."""
        for key in self._objects.keys():  # noqa: SIM118
            self._take(key)
        self._unlisten = (
            self._objects.listen_definitions(self._defined),
            self._objects.listen_changes(self._changed),
            self._objects.listen_device(self._described),
        )
        if self._points:
            self._define()

    def stop(self) -> None:
        """Show nothing any more; calling it twice does no harm."""
        for unlisten in self._unlisten:
            unlisten()
        self._unlisten = ()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._points.clear()
        self._fresh.clear()
        self._remove()

    async def write(
        self, point: Point, value: PointValue, priority: int | None
    ) -> None:
        """Command an object in Plantroom's name; raises DeviceRefusedError."""
        key = key_of(point.reference)
        if priority == MINIMUM_TIME_PRIORITY:
            raise _refused(point, "write-access-denied")
        try:
            await self._objects.command(
                LocalCommand(
                    key=key,
                    value=_local_value(value),
                    priority=priority,
                    source=OURSELVES,
                )
            )
        except UnknownTargetError as err:
            raise _refused(point, "unknown-object") from err
        except ConfigurationError as err:
            raise _refused(point, "value-out-of-range") from err
        except PlantroomError as err:
            raise _refused(point, "operational-problem") from err

    def read_back(self, point: Point) -> ReadBack:
        """Return what an object shows; raises DeviceRefusedError."""
        state = self._objects.state(key_of(point.reference))
        if state is None:
            raise _refused(point, "unknown-object")
        self._records.points.update([(point.point_id, reading_of(state))])
        return ReadBack(present_value=state.value, priority_array=state.slots)

    def moved(self, address: str) -> None:
        """Tell where our device is now, if that is news."""
        if self._device is not None and self._device.address != address:
            self._introduce()

    def _defined(self, key: ObjectKey) -> None:
        self._take(key)
        seconds = SETTLE_SECONDS if self._points else EMPTY_SECONDS
        if self._timer is None or not self._points or not self._shown:
            self._define_in(seconds)

    def _define_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._define)

    def _take(self, key: ObjectKey) -> None:
        definition = self._objects.definition(key)
        if definition is None:
            self._points.pop(key, None)
        else:
            self._points[key] = point_of(self.device_id, definition)

    def _changed(self, key: ObjectKey) -> None:
        """Keep each reading, and have all of a turn told at once."""
        if key not in self._shown:
            return
        state = self._objects.state(key)
        if state is None:
            return
        if not self._fresh:
            asyncio.get_running_loop().call_soon(self._tell)
        self._fresh.append((self._points[key].point_id, reading_of(state)))

    def _tell(self) -> None:
        fresh, self._fresh = self._fresh, []
        if fresh:
            self._records.points.update(fresh)

    def _described(self, _: Any) -> None:
        if self._device is not None:
            self._introduce()

    def _define(self) -> None:
        self._timer = None
        if not self._points:
            self._remove()
            return
        before, self._shown = self._shown, frozenset(self._points)
        self._introduce()
        self._records.points.define(self.device_id, tuple(self._points.values()))
        self._show(iter(self._shown - before))

    def _show(self, keys: Iterator[ObjectKey]) -> None:
        """Tell first readings, so many in a turn of the loop."""
        some = tuple(islice(keys, READINGS_A_TURN))
        for key in some:
            self._changed(key)
        if some:
            asyncio.get_running_loop().call_soon(self._show, keys)

    def _introduce(self) -> None:
        self._device = self._describe()
        self._records.events.publish(DeviceChanged(device=self._device))
        self._records.health.device(
            DeviceStatus(
                device_id=self.device_id,
                online=True,
                since=datetime.now(UTC),
                cov_points=len(self._points),
            )
        )

    def _remove(self) -> None:
        self._shown = frozenset()
        if self._device is None:
            return
        self._device = None
        self._records.points.forget_device(self.device_id)
        self._records.health.forget_device(self.device_id)
        self._records.events.publish(DeviceRemoved(device_id=self.device_id))


def point_of(device_id: str, definition: LocalDefinition) -> Point:
    """Return the point that an object is."""
    kind = definition.key.type
    reference = f"{kind},{definition.key.instance}"
    return Point(
        point_id=f"{device_id}:{reference}",
        device_id=device_id,
        reference=reference,
        kind=_kind(kind),
        role=PointRole(kind.rpartition("-")[2]),
        access=(Access.COMMANDABLE if definition.has_priorities else Access.READ_ONLY),
        name=definition.name,
        description=definition.description,
        unit=unit_name(definition.units) if kind.is_analog else "",
        states=definition.states,
        minimum=definition.minimum if kind.is_analog else None,
        maximum=definition.maximum if kind.is_analog else None,
        resolution=definition.resolution,
        cov_increment=definition.cov_increment,
    )


def reading_of(state: LocalState) -> Reading:
    """Return what an object shows as a reading of now."""
    value: PointValue = state.value
    is_number = not isinstance(value, float) or math.isfinite(value)
    return Reading(
        value=value if is_number else None,
        at=datetime.now(UTC),
        source=ReadingSource.COV,
        flags=state.flags,
        reliability=state.reliability,
        error="" if is_number else "value-not-finite",
        priority=active_priority(state),
    )


def key_of(reference: str) -> ObjectKey:
    """Return the object of "analog-input,1"; raises UnknownTargetError."""
    kind, _, instance = reference.partition(",")
    try:
        return ObjectKey(LocalType(kind), int(instance))
    except ValueError as err:
        raise UnknownTargetError(
            f"{reference!r} is no object of ours", target=reference
        ) from err


def _kind(kind: LocalType) -> PointKind:
    if kind.is_analog:
        return PointKind.ANALOG
    return PointKind.BINARY if kind.is_binary else PointKind.MULTI_STATE


def _local_value(value: PointValue) -> LocalValue | None:
    if isinstance(value, str):
        raise ConfigurationError(f"{value!r} is no value", field="value")
    return value


def _refused(point: Point, reason: str) -> DeviceRefusedError:
    return DeviceRefusedError(
        f"Our own device refused {point.reference}: {reason}",
        device=OURSELVES,
        reason=reason,
    )
