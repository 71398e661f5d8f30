"""A chain of models, taken as far as it makes sense whatever the device claims."""

import random

import pytest

from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.modbus.registers.register_map import Space
from custom_components.plantroom.engine.modbus.sunspec import discover
from custom_components.plantroom.engine.modbus.sunspec.chain import (
    MARKER,
    MOST_MODELS,
    MOST_WORDS,
    Base,
    find_base,
    walk,
)
from tests.engine.modbus.memory_reader import MemoryReader

from . import images

BASE = Base(space=Space.HOLDING, address=40000)


def device(
    *words: int, space: Space = Space.HOLDING, base: int = 40000
) -> MemoryReader:
    return MemoryReader({(space, base): (*MARKER, *words)})


def model(model_id: int, length: int) -> tuple[int, ...]:
    return (model_id, length, *[0] * length)


async def chain(*words: int) -> list[tuple[int, int, int, int]]:
    blocks = await walk(device(*words), BASE)
    return [(b.model_id, b.address, b.length, b.number) for b in blocks]


@pytest.mark.parametrize("space", [Space.HOLDING, Space.INPUT])
@pytest.mark.parametrize("base", [0, 40000, 50000])
async def test_marker_is_found_in_either_kind_of_register(space: Space, base: int):
    found = await find_base(device(0xFFFF, 0, space=space, base=base))
    assert found == Base(space=space, address=base)


async def test_device_without_a_marker_is_asked_six_times_at_most():
    reader = MemoryReader({(Space.HOLDING, 40000): (0x5375, 0x6E54)})
    assert await find_base(reader) is None
    assert len(reader.requests) == 6


async def test_silent_device_is_not_asked_at_every_place():
    reader = MemoryReader(silent=True)
    with pytest.raises(DeviceOfflineError):
        await find_base(reader)
    assert len(reader.requests) == 2


async def test_models_of_the_same_id_are_counted():
    assert await chain(*model(1, 4), *model(203, 3), *model(203, 2), 0xFFFF, 0) == [
        (1, 40002, 4, 1),
        (203, 40008, 3, 1),
        (203, 40013, 2, 2),
    ]


@pytest.mark.parametrize("end", [(0xFFFF,), (0xFFFF, 0), (0xFFFF, 7), (), (0,), (0, 0)])
async def test_chain_ends_where_the_device_ends_it(end: tuple[int, ...]):
    assert [block[0] for block in await chain(*model(1, 4), *end)] == [1]


async def test_model_that_leads_out_of_the_addresses_ends_the_chain():
    assert [block[0] for block in await chain(*model(1, 4), 103, 0xFFF0)] == [1]


async def test_chain_without_an_end_is_left_after_a_hundred_models():
    words = [word for _ in range(3 * MOST_MODELS) for word in (42, 0)]
    reader = device(*words)
    assert len(await walk(reader, BASE)) == MOST_MODELS
    assert len(reader.requests) == MOST_MODELS


async def test_device_that_claims_long_models_costs_a_bounded_number_of_registers():
    reader = MemoryReader({(Space.HOLDING, 40000): (*MARKER, *[803, 2000] * 12000)})
    found = await discover(reader)
    assert found is not None
    assert len(found.models) == 12
    read = sum(int(str(request[3])) for request in reader.requests)
    assert read <= MOST_WORDS + 2 * len(reader.requests)


async def test_unknown_models_are_passed_over():
    reader = device(*model(1, 66), *model(65000, 10), *model(103, 50), 0xFFFF, 0)
    found = await discover(reader)
    assert found is not None
    assert found.models == (1, 65000, 103)
    assert {point.key.split("_")[0] for point in found.points} == {"m103"}


async def test_model_that_refuses_to_be_read_is_offered_all_the_same():
    words = images.image_of(images.common(), images.invented(103))
    header = 40000 + 2 + 68
    reader = MemoryReader(
        {
            (Space.HOLDING, 40000): words[: header - 40000 + 2],
            (Space.HOLDING, header + 52): (0xFFFF, 0),
        }
    )
    found = await discover(reader)
    assert found is not None
    assert found.facts.vendor == "Acme"
    assert "m103_w" in {point.key for point in found.points}


@pytest.mark.parametrize("seed", range(40))
async def test_garbage_behind_a_marker_does_no_harm(seed: int):
    numbers = random.Random(seed)
    ids = [1, 103, 160, 203, 707, 803, 804, 714, 64413]
    words = [
        numbers.choice([*ids, numbers.randint(0, 65535), numbers.randint(0, 40)])
        for _ in range(25000)
    ]
    reader = device(*words)
    found = await discover(reader)
    assert found is not None
    assert len({point.key for point in found.points}) == len(found.points)
    assert len(reader.requests) < 400
