"""Every SunSpec model, discovered and read by us and by SunSpec's own client."""

import asyncio
import math
from collections.abc import Iterator
from itertools import batched

import pytest
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP

from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.knowledge.profile import RequestLimits
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.preview import read_once
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
    ValueType,
)
from custom_components.plantroom.engine.modbus.registers.states import raw_states
from custom_components.plantroom.engine.modbus.sunspec import discover
from custom_components.plantroom.engine.models import PointValue
from tests.engine.modbus.served_units import opened, served, unit

from . import images

# Security models are no points of a building, and have strings no read can hold
SKIPPED = {*range(1, 10)}
TYPES_SKIPPED = {"sunssf", "pad", "ipaddr", "ipv6addr", "eui48"}
LONGEST_READ = 125
GROUPS = list(
    batched([m for m in images.model_ids() if m not in SKIPPED], 6, strict=False)
)

type Theirs = dict[int, tuple[str, float | int | str | None]]


def read_by_pysunspec2(config: ModbusLineConfig) -> Theirs:
    """Return type and value of every point of the device by address; blocks."""
    client = SunSpecModbusClientDeviceTCP(
        slave_id=1, ipaddr=config.host, ipport=config.port, timeout=5
    )
    try:
        client.scan()
        return {
            model.model_addr + point.offset: (point.pdef["type"], point.cvalue)
            for model in client.model_list
            if model.model_id not in SKIPPED
            for point in points_within(model)
        }
    finally:
        client.close()


def points_within(group) -> Iterator:
    for name, point in group.points.items():
        if name in ("ID", "L") or point.pdef["type"] in TYPES_SKIPPED:
            continue
        if point.len <= LONGEST_READ:
            yield point
    for below in group.groups.values():
        for one in below if isinstance(below, list) else [below]:
            yield from points_within(one)


async def read_by_us(
    config: ModbusLineConfig,
) -> dict[str, tuple[RegisterPoint, PointValue, str]]:
    async with opened(config) as line:
        reader = LineUnit(line, 1)
        device = await discover(reader)
        assert device is not None
        wanted = [(point.key, point) for point in device.points]
        found = await read_once(reader, wanted, RequestLimits())
    by_key = {point.key: point for point in device.points}
    assert len(by_key) == len(device.points)
    return {
        each.point_id: (by_key[each.point_id], each.value, each.error) for each in found
    }


def differences(ours, theirs: Theirs) -> list[object]:
    """Return where the two do not mean the same."""
    wrong: list[object] = []
    reached = set()
    for point, value, error in ours.values():
        address = point.address
        if point.bit is not None:
            # The register of the bit, of a value that begins here or just before
            address = address if address in theirs else address - 1
        reached.add(address)
        kind, expected = theirs[address]
        if not same(point, value, kind, expected, point.address - address):
            wrong.append((point.key, kind, value, error, expected))
    wrong += [
        ("not ours", at, theirs[at])
        for at in theirs.keys() - reached
        if theirs[at][0][:8] != "bitfield"
    ]
    return wrong


def same(point, value, kind, expected, register) -> bool:
    if point.type is ValueType.STRING:
        return value == (expected or "").strip()
    if expected is None:
        return value is None
    if point.bit is not None:
        from_end = (2 if kind == "bitfield32" else 1) - 1 - register
        return value is bool(expected >> 16 * from_end + point.bit & 1)
    if point.states:
        raw = raw_states(point)
        if expected not in raw:
            # A state that the standard has no name for
            return value is None
        return raw[value - 1] == expected
    return isinstance(value, int | float) and math.isclose(
        value, expected, rel_tol=1e-6, abs_tol=1e-9
    )


async def compare(words: list[int], base: int = images.BASE) -> None:
    device = unit(1, {Space.HOLDING: {base: words}})
    async with served(device) as config:
        ours = await read_by_us(config)
        theirs = await asyncio.to_thread(read_by_pysunspec2, config)
    assert theirs
    assert differences(ours, theirs) == []


@pytest.mark.parametrize("name", images.CAPTURES)
async def test_captured_device_is_read_as_by_pysunspec2(name: str):
    await compare(images.captured(name))


@pytest.mark.parametrize("base", [0, 40000, 50000])
async def test_device_is_found_at_each_place_of_the_marker(base: int):
    await compare(images.image_of(images.common(), images.invented(103)), base)


@pytest.mark.parametrize("models", GROUPS, ids=str)
async def test_every_published_model_is_read_as_by_pysunspec2(models: tuple[int, ...]):
    await compare(
        images.image_of(images.common(), *(images.invented(m) for m in models))
    )
