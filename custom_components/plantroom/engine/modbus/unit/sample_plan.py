"""Which points a sample takes from which words; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...models import PointValue
from ..knowledge.profile import RequestLimits
from ..registers.block_plan import Block, Span, plan_blocks
from ..registers.codec import PointCodec
from ..registers.register_map import RegisterPoint

NOT_READ: Final = "not-read"

type Raw = Sequence[int | None]
"""The words of a value, and its exponent at the end of one that has one."""


@dataclass(frozen=True, slots=True)
class BlockWords:
    """What a block was read as: None where refused, and why by its addresses."""

    words: Raw
    reasons: dict[Span, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a sample found of a point.

    error: why there is no value. swapped: whether the words look exchanged, None
    where that cannot be told.
    """

    point_id: str
    value: PointValue = None
    error: str = ""
    swapped: bool | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    block: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    point_id: str
    codec: PointCodec
    value: _Place
    exponent: _Place | None
    last_block: int


class SamplePlan:
    """The blocks that hold some points, and where in them each lies."""

    def __init__(
        self, points: Sequence[tuple[str, RegisterPoint]], limits: RequestLimits
    ) -> None:
        """Plan for these points by id."""
        self.blocks: tuple[Block, ...] = plan_blocks([p for _, p in points], limits)
        self._wanted = [self._want(point_id, point) for point_id, point in points]

    def take(self, read: Sequence[BlockWords], known: dict[str, Raw]) -> list[Found]:
        """Return what is new, and keep it in known: raw words by point id.

        read: the blocks, or as many from the first on as could be read.
        """
        found = []
        for wanted in self._wanted:
            if wanted.last_block >= len(read):
                continue
            raw = _raw(wanted, read)
            if known.get(wanted.point_id) != raw:
                known[wanted.point_id] = raw
                found.append(self._found(wanted, raw, read))
        return found

    def _want(self, point_id: str, point: RegisterPoint) -> _Wanted:
        value = self._place(point, point.address, point.words)
        exponent = None
        if point.exponent_address is not None:
            exponent = self._place(point, point.exponent_address, 1)
        last_block = max(value.block, exponent.block if exponent else 0)
        return _Wanted(point_id, PointCodec(point), value, exponent, last_block)

    def _place(self, point: RegisterPoint, address: int, count: int) -> _Place:
        number, block = next(
            (number, block)
            for number, block in enumerate(self.blocks)
            if block.space is point.space
            and block.address <= address
            and address + count <= block.end
        )
        start = address - block.address
        return _Place(number, start, start + count)

    def _found(self, wanted: _Wanted, raw: Raw, read: Sequence[BlockWords]) -> Found:
        whole = [word for word in raw if word is not None]
        if len(whole) < len(raw):
            return Found(wanted.point_id, None, self._reason(wanted, read))
        exponent = whole.pop() if wanted.exponent else 0
        value, error = wanted.codec.decode(whole, exponent)
        swapped = None
        if wanted.codec.shows_word_order and any(whole):
            swapped = wanted.codec.looks_swapped(whole)
        return Found(wanted.point_id, value, error, swapped)

    def _reason(self, wanted: _Wanted, read: Sequence[BlockWords]) -> str:
        """Return why the addresses of a value or of its exponent were not read."""
        for place in (wanted.value, wanted.exponent):
            if place is None:
                continue
            first = self.blocks[place.block].address + place.start
            last = first + place.end - place.start
            for (start, end), reason in read[place.block].reasons.items():
                if start < last and first < end:
                    return reason
        return NOT_READ


def _raw(wanted: _Wanted, read: Sequence[BlockWords]) -> Raw:
    value, exponent = wanted.value, wanted.exponent
    words = read[value.block].words[value.start : value.end]
    if exponent is None:
        return words
    return (*words, read[exponent.block].words[exponent.start])
