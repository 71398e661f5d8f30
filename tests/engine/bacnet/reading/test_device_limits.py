"""Rules of what is learned of a device, and of forgetting it again."""

import json
from collections import deque
from dataclasses import asdict

from custom_components.plantroom.engine.bacnet.octets.rpm import PropertyRef
from custom_components.plantroom.engine.bacnet.reading.device_limits import (
    PROBE_AGAIN_SECONDS,
    DeviceLimits,
    LimitsSnapshot,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_too_long_batches_halve_the_length_and_time_doubles_it_again():
    clock = Clock()
    limits = DeviceLimits(1024, clock=clock)
    limits.note_too_long(1000)
    limits.note_too_long(900)  # cut before the lesson
    assert (limits.batch_octets, limits.revision) == (500, 1)
    limits.probe_again()
    assert limits.batch_octets == 500
    for expected in (1000, 1024, 1024):
        clock.now += PROBE_AGAIN_SECONDS
        limits.probe_again()
        assert limits.batch_octets == expected


def test_rpm_is_given_up_at_a_reject_or_after_failures_in_a_row_only():
    limits = DeviceLimits(480)
    for _ in range(7):
        limits.note_rpm_failed("unknown-object")
    limits.note_rpm_answered()
    limits.note_rpm_failed("unknown-object")
    assert limits.rpm_supported
    for _ in range(7):
        limits.note_rpm_failed("abort-other")
    assert not limits.rpm_supported
    other = DeviceLimits(480)
    other.note_rpm_failed("reject-unrecognized-service")
    assert not other.rpm_supported


def test_snapshot_survives_json():
    limits = DeviceLimits(480, max_in_flight=2)
    limits.note_too_long(400)
    stored = json.loads(json.dumps(asdict(limits.snapshot())))
    restored = DeviceLimits.restore(LimitsSnapshot(**stored))
    assert restored.snapshot() == limits.snapshot()
    assert restored.batch_octets == 200


def test_batches_fit_request_and_reply():
    limits = DeviceLimits(128)
    waiting = deque(PropertyRef(0, number, 512) for number in range(100))
    while waiting:
        batch, octets = limits.take_batch(waiting)
        assert batch
        assert octets <= 128
        assert 4 + 12 * len(batch) <= 128


def test_a_property_longer_than_any_batch_is_taken_alone():
    limits = DeviceLimits(50)
    refs = [PropertyRef(8, 1, 76), PropertyRef(8, 1, 77)]
    assert limits.take_batch(deque(refs))[0] == refs[:1]


def test_sizes_are_learned_from_replies():
    limits = DeviceLimits(1476)
    refs = [PropertyRef(0, number, 28) for number in range(100)]
    before = len(limits.take_batch(deque(refs))[0])
    limits.sizes.note(refs[0], 200)
    assert len(limits.take_batch(deque(refs))[0]) < before
