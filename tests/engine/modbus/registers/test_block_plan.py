"""What is read together, and what is not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.modbus.knowledge.profile import RequestLimits
from custom_components.plantroom.engine.modbus.registers.block_plan import (
    Block,
    bisect,
    lesson,
    plan_blocks,
    spans_of,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
    ValueType,
)

from ..register_points import register

HOLDING, COIL = Space.HOLDING, Space.COIL
TYPES = st.sampled_from([ValueType.UINT16, ValueType.FLOAT32, ValueType.UINT64])


@st.composite
def maps(draw: st.DrawFn) -> list[RegisterPoint]:
    addresses = draw(st.lists(st.integers(0, 400), min_size=1, max_size=40))
    return [
        register(
            f"p{number}",
            address,
            type=draw(TYPES),
            exponent_address=draw(st.none() | st.integers(0, 400)),
            space=draw(st.sampled_from([Space.HOLDING, Space.INPUT])),
        )
        for number, address in enumerate(addresses)
    ]


LIMITS = st.builds(
    RequestLimits,
    registers=st.integers(4, 125),
    gap=st.integers(0, 20),
    holes=st.lists(
        st.tuples(st.just(HOLDING), st.integers(0, 400), st.just(0)).map(
            lambda hole: (hole[0], hole[1], hole[1] + 3)
        ),
        max_size=4,
    ).map(tuple),
)


def read(*points: RegisterPoint, **limits: object) -> list[tuple[Space, int, int]]:
    """Return the requests that a plan makes."""
    blocks = plan_blocks(points, RequestLimits(**limits))  # type: ignore[arg-type]
    return [(block.space, block.address, block.count) for block in blocks]


@given(points=maps(), limits=LIMITS)
def test_every_value_and_exponent_is_in_a_block(
    points: list[RegisterPoint], limits: RequestLimits
):
    blocks = plan_blocks(points, limits)
    for point in points:
        for start, end in spans_of(point):
            assert any(
                block.space is point.space
                and block.address <= start
                and end <= block.end
                for block in blocks
            )


@given(points=maps(), limits=LIMITS)
def test_no_block_is_longer_than_the_device_bears(
    points: list[RegisterPoint], limits: RequestLimits
):
    assert all(block.count <= limits.registers for block in plan_blocks(points, limits))


@given(points=maps(), limits=LIMITS)
def test_no_block_reads_along_what_refuses(
    points: list[RegisterPoint], limits: RequestLimits
):
    for block in plan_blocks(points, limits):
        for before, after in pairwise(block.pieces):
            for space, first, last in limits.holes:
                crosses = first < after[0] and last >= before[1]
                assert space is not block.space or not crosses


@given(points=maps(), limits=LIMITS)
def test_an_exponent_comes_with_its_value_where_one_request_holds_both(
    points: list[RegisterPoint], limits: RequestLimits
):
    blocks = plan_blocks(points, limits)
    for point in points:
        if point.exponent_address is None:
            continue
        spans = spans_of(point)
        low = min(start for start, _ in spans)
        high = max(end for _, end in spans)
        holes = [hole for hole in limits.holes if hole[0] is point.space]
        apart = any(first <= high and last >= low - 1 for _, first, last in holes)
        if high - low <= limits.registers and not apart:
            assert any(
                block.space is point.space
                and block.address <= low
                and high <= block.end
                for block in blocks
            )


def test_neighbours_and_those_across_a_small_gap_are_one_request():
    points = [register("a", 0), register("b", 1), register("c", 12), register("d", 30)]
    assert read(*points, gap=10) == [(HOLDING, 0, 13), (HOLDING, 30, 1)]


def test_spaces_are_never_mixed():
    coil = register("c", 0, space=COIL, type=ValueType.BOOL)
    assert read(register("r", 0), coil) == [(COIL, 0, 1), (HOLDING, 0, 1)]


def test_fields_of_one_register_are_one_piece():
    points = [register(f"b{n}", 5, bit=n, type=ValueType.BOOL) for n in range(8)]
    (block,) = plan_blocks(points, RequestLimits())
    assert block.pieces == ((5, 6),)
    assert bisect(block) is None


def test_bits_have_their_own_limit():
    points = [register(f"c{n}", n, space=COIL, type=ValueType.BOOL) for n in range(300)]
    assert read(*points, bits=200) == [(COIL, 0, 200), (COIL, 200, 100)]


@given(points=maps(), limits=LIMITS)
def test_halves_are_all_that_was_wanted(
    points: list[RegisterPoint], limits: RequestLimits
):
    for block in plan_blocks(points, limits):
        halves = bisect(block)
        if halves is None:
            assert len(block.pieces) == 1
            continue
        left, right = halves
        assert (*left.pieces, *right.pieces) == block.pieces
        assert left.end <= right.address


def test_a_block_is_parted_where_nothing_is_wanted():
    block = Block(space=HOLDING, pieces=((0, 2), (2, 4), (9, 10), (10, 12)))
    left, right = bisect(block) or pytest.fail("is not parted")
    assert (left.end, right.address) == (4, 9)


def half(start: int, end: int) -> Block:
    return Block(space=HOLDING, pieces=((start, end),))


def test_a_gap_between_halves_that_are_granted_is_a_hole():
    learned = lesson(RequestLimits(), half(0, 10), half(14, 20), 0)
    assert learned.holes == ((HOLDING, 10, 13),)
    assert read(register("a", 9), register("b", 14), holes=learned.holes) == [
        (HOLDING, 9, 1),
        (HOLDING, 14, 1),
    ]


def test_halves_that_touch_were_too_long_together():
    assert lesson(RequestLimits(), half(0, 40), half(40, 70), 0).registers == 40


def test_halves_no_longer_than_what_was_read_have_a_border_between_them():
    learned = lesson(RequestLimits(), half(0, 10), half(10, 20), 60)
    assert learned.registers == 125
    points = [register("a", 8), register("b", 9), register("c", 10), register("d", 11)]
    assert read(*points, holes=learned.holes) == [(HOLDING, 8, 2), (HOLDING, 10, 2)]
