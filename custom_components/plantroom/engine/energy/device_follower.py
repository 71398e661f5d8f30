"""The metered points of one device as they are served."""

from collections.abc import Collection, Iterator, Mapping
from datetime import tzinfo

from ..models import Reading
from .counter_follower import CounterFollower
from .meter_state import Replacement
from .moment import Moment
from .plan import DevicePlan
from .power_follower import PowerFollower


class DeviceFollower:
    """Follows the counters and powers of a device, and feeds one from the other."""

    def __init__(
        self,
        plan: DevicePlan,
        interval: float,
        kept: Mapping[str, str],
        moment: Moment,
    ) -> None:
        """Take the plan, the seconds between polls, and what was kept, by point id."""
        self.plan = plan
        self.interval = interval
        self._counters = {
            point_id: CounterFollower(counter, kept.get(point_id))
            for point_id, counter in plan.counters.items()
        }
        self._powers = {
            point_id: PowerFollower(power, interval, kept, moment)
            for point_id, power in plan.powers.items()
        }
        self.silent = False
        self._fresh: frozenset[str] = frozenset()
        self._unkept: set[str] = set()
        self._latest: dict[str, Reading] = {}
        self._sources = frozenset(self._counters) | frozenset(self._powers)
        for power in self._powers.values():
            self._feed(power)

    @property
    def sources(self) -> frozenset[str]:
        """Return the field points whose readings are followed."""
        return self._sources

    def sources_of(self, derived_id: str) -> Iterator[str]:
        """Return the field points that a derived point of the device follows from."""
        for point_id, power in self.plan.powers.items():
            if any(derived_id == point.point_id for point in power.points):
                yield from (point_id, power.counter) if power.counter else (point_id,)

    @property
    def unkept(self) -> bool:
        """Return whether a total waits to be kept before it is shown."""
        return bool(self._unkept)

    def take(self, point_id: str, reading: Reading, moment: Moment) -> Reading:
        """Return a reading of a followed point as people see it."""
        self._latest[point_id] = reading
        power = self._powers.get(point_id)
        if power is not None:
            power.take(reading, moment)
        counter = self._counters.get(point_id)
        shown = reading if counter is None else counter.take(reading, moment)
        if counter is not None and counter.unkept:
            self._unkept.add(point_id)
        if self.silent or point_id not in self._fresh:
            # Nobody would tell that it changed
            self._lose((point_id,), moment)
        return shown

    def advance(self, moment: Moment, zone: tzinfo) -> Iterator[tuple[str, Reading]]:
        """Return what the passing of time makes of doubts, energy and demand."""
        for point_id in self._counters.keys() & self._fresh if not self.silent else ():
            counter = self._counters[point_id]
            shown = counter.look_again(moment, 2 * self.interval)
            if shown is not None:
                yield point_id, shown
            if counter.unkept:
                self._unkept.add(point_id)
        for power in self._powers.values():
            power.advance(moment, zone)
        yield from self.readings(moment)

    def readings(self, moment: Moment) -> Iterator[tuple[str, Reading]]:
        """Return what people see of the derived points."""
        for power in self._powers.values():
            yield from power.readings(moment)

    def rely_on(self, watched: Collection[str], moment: Moment) -> None:
        """Take these points as kept fresh, and what others were as unknown."""
        before, self._fresh = self._fresh, self.sources.intersection(watched)
        self._lose(before - self._fresh, moment)

    def lose(self, moment: Moment) -> None:
        """Know no more what the device measures, until it is read."""
        self._lose(self.sources, moment)

    def fall_silent(self, moment: Moment) -> None:
        """Know no more what the device measures, until it is back."""
        self.silent = True
        self.lose(moment)

    def resume(self, moment: Moment) -> Iterator[tuple[str, Reading]]:
        """Know that what is kept fresh is as it was last read: the device is back."""
        self.silent = False
        for point_id in self._fresh:
            reading = self._latest.get(point_id)
            if reading is not None:
                yield point_id, self.take(point_id, reading, moment)

    def total_of(self, point_id: str) -> float | None:
        """Return what a counter or an energy shows; None for what counts nothing."""
        if point_id in self._counters:
            return self._counters[point_id].total
        energies = (power.energies() for power in self._powers.values())
        return next((each[point_id] for each in energies if point_id in each), None)

    def shift_of(self, point_id: str) -> tuple[float, float]:
        """Return what to multiply a field value with, and what to add then."""
        counter = self._counters.get(point_id)
        return (1.0, 0.0) if counter is None else counter.shift

    def is_counter(self, point_id: str) -> bool:
        """Return whether a point is a counter of the field."""
        return point_id in self._counters

    def set_total(self, point_id: str, total: float | None) -> None:
        """Show a total from now on; None: a counter's goes on with another meter."""
        counter = self._counters.get(point_id)
        if counter is None:
            for power in self._powers.values():
                power.set_total(point_id, total or 0.0)
            return
        if total is None:
            counter.go_on()
        else:
            counter.set_total(total)
        self._unkept.add(point_id)
        for power in self._powers.values():
            if power.plan.counter == point_id and power.demand is not None:
                power.demand.forget_total()

    def replacements(self) -> Iterator[tuple[str, Replacement]]:
        """Return those that nobody confirmed yet, by point id."""
        for point_id, counter in self._counters.items():
            if counter.replacement is not None:
                yield point_id, counter.replacement

    def records(self, moment: Moment) -> Iterator[tuple[str, str]]:
        """Return what has to be kept and was not yet, by point id."""
        for point_id, counter in self._counters.items():
            record = counter.news()
            if record is not None:
                yield point_id, record
        for power in self._powers.values():
            yield from power.records(moment)

    def were_kept(self) -> Iterator[tuple[str, Reading]]:
        """Return what is shown now that the records are kept."""
        for point_id in tuple(self._unkept):
            counter = self._counters[point_id]
            shown = counter.was_kept()
            if not counter.unkept:
                self._unkept.discard(point_id)
            if shown is not None:
                yield point_id, shown

    def _lose(self, point_ids: Collection[str], moment: Moment) -> None:
        for point_id in point_ids:
            if point_id in self._powers:
                self._powers[point_id].lose()
            if point_id in self._counters:
                self._counters[point_id].lose(moment)

    def _feed(self, power: PowerFollower) -> None:
        """Let a power's demand follow the counter of the same energy."""
        counter = self._counters.get(power.plan.counter)
        demand = power.demand
        if counter is None or demand is None:
            return
        kilowatt_hours = power.plan.counter_kilowatt_hours

        def count(total: float | None, moment: Moment) -> None:
            demand.count(
                None if total is None else total * kilowatt_hours,
                counter.quantum * kilowatt_hours,
                moment,
                self.interval,
            )

        counter.listener = count
