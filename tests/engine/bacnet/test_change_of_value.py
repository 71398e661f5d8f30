"""Rules of subscriptions, against a subscriber by hand; time passes by a patched clock."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from custom_components.plantroom.engine.bacnet import change_of_value
from custom_components.plantroom.engine.bacnet.change_of_value import (
    LIFETIME_SECONDS,
    OFFLINE_RETRY_SECONDS,
    RETRY_SECONDS,
    SETTLING_SECONDS,
    ChangeOfValue,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.errors import (
    DeviceError,
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointKind,
    PointRole,
)

AI, BI = 0, 3
KINDS = {AI: PointKind.ANALOG, BI: PointKind.BINARY}


def refusal(reason: str) -> DeviceRefusedError:
    return DeviceRefusedError(reason, device="d", reason=reason)


OFFLINE = DeviceOfflineError("silent", device="d")


@dataclass
class Device:
    """Counts subscriptions; answers carries what it refuses, by object or for all."""

    slots: int = 100
    full: str = "no-space-to-add-list-element"
    held: set[ObjectId] = field(default_factory=set)
    asked: list[ObjectId] = field(default_factory=list)
    left: list[ObjectId] = field(default_factory=list)
    errors: dict[ObjectId | None, DeviceError] = field(default_factory=dict)
    leave_error: DeviceError | None = None

    async def subscribe(self, object_id: ObjectId, lifetime_seconds: int) -> None:
        self.asked.append(object_id)
        await asyncio.sleep(0)
        error = self.errors.get(object_id) or self.errors.get(None)
        if error is not None:
            raise error
        if object_id not in self.held and len(self.held) >= self.slots:
            raise refusal(self.full)
        self.held.add(object_id)

    async def unsubscribe(self, object_id: ObjectId) -> None:
        self.left.append(object_id)
        await asyncio.sleep(0)
        if self.leave_error is not None:
            raise self.leave_error
        self.held.discard(object_id)


class Clock:
    """Stands still until told; whoever waits then looks again."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.cov: ChangeOfValue | None = None

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
        assert self.cov is not None
        self.cov._wake.set()


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(change_of_value, "_now", clock)
    return clock


@dataclass
class Bench:
    device: Device
    cov: ChangeOfValue
    clock: Clock
    proofs: list[int]

    def want(self, *objects: ObjectId) -> None:
        self.cov.want([(point(each), each) for each in objects])

    async def settle(self) -> None:
        for _ in range(300):
            await asyncio.sleep(0)

    def prove(self, *objects: ObjectId) -> None:
        for each in objects:
            assert self.cov.notified(each) is not None


@pytest.fixture
async def bench(clock) -> AsyncIterator[Bench]:
    device, proofs = Device(), []
    cov = ChangeOfValue("n:1", device, lambda: proofs.append(1))
    clock.cov = cov
    cov.start()
    cov.start()
    yield Bench(device, cov, clock, proofs)
    await cov.stop(cancel=False)
    await cov.stop(cancel=True)


def point(object_id: ObjectId) -> Point:
    return Point(
        point_id=f"n:1:{object_id}",
        device_id="n:1",
        reference=f"{object_id}",
        kind=KINDS[object_id.object_type],
        role=PointRole.INPUT,
        access=Access.READ_ONLY,
        name="x",
    )


def analogs(count: int, first: int = 0) -> list[ObjectId]:
    return [ObjectId(AI, number) for number in range(first, first + count)]


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


async def test_a_subscription_is_renewed_before_its_lifetime_ends(bench):
    (one,) = analogs(1)
    bench.want(one)
    await bench.settle()
    bench.prove(one)
    bench.clock.advance(LIFETIME_SECONDS * 0.56)
    await bench.settle()
    assert bench.device.asked == [one, one]
    assert bench.cov.live()


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
