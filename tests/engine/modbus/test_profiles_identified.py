"""Profiles that say how to know their device know it, and take no other for it."""

import pytest

from custom_components.plantroom.engine.modbus.knowledge.profile import (
    DeviceProfile,
    RegisterSign,
)
from custom_components.plantroom.engine.modbus.registers.codec import encode
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
    ValueType,
)
from custom_components.plantroom.engine.modbus.search.identification import identify

from .memory_reader import MemoryReader
from .vectors import PROFILES

KNOWN_BY_REGISTERS = [p for p in PROFILES if p.identification.registers]


def words_of(sign: RegisterSign) -> tuple[int, ...]:
    """Return what the register of a device holds that the sign is of."""
    point = RegisterPoint(
        key="sign",
        name="sign",
        address=sign.address,
        type=sign.type,
        length=sign.length,
        word_order=sign.word_order,
    )
    is_text = sign.type is ValueType.STRING
    return encode(point, sign.contains if is_text else sign.equals[0])


@pytest.mark.parametrize("profile", KNOWN_BY_REGISTERS, ids=lambda p: p.id)
async def test_device_is_known_by_its_registers_among_all_profiles(
    profile: DeviceProfile,
):
    wanted = profile.identification
    runs = {(sign.space, sign.address): words_of(sign) for sign in wanted.registers}
    objects = {0: wanted.vendor.encode(), 1: wanted.product.encode()}
    reader = MemoryReader(runs, objects=objects if wanted.vendor else None)
    identity = await identify(reader, PROFILES)
    assert [fitting.id for fitting in identity.profiles] == [profile.id]


@pytest.mark.parametrize("word", [0, 1, 0xFFFF, 0x8000])
async def test_device_whose_registers_all_hold_the_same_is_taken_for_nobody(word: int):
    runs = {(space, 0): [word] * 65536 for space in (Space.HOLDING, Space.INPUT)}
    identity = await identify(MemoryReader(runs), PROFILES)
    assert identity.profiles == ()
