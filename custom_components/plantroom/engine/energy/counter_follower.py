"""One counter as it is served: its readings become totals that go on."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from ..models import PointValue, Reading, ReadingSource
from .kept import KeptForm
from .meter import SETTLE_SECONDS, begin_anew, first_reading, follow, set_total
from .meter_state import Change, MeterState, Replacement
from .moment import Moment
from .plan import CounterPlan

DECIMALS: Final = 6

type TotalListener = Callable[[float | None, Moment], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What is kept of a counter; unit, factor: those that its numbers are in."""

    unit: str
    factor: float
    state: MeterState
    replacement: Replacement | None = None
    anew: bool = False


_FORM = KeptForm(_Record)


class CounterFollower:
    """Follows a counter; a total with a new offset waits until that is kept.

    listener hears every total, None while there is none to rely on.
    """

    def __init__(self, plan: CounterPlan, kept: str | None) -> None:
        """Take the counter and what was kept of it."""
        self.plan = plan
        self.replacement: Replacement | None = None
        self.unkept = False
        self.listener: TotalListener | None = None
        self._state: MeterState | None = None
        self._kept: tuple[object, ...] = ()
        self._kept_offset = 0.0
        self._shown = 0.0
        self._zero_since: float | None = None
        self._reading: Reading | None = None
        self._anew = False
        # What was kept may be a minute older than what was shown
        self._is_old = False
        record = _FORM.decode(kept)
        if record and (record.unit, record.factor) == (plan.shown.unit, plan.factor):
            self._take_kept(record)

    @property
    def total(self) -> float | None:
        """Return what is shown, None before the first reading."""
        return None if self._state is None else self._shown

    @property
    def shift(self) -> tuple[float, float]:
        """Return what to multiply a count of the field with, and what to add then."""
        return self.plan.factor, 0.0 if self._state is None else self._state.offset

    @property
    def quantum(self) -> float:
        """Return one count in the unit, as known or as was seen; 0 when it is neither."""
        if self.plan.quantum is not None:
            return self.plan.quantum
        return 0.0 if self._state is None else self._state.pace.smallest

    def take(self, reading: Reading, moment: Moment) -> Reading:
        """Return a reading of the field point as people see it."""
        self._reading = reading
        raw = self._raw_of(reading)
        if raw is None:
            self.lose(moment)
            return self._uncounted(reading)
        if self.plan.traits.keeps_face and reading.source is ReadingSource.READ_BACK:
            # People wrote it
            self._state = first_reading(raw, moment.at.timestamp())
        self._count(raw, moment)
        return self._as_shown(reading)

    def lose(self, moment: Moment) -> None:
        """Know no more what the counter counts."""
        if self.listener is not None:
            self.listener(None, moment)

    def look_again(self, moment: Moment, seconds: float) -> Reading | None:
        """Settle a doubt that stands so long that a poll would have ended it."""
        reading = self._reading
        raw = None if reading is None else self._raw_of(reading)
        since = moment.at.timestamp() - max(seconds, SETTLE_SECONDS)
        if reading is None or raw is None or not self._is_doubted_since(since):
            return None
        self._count(raw, moment)
        return self._as_shown(replace(reading, at=moment.at))

    def set_total(self, total: float) -> None:
        """Show a total from now on, of a counter that was read."""
        if self._state is None:
            return
        self._state = set_total(self._state, total)
        self.replacement = None
        self._anew, self.unkept = False, True

    def go_on(self) -> None:
        """Settle a replacement that was noticed, or expect one at the next reading."""
        self._anew = self.replacement is None
        self.replacement = None
        self.unkept = True

    def news(self) -> str | None:
        """Return what has to be kept and was not returned before, None for nothing."""
        state = self._state
        if state is None:
            return None
        known = (state.raw, state.offset, state.total, self.replacement, self._anew)
        if known == self._kept:
            return None
        self._kept, self._kept_offset = known, state.offset
        return _FORM.encode(
            _Record(
                unit=self.plan.shown.unit,
                factor=self.plan.factor,
                state=state,
                replacement=self.replacement,
                anew=self._anew,
            )
        )

    def was_kept(self) -> Reading | None:
        """Return what is shown once the offset is kept, None while it is not."""
        if self._state is not None and self._state.offset != self._kept_offset:
            return None
        self.unkept = self._is_old = False
        if self._state is not None:
            self._shown = self._state.total
        reading = self._reading
        if reading is None or self._raw_of(reading) is None:
            return None
        return self._as_shown(reading)

    def _take_kept(self, record: _Record) -> None:
        self._state, self._anew = record.state, record.anew
        self._shown, self._kept_offset = record.state.total, record.state.offset
        self.replacement = record.replacement
        self._is_old = True

    def _raw_of(self, reading: Reading) -> float | None:
        """Return the count in the unit, None where the value is none to rely on."""
        value, flags = reading.value, reading.flags
        if reading.error or flags.fault or flags.out_of_service:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value * self.plan.factor if math.isfinite(value) else None

    def _count(self, raw: float, moment: Moment) -> None:
        at = moment.at.timestamp()
        before = self._state
        if before is None:
            self._begin(raw, at)
        elif self._anew:
            self._anew = False
            self._state, self.unkept = begin_anew(before, raw, at), True
        else:
            self._follow(before, raw, at)
        if self._state is None or self.unkept:
            return
        self._shown = self._state.total
        self._is_old = self._is_old and self._state.doubted is not None
        if self.listener is not None:
            self.listener(self._shown, moment)

    def _begin(self, raw: float, at: float) -> None:
        """Believe a first reading; a first 0 has to last, as a fall to it would."""
        if raw == 0:
            if self._zero_since is None:
                self._zero_since = at
            if at - self._zero_since < SETTLE_SECONDS:
                return
        self._state = first_reading(raw, at)

    def _follow(self, before: MeterState, raw: float, at: float) -> None:
        step = follow(before, raw, at, self.plan.traits)
        self._state = step.state
        if step.state.offset != before.offset:
            self.unkept = True
        if step.change in {Change.RESET, Change.REPLACED}:
            self.replacement = Replacement(
                old=before.raw, new=raw, at=datetime.fromtimestamp(at, UTC)
            )
        elif step.change is Change.RETURNED:
            self.replacement = None

    def _is_doubted_since(self, at: float) -> bool:
        if self._state is None:
            return self._zero_since is not None and self._zero_since <= at
        doubted = self._state.doubted
        return doubted is not None and doubted.at <= at

    def _uncounted(self, reading: Reading) -> Reading:
        """Return a reading that does not count: in a fault the total stays."""
        value: PointValue = reading.value
        if isinstance(value, float) and not math.isfinite(value):
            return replace(reading, value=None, error="value-not-finite")
        if reading.error or value is None or isinstance(value, bool | str):
            return reading
        return self._as_shown(reading)

    def _as_shown(self, reading: Reading) -> Reading:
        if self._state is None or self._is_old:
            return replace(reading, value=None)
        total = round(self._shown, DECIMALS)
        if total == reading.value:
            return reading
        whole = isinstance(reading.value, int) and total.is_integer()
        return replace(reading, value=int(total) if whole else total)
