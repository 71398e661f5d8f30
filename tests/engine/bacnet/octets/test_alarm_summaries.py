"""Older summaries are read as another stack writes them, and nothing breaks them."""

import pytest
from bac_py.services.alarm_summary import AlarmSummary as PeerAlarm
from bac_py.services.alarm_summary import EnrollmentSummary as PeerEnrollment
from bac_py.services.alarm_summary import (
    GetAlarmSummaryACK,
    GetEnrollmentSummaryACK,
    GetEnrollmentSummaryRequest,
)
from bac_py.types.enums import EventState, EventType, ObjectType
from bac_py.types.primitives import BitString
from bac_py.types.primitives import ObjectIdentifier as PeerObject
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.alarm_summaries import (
    AlarmSummary,
    EnrollmentSummary,
    decode_alarm_summaries,
    decode_enrollment_summaries,
    encode_get_enrollment_summary,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError

ALARMS = GetAlarmSummaryACK(
    list_of_alarm_summaries=[
        PeerAlarm(
            object_identifier=PeerObject(ObjectType.ANALOG_INPUT, instance),
            alarm_state=EventState.HIGH_LIMIT,
            acknowledged_transitions=BitString(b"\x60", 5),
        )
        for instance in (1, 2)
    ]
).encode()
ENROLLMENTS = GetEnrollmentSummaryACK(
    list_of_enrollment_summaries=[
        PeerEnrollment(
            object_identifier=PeerObject(ObjectType.ANALOG_INPUT, instance),
            event_type=EventType.OUT_OF_RANGE,
            event_state=EventState.NORMAL,
            priority=100 + instance,
            notification_class=7,
        )
        for instance in (1, 2)
    ]
).encode()


def test_alarm_summaries_are_read():
    assert decode_alarm_summaries(ALARMS) == (
        AlarmSummary(ObjectId(0, 1), 3, (False, True, True)),
        AlarmSummary(ObjectId(0, 2), 3, (False, True, True)),
    )
    assert decode_alarm_summaries(b"") == ()


def test_enrollment_summaries_are_read_with_and_without_a_class():
    expected = (
        EnrollmentSummary(ObjectId(0, 1), 0, 101),
        EnrollmentSummary(ObjectId(0, 2), 0, 102),
    )
    assert decode_enrollment_summaries(ENROLLMENTS) == expected
    without_a_class = ENROLLMENTS.removesuffix(b"\x21\x07")
    assert decode_enrollment_summaries(without_a_class) == expected


def test_what_is_not_acknowledged_is_asked_for():
    request = GetEnrollmentSummaryRequest.decode(encode_get_enrollment_summary())
    assert int(request.acknowledgment_filter) == 2


@pytest.mark.parametrize("octets", [ALARMS[:-2], ALARMS[5:], b"\x21\x01", b"\xff"])
def test_what_is_no_answer_is_called_malformed(octets: bytes):
    with pytest.raises(MalformedFrameError):
        decode_alarm_summaries(octets)


@given(st.binary(max_size=40))
def test_any_octets_are_read_or_called_malformed(octets: bytes):
    for decode in (decode_alarm_summaries, decode_enrollment_summaries):
        try:
            decode(octets)
        except MalformedFrameError:
            continue
