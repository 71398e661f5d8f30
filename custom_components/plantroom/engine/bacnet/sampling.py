"""Keeps a device's watched points fresh: COV where proven, read plans for the rest."""

import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

from ..models import Access, Point, PointValue, Reading, ReadingSource, StatusFlags
from ..points import Points
from .change_of_value import ChangeOfValue
from .names.enumerations import RELIABILITIES
from .octets.encoding import BitString, Constructed, ObjectId, Primitive
from .octets.rpm import PropertyRef
from .reading.confirmed_requests import ConfirmedRequests, Target
from .reading.device_limits import DeviceLimits
from .reading.property_reader import Fallback, PropertyReader
from .reading.read_plan import BatchReading, ReadPlan
from .readings import FLAGS, differs, flags_of_bits, value_of
from .wire.notifications import CovNotification

_LOGGER = logging.getLogger(__name__)

PRESENT_VALUE = 85
STATUS_FLAGS = 111
RELIABILITY = 103
PRIORITY_ARRAY = 87
PRIORITIES = 16
NO_FAULT = "no-fault-detected"

# Every so many samples, points under COV are read too, and priorities in command
PROOF_EVERY = 10
PRIORITY_EVERY = 3


class Sampler:
    """Reads one device's watched points and takes its notifications."""

    def __init__(
        self,
        points: Points,
        requests: ConfirmedRequests,
        target: Target,
        reader: PropertyReader,
        limits: DeviceLimits,
        cov: ChangeOfValue,
        fallback: Fallback,
    ) -> None:
        """Take where readings go, the transport, and who knows which points are live."""
        self._points = points
        self._requests = requests
        self._target = target
        self._reader = reader
        self._limits = limits
        self._cov = cov
        self._fallback = fallback
        self._watched: dict[str, tuple[Point, ObjectId]] = {}
        self._priorities: dict[str, int | None] = {}
        self._reliabilities: dict[str, str] = {}
        self._plan: ReadPlan | None = None
        self._planned: tuple[str, ...] = ()
        self._proof_plan: ReadPlan | None = None
        # Points whose reading is not from the plan's last run: unchanged says nothing
        self._touched: set[str] = set()
        # Points notified or read back since a sample began: its replies may be older
        self._heard: set[str] = set()
        self._notified: dict[str, PointValue] = {}
        # Points whose fault was notified without saying which
        self._suspects: dict[str, Point] = {}
        self._samples = 0

    @property
    def watched_count(self) -> int:
        """Return how many points are kept fresh."""
        return len(self._watched)

    @property
    def polls(self) -> bool:
        """Return whether a sample asks the device anything, COV aside."""
        return not self._cov.live().issuperset(self._watched)

    def watch(self, points: Sequence[tuple[Point, ObjectId]]) -> bool:
        """Keep exactly these fresh; return whether one came that has no reading."""
        fresh = any(point.point_id not in self._watched for point, _ in points)
        self._watched = {point.point_id: (point, oid) for point, oid in points}
        self._planned = ()
        self._proof_plan = None
        if fresh:
            # The next sample reads everything, priorities as well
            self._samples = 0
        self._touched.intersection_update(self._watched)
        for known in (self._notified, self._priorities, self._reliabilities):
            for point_id in known.keys() - self._watched.keys():
                del known[point_id]
        return fresh

    async def sample(self) -> None:
        """Read what is due; raises DeviceOfflineError."""
        self._heard.clear()
        priorities = self._samples % PRIORITY_EVERY == 0
        if self._samples % PROOF_EVERY == 0 and self._cov.live():
            await self._sample_all()
        else:
            await self._sample_polled()
        suspects, self._suspects = self._suspects, {}
        await self._read_reliabilities(
            [point for point_id, point in suspects.items() if point_id in self._watched]
        )
        if priorities:
            await self._read_priorities()
        self._samples += 1

    async def _sample_all(self) -> None:
        """Read points under COV as well, and compare with what was notified."""
        live = self._cov.live()
        if self._proof_plan is None:
            self._proof_plan = self._make_plan(tuple(self._watched))
        async with aclosing(
            self._proof_plan.run(self._requests, self._target)
        ) as batches:
            async for batch in batches:
                await self._take_batch(batch, range(len(batch.point_ids)), live)
        self._touched.update(self._watched)

    async def _sample_polled(self) -> None:
        live = self._cov.live()
        polled = tuple(point_id for point_id in self._watched if point_id not in live)
        if not polled:
            return
        if self._plan is None or polled != self._planned:
            self._plan, self._planned = self._make_plan(polled), polled
        async with aclosing(self._plan.run(self._requests, self._target)) as batches:
            async for batch in batches:
                await self._take_batch(batch, self._news_of(batch), frozenset())
        self._touched.difference_update(set(polled) - self._heard)

    def _news_of(self, batch: BatchReading) -> Sequence[int]:
        """Return which of a batch's points may differ from their readings."""
        if batch.changed is None:
            return range(len(batch.point_ids))
        if self._touched.isdisjoint(batch.point_ids):
            return batch.changed
        changed = set(batch.changed)
        return [
            index
            for index, point_id in enumerate(batch.point_ids)
            if index in changed or point_id in self._touched
        ]

    def take_notification(self, point: Point, notification: CovNotification) -> None:
        """Make a reading of a notification."""
        values = notification.values.get(PRESENT_VALUE)
        if not values:
            return
        flags = FLAGS[0]
        bits = notification.values.get(STATUS_FLAGS)
        if bits and isinstance(bits[0], BitString):
            flags = flags_of_bits(bits[0])
        self._take_flags(point, flags)
        reading = self._reading(
            point, values[0], flags, datetime.now(UTC), ReadingSource.COV
        )
        self._notified[point.point_id] = reading.value
        self._take_news(point, reading)

    def take_read_back(
        self,
        point: Point,
        raw: Primitive,
        flags: StatusFlags,
        priority: int | None,
        error: str,
    ) -> None:
        """Make a reading of what a write left behind."""
        self._priorities[point.point_id] = priority
        self._take_flags(point, flags)
        at = datetime.now(UTC)
        reading = self._reading(point, raw, flags, at, ReadingSource.READ_BACK, error)
        self._take_news(point, reading)

    def _take_news(self, point: Point, reading: Reading) -> None:
        self._touched.add(point.point_id)
        self._heard.add(point.point_id)
        self._points.update([(point.point_id, reading)])

    def _take_flags(self, point: Point, flags: StatusFlags) -> None:
        """Forget why a point was at fault, or have the next sample ask why it is."""
        if not flags.fault:
            self._reliabilities.pop(point.point_id, None)
            self._suspects.pop(point.point_id, None)
        elif point.point_id not in self._reliabilities:
            self._suspects[point.point_id] = point

    def _make_plan(self, point_ids: Sequence[str]) -> ReadPlan:
        return ReadPlan(
            [(point_id, *self._watched[point_id][1]) for point_id in point_ids],
            self._limits,
            self._fallback,
        )

    async def _take_batch(
        self, batch: BatchReading, indexes: Sequence[int], live: frozenset[str]
    ) -> None:
        at = datetime.now(UTC)
        readings: list[tuple[str, Reading]] = []
        faulty: list[Point] = []
        for index in indexes:
            entry = self._watched.get(batch.point_ids[index])
            if entry is None or batch.point_ids[index] in self._heard:
                continue
            point, object_id = entry
            error = batch.errors.get(point.point_id, "")
            raw = batch.values[index]
            if point.point_id in live and not error:
                self._compare(point, object_id, raw)
            flags = FLAGS[batch.flags[index] & 15]
            if flags.fault:
                faulty.append(point)
            else:
                self._reliabilities.pop(point.point_id, None)
            readings.append(
                (
                    point.point_id,
                    self._reading(point, raw, flags, at, ReadingSource.POLL, error),
                )
            )
        self._points.update(readings)
        await self._read_reliabilities(faulty)

    def _reading(
        self,
        point: Point,
        raw: Primitive,
        flags: StatusFlags,
        at: datetime,
        source: ReadingSource,
        error: str = "",
    ) -> Reading:
        value: PointValue = None
        if not error:
            value, error = value_of(point, raw)
        return Reading(
            value=value,
            at=at,
            source=source,
            flags=flags,
            reliability=self._reliabilities.get(point.point_id, NO_FAULT),
            error=error,
            priority=self._priorities.get(point.point_id),
        )

    def _compare(self, point: Point, object_id: ObjectId, raw: Primitive) -> None:
        """Tell COV when a poll of a live point finds what it should have heard.

        Compared with what was last notified, not with an earlier poll: a value may
        move by the increment to either side of that.
        """
        if point.point_id not in self._notified:
            return
        value, error = value_of(point, raw)
        tolerance = (point.cov_increment or 0.0) * abs(point.scale)
        if not error and differs(value, self._notified[point.point_id], tolerance):
            self._cov.missed(object_id)

    async def _read_reliabilities(self, faulty: Sequence[Point]) -> None:
        if not faulty:
            return
        refs = [self._ref(point, RELIABILITY) for point in faulty]
        changed = []
        for point, result in zip(faulty, await self._reader.read(refs), strict=True):
            number = result.values[0] if result.values else None
            text = RELIABILITIES.name(number) if isinstance(number, int) else "unknown"
            self._reliabilities[point.point_id] = text
            reading = self._points.field_reading(point.point_id)
            if reading is not None:
                changed.append((point.point_id, replace(reading, reliability=text)))
        self._points.update(changed)

    async def _read_priorities(self) -> None:
        points = [
            point
            for point, _ in self._watched.values()
            if point.access is Access.COMMANDABLE
        ]
        if not points:
            return
        refs = [self._ref(point, PRIORITY_ARRAY) for point in points]
        changed = []
        for point, result in zip(points, await self._reader.read(refs), strict=True):
            if result.error or point.point_id in self._heard:
                continue
            priority = priority_in_command(result.values)
            self._priorities[point.point_id] = priority
            reading = self._points.field_reading(point.point_id)
            if reading is not None and reading.priority != priority:
                changed.append((point.point_id, replace(reading, priority=priority)))
        self._points.update(changed)

    def _ref(self, point: Point, property_id: int) -> PropertyRef:
        object_id = self._watched[point.point_id][1]
        return PropertyRef(object_id.object_type, object_id.instance, property_id)


def priority_in_command(array: Sequence[Primitive]) -> int | None:
    """Return the strongest priority with a value in a priority array, or None."""
    for number, value in enumerate(array[:PRIORITIES], 1):
        if value is not None or isinstance(value, Constructed):
            return number
    return None
