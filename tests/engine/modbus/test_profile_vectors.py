"""Every profile that comes with us: its test vectors, read as the driver reads them."""

import pytest

from custom_components.plantroom.engine.modbus.knowledge.profile import DeviceProfile
from custom_components.plantroom.engine.modbus.knowledge.profile import (
    TestVector as Vector,
)
from custom_components.plantroom.engine.modbus.registers.block_plan import plan_blocks
from custom_components.plantroom.engine.modbus.registers.codec import decode, encode
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    ValueType,
)

from .vectors import PROFILES, VECTORS, Image, same


@pytest.fixture(params=PROFILES, ids=lambda profile: profile.id)
def profile(request: pytest.FixtureRequest) -> DeviceProfile:
    found: DeviceProfile = request.param
    return found


@pytest.mark.parametrize(("profile", "vector"), VECTORS)
def test_vector_decodes_to_what_its_source_says(
    profile: DeviceProfile, vector: Vector
) -> None:
    image = Image(vector)
    points = {point.key: point for point in profile.points}
    for key, expected in vector.expect.items():
        point = points[key]
        exponent = 0
        if point.exponent_address is not None:
            (exponent,) = image.exactly(point.space, point.exponent_address, 1)
        words = image.exactly(point.space, point.address, point.words)
        value, why = decode(point, words, exponent)
        assert same(point, value, expected), (key, words, value, expected, why)


@pytest.mark.parametrize(("profile", "vector"), VECTORS)
def test_vector_decodes_the_same_from_planned_blocks(
    profile: DeviceProfile, vector: Vector
) -> None:
    image = Image(vector)
    words = {
        (block.space, block.address + offset): word
        for block in plan_blocks(profile.points, profile.limits)
        for offset, word in enumerate(
            image.padded(block.space, block.address, block.count)
        )
    }
    for point in profile.points:
        if point.key not in vector.expect:
            continue
        exponent = words.get((point.space, point.exponent_address or 0), 0)
        own = [words[point.space, point.address + n] for n in range(point.words)]
        value, why = decode(point, own, exponent)
        expected = vector.expect[point.key]
        assert same(point, value, expected), (point.key, own, value, expected, why)


def test_planned_blocks_stay_within_what_the_device_bears(
    profile: DeviceProfile,
) -> None:
    limits = profile.limits
    for block in plan_blocks(profile.points, limits):
        assert block.count <= (limits.bits if block.space.of_bits else limits.registers)
        for space, first, last in limits.holes:
            if space is block.space:
                assert last < block.address or first >= block.end


def test_every_limit_of_a_write_can_be_written_and_read_back(
    profile: DeviceProfile,
) -> None:
    for point in profile.points:
        if not point.writable or point.type is ValueType.STRING:
            continue
        for value in writable_values(point):
            words = encode(point, value)
            assert decode(point, words)[0] == pytest.approx(
                value, abs=abs(point.scale) / 2, rel=1e-6
            ), point.key


def writable_values(point: RegisterPoint) -> list[float]:
    """Return the ends of what may be written: of a range, or of the states."""
    if point.type is ValueType.BOOL:
        return [False, True]
    if point.states:
        return [1, len(point.states)]
    assert point.minimum is not None
    assert point.maximum is not None
    return [point.minimum, point.maximum]
