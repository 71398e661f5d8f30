"""Keeps a device's watched points fresh: each at its rate, in as few reads as may be."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from ...models import Reading, ReadingSource
from ...points import Points
from ..registers.block_plan import Block, spans_of
from ..registers.register_map import RegisterPoint
from .learned import Learned, Lessons
from .mute_blocks import MuteBlocks
from .rates import Rates
from .sample_plan import BlockWords, Found, Raw, SamplePlan

# What was refused is tried again so often: firmware changes, and so do options
REFUSED_AGAIN_SECONDS: Final = 3600.0


class Sampler:
    """Reads one device's watched points."""

    def __init__(self, points: Points, reader: MuteBlocks, learned: Learned) -> None:
        """Take where readings go, how blocks are read and what was learned."""
        self._points = points
        self._reader = reader
        self._learned = learned
        self._registers: Mapping[str, RegisterPoint] = {}
        self._rates = Rates()
        self._plans: dict[frozenset[str], SamplePlan] = {}
        self._planned_with: Lessons | None = None
        self._known: dict[str, Raw] = {}
        self._swapped: dict[str, bool] = {}
        self._refused_again_at = float("-inf")
        # Points read back since a sample began: what it read may be older
        self._heard: set[str] = set()

    @property
    def poll_seconds(self) -> float | None:
        """Return how often a sample is due, None with nothing to read."""
        return self._rates.shortest_seconds

    @property
    def watched_count(self) -> int:
        """Return how many points are kept fresh."""
        return len(self._registers)

    @property
    def suspects(self) -> tuple[tuple[str, ...], int]:
        """Return the ids of floats that look swapped, and how many floats there are."""
        swapped = tuple(p for p, looks in self._swapped.items() if looks)
        return swapped, len(self._swapped)

    def watch(
        self, registers: Mapping[str, RegisterPoint], default_seconds: float
    ) -> bool:
        """Keep exactly these fresh, by point id; return whether one is new."""
        fresh = {p for p, r in registers.items() if self._registers.get(p) != r}
        for point_id in (self._registers.keys() - registers.keys()) | fresh:
            self._known.pop(point_id, None)
            self._swapped.pop(point_id, None)
        self._registers = registers
        self._plans.clear()
        seconds = {p: r.poll_seconds or default_seconds for p, r in registers.items()}
        self._rates.set(seconds, fresh)
        return bool(fresh)

    async def sample(self) -> None:
        """Read what is due; raises DeviceError, NetworkError.

        What was read before it failed becomes readings all the same.
        """
        self._heard.clear()
        now = asyncio.get_running_loop().time()
        if now >= self._refused_again_at:
            await self._try_refused(now)
        due = self._rates.due(now)
        plan = self._plan(due)
        read: list[BlockWords] = []
        try:
            for block in plan.blocks:
                read.append(await self._reader.read(block))  # noqa: PERF401
            self._rates.were_read(due, now)
        finally:
            found = plan.take(read, self._known)
            self._take([f for f in found if not self._is_old(f)], ReadingSource.POLL)

    def take(self, found: Iterable[Found]) -> None:
        """Make readings of what a write left behind."""
        found = tuple(found)
        for each in found:
            self._known.pop(each.point_id, None)
            self._heard.add(each.point_id)
        self._take(found, ReadingSource.READ_BACK)

    def exponent_of(self, point_id: str) -> int | None:
        """Return the word that scaled a point's value last, None for an unknown one."""
        register, raw = self._registers.get(point_id), self._known.get(point_id)
        if register is None or register.exponent_address is None or not raw:
            return None
        return raw[-1]

    def forget(self) -> None:
        """Read everything the next time, and make readings of it, changed or not."""
        self._known.clear()
        self._rates.all_due()

    def _is_old(self, found: Found) -> bool:
        """Forget what was read before a write, and say so."""
        if found.point_id not in self._heard:
            return False
        self._known.pop(found.point_id, None)
        return True

    def _plan(self, due: frozenset[str]) -> SamplePlan:
        if self._planned_with is not self._learned.lessons:
            self._plans.clear()
            self._planned_with = self._learned.lessons
        plan = self._plans.get(due)
        if plan is None:
            refused = self._refusals(due)
            self._take(
                [Found(p, None, reason) for p, reason in refused.items()],
                ReadingSource.POLL,
            )
            points = [
                (point_id, register)
                for point_id, register in self._registers.items()
                if point_id in due and point_id not in refused
            ]
            plan = self._plans[due] = SamplePlan(points, self._learned.limits)
        return plan

    def _refusals(self, point_ids: Iterable[str]) -> dict[str, str]:
        """Return why points are not read, for those that the device refuses."""
        reasons: dict[str, str] = {}
        for point_id in point_ids:
            register = self._registers[point_id]
            for span in spans_of(register):
                refusal = self._learned.refusal_of(register.space, span)
                if refusal is not None:
                    reasons[point_id] = refusal.reason
        return reasons

    async def _try_refused(self, now: float) -> None:
        """Ask again, each by itself, for what was refused."""
        first = self._refused_again_at == float("-inf")
        self._refused_again_at = now + REFUSED_AGAIN_SECONDS
        if first:
            return
        for refusal in self._learned.lessons.refusals:
            span = (refusal.start, refusal.end)
            block = Block(space=refusal.space, pieces=(span,))
            answer = await self._reader.read(block)
            if not answer.reasons:
                self._learned.was_granted(refusal.space, span)

    def _take(self, found: Iterable[Found], source: ReadingSource) -> None:
        at = datetime.now(UTC)
        readings = []
        for each in found:
            if each.swapped is not None:
                self._swapped[each.point_id] = each.swapped
            readings.append(
                (
                    each.point_id,
                    Reading(value=each.value, at=at, source=source, error=each.error),
                )
            )
        self._points.update(readings)
