"""Every profile on the wire: pymodbus serves its test vectors, the driver reads them."""

from collections import defaultdict

import pytest

from custom_components.plantroom.engine.modbus.knowledge.profile import DeviceProfile
from custom_components.plantroom.engine.modbus.knowledge.profile import (
    TestVector as Vector,
)
from custom_components.plantroom.engine.modbus.preview import read_once
from custom_components.plantroom.engine.modbus.registers.block_plan import plan_blocks
from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .served_units import reached, unit
from .vectors import VECTORS, Image, same


def served_words(
    profile: DeviceProfile, vector: Vector
) -> dict[Space, dict[int, tuple[int, ...]]]:
    """Return what the device has: every block that is read, 0 where nothing is said."""
    image = Image(vector)
    words: defaultdict[Space, dict[int, tuple[int, ...]]] = defaultdict(dict)
    for block in plan_blocks(profile.points, profile.limits):
        words[block.space][block.address] = image.padded(
            block.space, block.address, block.count
        )
    return words


@pytest.mark.parametrize(("profile", "vector"), VECTORS)
async def test_vector_is_read_from_the_wire_as_its_source_says(
    profile: DeviceProfile, vector: Vector
) -> None:
    points = {point.key: point for point in profile.points}
    device = unit(7, served_words(profile, vector))
    async with reached(device) as reader:
        found = await read_once(reader, [*points.items()], profile.limits)
    read = {each.point_id: each for each in found}
    assert read.keys() == points.keys()
    for key, expected in vector.expect.items():
        assert same(points[key], read[key].value, expected), (key, read[key], expected)
