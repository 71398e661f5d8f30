"""Rules of subscriptions: proven, renewed, missed, given back; time is a patched clock."""

import asyncio

import pytest

from custom_components.plantroom.engine.bacnet.change_of_value import (
    LIFETIME_SECONDS,
    RETRY_SECONDS,
    SETTLING_SECONDS,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.errors import MalformedReplyError

from .subscription_bench import AI, OFFLINE, analogs, point, refusal


async def test_a_point_is_live_once_subscribed_and_notified(bench):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    assert bench.cov.live() == frozenset()
    bench.prove(one)
    assert bench.cov.live() == {point(one).point_id}
    assert bench.proofs


async def test_a_notification_of_another_object_is_nobody_s(bench):
    bench.want(*analogs(1))
    await bench.settle()
    assert bench.cov.notified(ObjectId(AI, 99)) is None


async def test_a_subscription_is_renewed_before_its_lifetime_ends(bench):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    bench.prove(one)
    bench.clock.advance(LIFETIME_SECONDS * 0.56)
    await bench.settle()
    assert bench.device.asked == [one, one]
    assert bench.cov.live()


async def test_a_device_that_is_silent_at_renewal_is_polled(bench):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    bench.prove(one)
    bench.device.errors[None] = OFFLINE
    bench.clock.advance(LIFETIME_SECONDS)
    await bench.settle()
    assert bench.cov.live() == frozenset()


async def test_a_restarted_device_is_subscribed_anew(bench):
    one, two = analogs(2)
    bench.want(one, two)
    await bench.settle()
    bench.prove(one, two)
    bench.device.held.clear()
    bench.cov.restarted()
    assert bench.cov.live() == frozenset()
    await bench.settle()
    assert bench.device.held == {one, two}


async def test_a_renewal_keeps_points_live(bench):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    bench.prove(one)
    bench.device.held.clear()
    bench.cov.renew()
    assert bench.cov.live()
    await bench.settle()
    assert bench.device.held == {one}


async def test_a_point_that_changes_silently_is_polled_and_said_once(bench, caplog):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    for _ in range(2):
        bench.prove(one)
        bench.cov.missed(one)
        assert bench.cov.live(), "a change just notified is no proof of silence"
        bench.clock.advance(SETTLING_SECONDS + 1)
        bench.cov.missed(one)
        assert bench.cov.live(), "once may be a race"
        bench.cov.missed(one)
        assert bench.cov.live() == frozenset()
        bench.clock.advance(RETRY_SECONDS + 1)
        await bench.settle()
    warnings = [r for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == 1


async def test_a_notification_in_between_takes_the_suspicion_away(bench):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    bench.prove(one)
    for _ in range(4):
        bench.clock.advance(SETTLING_SECONDS + 1)
        bench.cov.missed(one)
        bench.prove(one)
    assert bench.cov.live()


async def test_what_was_never_proven_cannot_be_missed(bench):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    bench.cov.missed(one)
    bench.cov.missed(ObjectId(AI, 99))
    assert bench.device.asked == [one]


@pytest.mark.parametrize(
    "error", [MalformedReplyError("?", device="d"), OFFLINE, refusal("other")]
)
async def test_an_unsubscription_that_fails_ends_nothing(bench, error):
    one, two = analogs(2)
    bench.want(one)
    await bench.settle()
    bench.device.leave_error = error
    bench.want(two)
    await bench.settle()
    assert two in bench.device.held


async def test_stopping_cancels_what_is_subscribed(bench):
    bench.want(*analogs(6))
    await bench.settle()
    await bench.cov.stop(cancel=True)
    assert bench.device.held == set()


async def test_stopping_cancels_what_was_asked_for_and_not_answered(bench):
    (one,) = analogs(1)
    bench.want(one)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert bench.device.asked == [one]
    bench.device.held.add(one)
    await bench.cov.stop(cancel=True)
    assert bench.device.held == set()


async def test_stopping_without_cancel_says_nothing(bench):
    bench.want(*analogs(6))
    await bench.settle()
    await bench.cov.stop(cancel=False)
    assert bench.device.left == []
