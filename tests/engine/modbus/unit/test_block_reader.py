"""A device refuses once; then it is known what to ask it for."""

import asyncio
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.errors import DeviceRefusedError
from custom_components.plantroom.engine.modbus.registers.block_plan import plan_blocks
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
)
from custom_components.plantroom.engine.modbus.unit.block_reader import BlockReader
from custom_components.plantroom.engine.modbus.unit.learned import Learned
from custom_components.plantroom.engine.modbus.unit.sample_plan import (
    BlockWords,
    Found,
    SamplePlan,
)

from ..register_points import register

ILLEGAL = "illegal-data-address"


class Shelf:
    """A device whose registers hold their address; those missing are refused."""

    def __init__(
        self, missing: Collection[int] = (), most: int = 125, reason: str = ILLEGAL
    ) -> None:
        self.missing = set(missing)
        self.most = most
        self.reason = reason
        self.refusals = 0
        self.requests = 0

    async def read(self, space: Space, address: int, count: int) -> tuple[int, ...]:
        wanted = range(address, address + count)
        self.requests += 1
        if count > self.most or self.missing.intersection(wanted):
            self.refusals += 1
            raise DeviceRefusedError("No", device="shelf", reason=self.reason)
        return tuple(wanted)


def sample(
    shelf: Shelf, learned: Learned, points: list[RegisterPoint]
) -> dict[str, Found]:
    """Read the points as a device would that has learned so much."""
    reader = BlockReader(shelf.read, learned)
    asked = [
        (point.key, point)
        for point in points
        if not learned.refusal_of(point.space, (point.address, point.address + 1))
    ]
    plan = SamplePlan(asked, learned.limits)

    async def run() -> list[BlockWords]:
        return [await reader.read(block) for block in plan.blocks]

    return {found.point_id: found for found in plan.take(asyncio.run(run()), {})}


def registers(addresses: Collection[int]) -> list[RegisterPoint]:
    return [register(f"p{address}", address) for address in sorted(addresses)]


@given(
    wanted=st.sets(st.integers(0, 300), min_size=1, max_size=60),
    missing=st.sets(st.integers(0, 300), max_size=30),
    most=st.integers(3, 125),
)
def test_all_that_the_device_has_is_read_at_once_and_soon_without_refusals(
    wanted: set[int], missing: set[int], most: int
):
    shelf, learned, points = Shelf(missing, most), Learned(), registers(wanted)
    first = sample(shelf, learned, points)
    for address in wanted:
        found = first[f"p{address}"]
        if address in missing:
            assert (found.value, found.error) == (None, ILLEGAL)
        else:
            assert (found.value, found.error) == (address, "")
    for _ in range(8):
        shelf.refusals = 0
        again = sample(shelf, learned, points)
        assert again.keys() == {f"p{address}" for address in wanted - missing}
        if not shelf.refusals:
            break
    assert shelf.refusals == 0


def test_a_hole_between_points_is_learned_from_one_refusal():
    shelf, learned = Shelf(missing=[5]), Learned()
    sample(shelf, learned, registers([0, 4, 6, 9]))
    assert shelf.refusals == 1
    sample(shelf, learned, registers([0, 4, 6, 9]))
    assert (shelf.refusals, shelf.requests) == (1, 3 + 2)


def test_a_length_is_learned_and_not_cut_to_pieces():
    shelf, learned = Shelf(most=50), Learned()
    sample(shelf, learned, registers(range(100)))
    shelf.refusals = shelf.requests = 0
    sample(shelf, learned, registers(range(100)))
    assert (shelf.refusals, shelf.requests) == (0, 2)


def test_what_a_device_without_the_function_refuses_is_not_tried_one_by_one():
    shelf, learned = Shelf(missing=range(100), reason="illegal-function"), Learned()
    found = sample(shelf, learned, registers(range(20)))
    assert shelf.requests == 1
    assert {each.error for each in found.values()} == {"illegal-function"}
    assert sample(shelf, learned, registers(range(20))) == {}
    assert shelf.requests == 1


def test_a_passing_failure_teaches_nothing_until_it_stays():
    shelf, learned = Shelf(missing=[3], reason="server-device-failure"), Learned()
    plan = plan_blocks(registers([3]), learned.limits)
    reader = BlockReader(shelf.read, learned)
    for times in range(1, 4):
        asyncio.run(reader.read(plan[0]))
        assert bool(learned.lessons.refusals) == (times == 3)


def test_a_device_that_is_busy_is_not_cut_to_pieces():
    shelf, learned = Shelf(missing=[3], reason="server-device-busy"), Learned()
    with pytest.raises(DeviceRefusedError, match="No"):
        sample(shelf, learned, registers(range(10)))
    assert shelf.requests == 1
    assert learned.lessons.holes == ()
