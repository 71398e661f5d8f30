"""What a Modbus device taught us, kept over restarts."""

import logging
from dataclasses import dataclass, field, replace
from typing import Final

from mashumaro.codecs.json import JSONDecoder, JSONEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from ..knowledge.profile import RequestLimits
from ..registers.block_plan import Block, Hole, Span, lesson, with_hole
from ..registers.register_map import RegisterPoint, Space, WriteFunction

_LOGGER = logging.getLogger(__name__)

# More than this is no device with holes but one that refuses at random
MOST_HOLES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Addresses of a value that the device refuses, and how it calls the reason."""

    space: Space
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """All that is kept; registers, bits: most in one read, None: no less than usual.

    slowest: seconds it took to answer. write_functions: what it takes instead of
    what it refused, by space. masks: whether it knows Mask Write Register, None: not
    tried. points: the map that the device itself described.
    """

    registers: int | None = None
    bits: int | None = None
    holes: tuple[Hole, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    slowest: float | None = None
    write_functions: dict[Space, WriteFunction] = field(default_factory=dict)
    masks: bool | None = None
    points: tuple[RegisterPoint, ...] = field(default_factory=tuple)


_encode = JSONEncoder(Lessons).encode
_decode = JSONDecoder(Lessons).decode


class Learned:
    """One device's lessons, on top of what its profile says, and whether kept yet."""

    def __init__(self, text: str = "") -> None:
        """Start from what to_json() said; nothing for a text it did not write."""
        self._kept = text
        self._stated = RequestLimits()
        self._most_read: dict[Space, int] = {}
        self.lessons = _lessons_in(text)

    @property
    def limits(self) -> RequestLimits:
        """Return what the device bears, as stated and as learned."""
        stated, lessons = self._stated, self.lessons
        return replace(
            stated,
            registers=min(stated.registers, lessons.registers or stated.registers),
            bits=min(stated.bits, lessons.bits or stated.bits),
            holes=(*stated.holes, *lessons.holes),
        )

    def state(self, limits: RequestLimits) -> None:
        """Take what the device's profile says it bears."""
        self._stated = limits

    def forget_refusals(self) -> None:
        """Ask again for all that was refused."""
        self.lessons = replace(
            self.lessons, registers=None, bits=None, holes=(), refusals=()
        )

    def was_read(self, block: Block) -> None:
        """Take that the device answered a read."""
        most = self._most_read.get(block.space, 0)
        self._most_read[block.space] = max(most, block.count)

    def was_parted(self, left: Block, right: Block) -> None:
        """Take that two halves were read which were refused together."""
        most = self._most_read.get(left.space, 0)
        limits = lesson(self.limits, left, right, most)
        self._take_limits(limits)

    def was_mute(self, left: Block, right: Block) -> None:
        """Take that two halves are not answered when they are asked for together."""
        hole = (left.space, left.end, right.address - 1)
        self._take_limits(with_hole(self.limits, hole))

    def was_refused(self, space: Space, span: Span, reason: str) -> None:
        """Take that one value was refused by itself."""
        start, end = span
        refusal = Refusal(space=space, start=start, end=end, reason=reason)
        if refusal in self.lessons.refusals:
            return
        self._take_limits(with_hole(self.limits, (space, start, end - 1)))
        self.lessons = replace(self.lessons, refusals=(*self.lessons.refusals, refusal))

    def was_granted(self, space: Space, span: Span) -> None:
        """Take that a value was read which had been refused."""
        start, end = span
        self.lessons = replace(
            self.lessons,
            holes=tuple(h for h in self.lessons.holes if h != (space, start, end - 1)),
            refusals=tuple(
                r
                for r in self.lessons.refusals
                if (r.space, r.start, r.end) != (space, start, end)
            ),
        )

    def refusal_of(self, space: Space, span: Span) -> Refusal | None:
        """Return why addresses are not read, None when they are."""
        start, end = span
        for refusal in self.lessons.refusals:
            if refusal.space is space and refusal.start < end and start < refusal.end:
                return refusal
        return None

    def knows_function(self, space: Space, function: WriteFunction) -> None:
        """Take that the device is written with this function and not the other."""
        known = {**self.lessons.write_functions, space: function}
        self.lessons = replace(self.lessons, write_functions=known)

    def to_json(self) -> str:
        """Return all that is worth keeping."""
        slowest = self.lessons.slowest
        rounded = None if slowest is None else float(f"{slowest:.1g}")
        return str(_encode(replace(self.lessons, slowest=rounded)))

    def changed(self, text: str) -> bool:
        """Return whether a text is news since it was last asked."""
        before, self._kept = self._kept, text
        return before != text

    def _take_limits(self, limits: RequestLimits) -> None:
        """Keep what the limits say more than was stated."""
        stated = self._stated
        holes = tuple(hole for hole in limits.holes if hole not in stated.holes)
        self.lessons = replace(
            self.lessons,
            registers=limits.registers if limits.registers < stated.registers else None,
            bits=limits.bits if limits.bits < stated.bits else None,
            holes=holes[:MOST_HOLES],
        )


def _lessons_in(text: str) -> Lessons:
    if not text:
        return Lessons()
    try:
        return _decode(text)
    except (ValueError, MissingField, InvalidFieldValue) as err:
        _LOGGER.debug("What was learned before is of another version: %s", err)
        return Lessons()
