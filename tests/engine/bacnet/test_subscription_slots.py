"""How many subscriptions a device takes, who gets them, and what a refusal means."""

import asyncio

import pytest

from custom_components.plantroom.engine.bacnet.change_of_value import (
    OFFLINE_RETRY_SECONDS,
    RETRY_SECONDS,
    ChangeOfValue,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.errors import MalformedReplyError

from .subscription_bench import BI, OFFLINE, Device, analogs, point, refusal


async def test_binary_points_get_the_slots_first(bench):
    bench.device.slots = 2
    binaries = [ObjectId(BI, 1), ObjectId(BI, 2)]
    bench.want(*analogs(4), *binaries)
    await bench.settle()
    assert bench.device.held == set(binaries)
    assert bench.cov.slots == 2


@pytest.mark.parametrize("full", ["out-of-memory", "cov-subscription-failed", "other"])
async def test_slots_are_learned_whatever_a_full_device_says(bench, full):
    bench.device.slots, bench.device.full = 3, full
    bench.want(*analogs(12))
    await bench.settle()
    assert bench.cov.slots == 3
    asked = len(bench.device.asked)
    bench.want(*analogs(13))
    await bench.settle()
    assert len(bench.device.asked) == asked


async def test_one_more_slot_is_tried_after_an_hour_and_learned(bench):
    bench.device.slots = 2
    bench.want(*analogs(5))
    await bench.settle()
    bench.device.slots = 4
    bench.clock.advance(RETRY_SECONDS + 1)
    await bench.settle()
    assert len(bench.device.held) == bench.cov.slots == 4


async def test_a_binary_point_takes_the_slot_of_an_analog_one(bench):
    bench.device.slots = 2
    bench.want(*analogs(3))
    await bench.settle()
    binary = ObjectId(BI, 1)
    bench.want(*analogs(3), binary)
    await bench.settle()
    assert binary in bench.device.held
    assert len(bench.device.held) == 2
    assert len(bench.device.left) == 1


async def test_slots_from_before_a_restart_are_not_tried_again(clock):
    device = Device(slots=2)
    cov = ChangeOfValue("n:1", device, lambda: None, slots=2)
    clock.cov = cov
    cov._slots_asked_at = clock.now
    cov.want([(point(each), each) for each in analogs(6)])
    cov.start()
    for _ in range(300):
        await asyncio.sleep(0)
    assert len(device.asked) == 2
    await cov.stop(cancel=True)
    assert device.held == set()


async def test_an_object_without_cov_is_polled_and_the_others_are_not(bench):
    one, two = analogs(2)
    bench.device.errors[one] = refusal("optional-functionality-not-supported")
    bench.want(one, two)
    await bench.settle()
    bench.prove(two)
    assert bench.cov.live() == {point(two).point_id}
    assert bench.cov.slots is None
    bench.clock.advance(60)
    await bench.settle()
    assert bench.device.asked == [one, two]


@pytest.mark.parametrize(
    "error",
    [
        refusal("reject-unrecognized-service"),
        refusal("service-request-denied"),
        MalformedReplyError("?", device="d"),
    ],
)
async def test_a_device_that_refuses_cov_is_left_in_peace_for_an_hour(bench, error):
    bench.device.errors[None] = error
    bench.want(*analogs(20))
    await bench.settle()
    asked = len(bench.device.asked)
    assert asked <= 8
    bench.clock.advance(RETRY_SECONDS / 2)
    await bench.settle()
    assert len(bench.device.asked) == asked


async def test_a_device_that_refused_a_few_is_asked_for_the_others_in_an_hour(bench):
    few, others = analogs(4), analogs(4, first=4)
    for each in few:
        bench.device.errors[each] = refusal("not-cov-property")
    bench.want(*few, *others)
    await bench.settle()
    assert bench.device.held == set()
    bench.clock.advance(RETRY_SECONDS + 1)
    await bench.settle()
    assert bench.device.held == set(others)


async def test_a_silent_device_is_not_asked_point_after_point(bench):
    bench.device.errors[None] = OFFLINE
    bench.want(*analogs(50))
    await bench.settle()
    assert len(bench.device.asked) == 4
    del bench.device.errors[None]
    bench.clock.advance(OFFLINE_RETRY_SECONDS + 1)
    await bench.settle()
    assert len(bench.device.held) == 50


async def test_points_no_longer_wanted_give_their_slots_back(bench):
    one, two = analogs(2)
    bench.want(one, two)
    await bench.settle()
    bench.want(two)
    await bench.settle()
    assert bench.device.held == {two}


async def test_a_point_dropped_while_it_is_subscribed_gives_its_slot_back(bench):
    (one,) = analogs(1)
    bench.want(one)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert bench.device.asked == [one]
    assert bench.device.held == set()
    bench.want()
    await bench.settle()
    assert bench.device.held == set()
