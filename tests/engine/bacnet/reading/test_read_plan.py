"""Rules of polling by read plans: values, changes, and what they learn."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Double,
    Enumerated,
    Signed,
)
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError
from custom_components.plantroom.engine.bacnet.reading.device_limits import DeviceLimits
from custom_components.plantroom.engine.bacnet.reading.plan_batch import (
    PlanBatch,
    PlannedPoint,
)
from custom_components.plantroom.engine.bacnet.reading.read_plan import (
    BatchReading,
    ReadPlan,
)
from custom_components.plantroom.engine.errors import DeviceOfflineError

from ..octets.test_encoding import primitives
from ..scripted_device import (
    FLAGS,
    Behaviour,
    ScriptedDevice,
    analog_inputs,
    device_and_requests,
)


def plan_of(objects, limits=None, fallback=None) -> ReadPlan:
    points = [(f"{kind},{number}", kind, number) for kind, number in objects]
    return ReadPlan(points, limits or DeviceLimits(1476), fallback)


async def run(plan, requests, target) -> list[BatchReading]:
    return [reading async for reading in plan.run(requests, target)]


def by_point(readings) -> dict[str, object]:
    return {
        point_id: reading.errors.get(point_id, value)
        for reading in readings
        for point_id, value in zip(reading.point_ids, reading.values, strict=True)
    }


async def test_every_kind_of_value_is_read_the_same_by_template_and_without():
    objects = {
        (0, 1): {85: [21.5], 111: [BitString((True, False, False, True))]},
        (3, 1): {85: [Enumerated(1)], 111: [FLAGS]},
        (19, 1): {85: [3], 111: [BitString((False, True, True, False))]},
        (23, 1): {85: [70000], 111: [FLAGS]},
        (45, 1): {85: [Signed(-70000)], 111: [FLAGS]},
        (46, 1): {85: [Double(0.1)], 111: [FLAGS]},
        (48, 1): {85: [2**40], 111: [FLAGS]},
        (7, 1): {85: [True], 111: [FLAGS]},
        (5, 1): {85: [300], 111: [FLAGS]},
    }
    expected = (21.5, 1, 3, 70000, -70000, 0.1, 2**40, True, 300)
    async with device_and_requests(objects) as (_, requests, target):
        plan = plan_of(objects)
        (first,) = await run(plan, requests, target)
        objects[7, 1][85] = [False]
        (second,) = await run(plan, requests, target)
    assert first.values == expected
    assert second.values == (*expected[:7], False, 300)
    assert first.flags == second.flags == (9, 0, 6, 0, 0, 0, 0, 0, 0)
    assert [type(value) for value in first.values] == [type(v) for v in second.values]
    assert (first.changed, tuple(second.changed)) == (None, (7,))


async def test_only_what_changed_is_told():
    objects = analog_inputs(10)
    async with device_and_requests(objects) as (_, requests, target):
        plan = plan_of(objects)
        (first,) = await run(plan, requests, target)
        (same,) = await run(plan, requests, target)
        objects[0, 3][85] = [99.0]
        objects[0, 8][111] = [BitString((False, True, False, False))]
        (changed,) = await run(plan, requests, target)
    assert first.changed is None
    assert (same.changed, same.values) == ((), first.values)
    assert tuple(changed.changed) == (3, 8)
    assert (changed.values[3], changed.flags[8]) == (99.0, 4)


async def test_an_error_is_told_with_its_point_and_comes_and_goes():
    objects = analog_inputs(5)
    async with device_and_requests(objects) as (_, requests, target):
        plan = plan_of(objects)
        await run(plan, requests, target)
        value = objects[0, 2].pop(85)
        (gone,) = await run(plan, requests, target)
        objects[0, 1][85] = [55.0]
        (still,) = await run(plan, requests, target)
        objects[0, 2][85] = value
        (back,) = await run(plan, requests, target)
    assert gone.errors == still.errors == {"0,2": "unknown-property"}
    assert gone.values == (0.0, 1.0, None, 3.0, 4.0)
    assert still.values == (0.0, 55.0, None, 3.0, 4.0)
    assert (tuple(gone.changed), tuple(still.changed)) == ((2,), (1,))
    assert (back.values[2], back.errors, tuple(back.changed)) == (2.0, {}, (2,))


async def test_objects_without_status_flags_are_not_asked_for_them_again():
    objects = analog_inputs(4)
    del objects[0, 1][111]
    async with device_and_requests(objects) as (_, requests, target):
        plan = plan_of(objects)
        (first,) = await run(plan, requests, target)
        (second,) = await run(plan, requests, target)
        octets = [len(batch.request) for batch in plan._batches]
        objects[0, 1][85] = [7.0]
        (third,) = await run(plan, requests, target)
    assert first.errors == second.errors == {}
    assert octets == [4 * 11 - 2]
    assert (third.values[1], third.flags) == (7.0, (0, 0, 0, 0))


async def test_values_of_varying_length_do_not_slow_the_others():
    objects = analog_inputs(4)
    objects[40, 1] = {85: ["heating"], 111: [FLAGS]}
    objects[200, 1] = {85: ["proprietary"], 111: [FLAGS]}
    async with device_and_requests(objects) as (_, requests, target):
        plan = plan_of(objects)
        assert len(await run(plan, requests, target)) == 2
        objects[200, 1][85] = ["longer than before"]
        readings = await run(plan, requests, target)
    assert [len(reading.values) for reading in readings] == [4, 2]
    assert readings[1].values == ("heating", "longer than before")


async def test_aborted_batches_are_read_at_once_and_cut_shorter_from_then_on():
    objects = analog_inputs(100)
    limits = DeviceLimits(1476)
    async with device_and_requests(objects) as (device, requests, target):
        device.behaviour.max_apdu = 300
        plan = plan_of(objects, limits)
        first = await run(plan, requests, target)
        asked = len(device.requests)
        second = await run(plan, requests, target)
        assert len(device.requests) - asked == len(second) > len(first)
    expected = {f"0,{number}": float(number) for number in range(100)}
    assert by_point(first) == by_point(second) == expected


@pytest.mark.parametrize(
    "behaviour",
    [
        {"rpm": False},
        {"rpm_garbage": True},
        {"max_apdu": 50},
        {"max_apdu": 128},
        {"rpm_error_about": {(0, 9999)}},
        {"network": 2001, "mac": b"\x0c", "max_apdu": 480},
    ],
)
async def test_difficult_devices_are_polled(behaviour):
    objects = analog_inputs(40)
    async with device_and_requests(objects, **behaviour) as (_, requests, target):
        plan = plan_of([*objects, (0, 9999)], DeviceLimits(target.max_apdu))
        for _ in range(3):
            readings = await run(plan, requests, target)
            expected = {f"0,{number}": float(number) for number in range(40)}
            assert by_point(readings) == expected | {"0,9999": "unknown-object"}
            objects[0, 1][85] = [1.0]


async def test_an_object_that_silences_a_request_is_read_alone_from_then_on():
    objects = analog_inputs(6)
    async with device_and_requests(objects, silent_about={(0, 2)}) as setup:
        _, requests, target = setup
        plan = plan_of(objects)
        first = await run(plan, requests, target)
        second = await run(plan, requests, target)
    assert by_point(first)["0,2"] == by_point(second)["0,2"] == "timeout"
    assert by_point(first)["0,5"] == 5.0
    assert [reading.point_ids for reading in second][1] == ("0,2",)


async def test_silent_device_is_offline_and_polled_again_when_back():
    objects = analog_inputs(200)
    async with device_and_requests(objects) as (device, requests, target):
        plan = plan_of(objects)
        await run(plan, requests, target)
        device.behaviour.silent = True
        with pytest.raises(DeviceOfflineError):
            await run(plan, requests, target)
        device.behaviour.silent = False
        assert by_point(await run(plan, requests, target))["0,199"] == 199.0


async def test_leaving_early_sends_no_more():
    objects = analog_inputs(300)
    async with device_and_requests(objects, max_apdu=128) as setup:
        device, requests, target = setup
        readings = plan_of(objects, DeviceLimits(128)).run(requests, target)
        await anext(readings)
        await readings.aclose()
        asked = len(device.requests)
        await asyncio.sleep(0.05)
        assert len(device.requests) <= asked + 8


@given(st.lists(primitives, min_size=1, max_size=12), st.randoms(), st.data())
def test_replies_changed_on_the_way_never_do_more_than_be_malformed(
    values, noise: random.Random, data
):
    objects = {(0, n): {85: [v], 111: [FLAGS]} for n, v in enumerate(values)}
    points = [
        PlannedPoint(point_id=str(n), object_type=0, instance=n)
        for n in range(len(values))
    ]
    batch = PlanBatch(points, 1476)
    device = ScriptedDevice(objects, Behaviour(max_apdu=65535))
    sound = device._read_multiple(64, batch.request)[3:]
    reading = batch.decode(sound)
    assert len(reading.values) == len(values)
    for _ in range(4):
        octets = bytearray(sound)
        octets[noise.randrange(len(octets))] = noise.randrange(256)
        try:
            mutated = batch.decode(
                bytes(octets[: noise.choice([None, len(octets) - 1])])
            )
        except MalformedFrameError:
            continue
        assert len(mutated.values) == len(mutated.flags) == len(values)
    assert batch.decode(sound).values == reading.values
