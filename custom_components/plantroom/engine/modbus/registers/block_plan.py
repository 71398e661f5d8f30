"""Which addresses are read together, and what a refusal teaches; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..knowledge.profile import RequestLimits
from .register_map import RegisterPoint, Space

# V1.1b3, 6.1 and 6.3: most bits and registers in one read
MOST_BITS: Final = 2000
MOST_REGISTERS: Final = 125

type Span = tuple[int, int]
"""First address, and the one behind the last."""

type Hole = tuple[Space, int, int]
"""First and last address that refuse; last = first - 1: a border not to be crossed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One read request; pieces: what is wanted of it, apart from one another."""

    space: Space
    pieces: tuple[Span, ...]

    @property
    def address(self) -> int:
        """Return the first address."""
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        """Return the address behind the last."""
        return self.pieces[-1][1]

    @property
    def count(self) -> int:
        """Return how many addresses are read."""
        return self.end - self.address


def plan_blocks(
    points: Iterable[RegisterPoint], limits: RequestLimits
) -> tuple[Block, ...]:
    """Return the fewest requests that read the points, by space and address.

    A value is never torn apart; its exponent is read with it wherever one request
    holds both. Nothing is read across a hole unless it is wanted itself.
    """
    spaces: dict[Space, list[tuple[Span, ...]]] = {}
    for point in points:
        spaces.setdefault(point.space, []).extend(_atoms(point, limits))
    return tuple(
        block
        for space in Space
        for block in _merged(space, spaces.get(space, ()), limits)
    )


def bisect(block: Block) -> tuple[Block, Block] | None:
    """Return the halves of a block, parted where nothing is wanted if possible.

    None: it is a single piece, which cannot be read in parts.
    """
    pieces = block.pieces
    if len(pieces) < 2:
        return None
    middle = (block.address + block.end) / 2
    cut = min(
        range(1, len(pieces)),
        key=lambda i: (
            pieces[i][0] == pieces[i - 1][1],
            abs((pieces[i][0] + pieces[i - 1][1]) / 2 - middle),
        ),
    )
    return replace(block, pieces=pieces[:cut]), replace(block, pieces=pieces[cut:])


def lesson(
    limits: RequestLimits, left: Block, right: Block, most_read: int
) -> RequestLimits:
    """Return the limits learned when two halves were read that were refused together.

    most_read: the longest read this device has ever answered in the space.
    """
    space, together = left.space, right.end - left.address
    if right.address > left.end or together <= most_read:
        return with_hole(limits, (space, left.end, right.address - 1))
    most = max(left.count, right.count)
    if space.of_bits:
        return replace(limits, bits=min(limits.bits, most))
    return replace(limits, registers=min(limits.registers, most))


def with_hole(limits: RequestLimits, hole: Hole) -> RequestLimits:
    """Return the limits with one more hole."""
    if hole in limits.holes:
        return limits
    return replace(limits, holes=(*limits.holes, hole))


def spans_of(point: RegisterPoint) -> tuple[Span, ...]:
    """Return the addresses of a point's value, and of its exponent if it has one."""
    value = (point.address, point.address + point.words)
    if point.exponent_address is None:
        return (value,)
    return value, (point.exponent_address, point.exponent_address + 1)


def _atoms(point: RegisterPoint, limits: RequestLimits) -> list[tuple[Span, ...]]:
    """Return what must come in one reply each, as spans in order."""
    first, *others = sorted(spans_of(point))
    if others and _fits((first, others[0]), point.space, limits):
        return [(first, others[0])]
    return [(span,) for span in (first, *others)]


def _fits(pair: tuple[Span, Span], space: Space, limits: RequestLimits) -> bool:
    (start, end), (second, last) = pair
    return max(end, last) - start <= _most(space, limits) and not _crosses_hole(
        space, end, second, limits
    )


def _merged(
    space: Space, atoms: Iterable[tuple[Span, ...]], limits: RequestLimits
) -> Iterable[Block]:
    most = _most(space, limits)
    spans: list[Span] = []
    start = end = 0
    for atom in sorted(set(atoms)):
        first, last = atom[0][0], atom[-1][1]
        if spans and not (
            first - end <= limits.gap
            and max(end, last) - start <= most
            and not _crosses_hole(space, end, first, limits)
        ):
            yield Block(space=space, pieces=_pieces(spans))
            spans = []
        if not spans:
            start = end = first
        spans.extend(atom)
        end = max(end, *(stop for _, stop in atom))
    if spans:
        yield Block(space=space, pieces=_pieces(spans))


def _pieces(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans without doubles; those that overlap are one piece."""
    pieces: list[Span] = []
    for start, end in sorted(spans):
        if pieces and start < pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
        else:
            pieces.append((start, end))
    return tuple(pieces)


def _crosses_hole(space: Space, end: int, start: int, limits: RequestLimits) -> bool:
    """Return whether a read that goes on from end to start touches a hole."""
    return end <= start and any(
        space is where and first <= start and last >= end - 1
        for where, first, last in limits.holes
    )


def _most(space: Space, limits: RequestLimits) -> int:
    if space.of_bits:
        return max(1, min(limits.bits, MOST_BITS))
    return max(1, min(limits.registers, MOST_REGISTERS))
