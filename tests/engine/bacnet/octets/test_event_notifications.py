"""Event notifications are read as independent stacks write them, and nothing breaks us."""

import contextlib

import pytest
from bac_py.types.constructed import StatusFlags
from bac_py.types.enums import NotifyType
from bac_py.types.notification_params import OutOfRange
from bacpypes3.apdu import AcknowledgeAlarmRequest, ConfirmedRequestPDU
from bacpypes3.basetypes import EventState
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.description.event_values import (
    MOST_FACTS,
    facts_of,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId, walk
from custom_components.plantroom.engine.bacnet.octets.event_information import (
    encode_acknowledge_alarm,
)
from custom_components.plantroom.engine.bacnet.octets.event_notifications import (
    decode_event_notification,
)
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError
from custom_components.plantroom.engine.bacnet.octets.time_stamps import (
    TimeStamp,
    decode_time_stamp,
    encode_time_stamp,
    time_stamp_text,
)
from tests.engine.bacnet.peer_events import STAMPS, Octets, peer_notification

VALUES = OutOfRange(27.5, StatusFlags(in_alarm=True), 1.0, 26.0)


def test_notification_says_who_what_and_when():
    heard = decode_event_notification(peer_notification(event_values=VALUES))
    assert (heard.process_id, heard.device) == (20556, ObjectId(8, 7))
    assert heard.event_object == ObjectId(0, 3)
    assert time_stamp_text(heard.time_stamp) == "2026-11-21T12:00:03.50"
    assert (heard.notification_class, heard.priority, heard.event_type) == (15, 100, 5)
    assert (heard.message_text, heard.notify_type) == ("Zu warm", 0)
    assert (heard.ack_required, heard.from_state, heard.to_state) == (True, 0, 3)
    assert facts_of(heard.event_values).facts["exceeded-limit"] == 26.0


def test_notification_of_an_acknowledgement_leaves_out_what_it_may():
    octets = peer_notification(
        notify_type=NotifyType.ACK_NOTIFICATION,
        ack_required=None,
        from_state=None,
        message_text=None,
    )
    heard = decode_event_notification(octets)
    assert (heard.notify_type, heard.ack_required, heard.from_state) == (2, False, None)
    assert (heard.message_text, heard.event_values) == ("", None)
    assert facts_of(heard.event_values).facts == {}


@pytest.mark.parametrize("text", STAMPS)
def test_time_stamp_of_each_form_is_read_and_given_back_as_it_was(text: str):
    stamp = decode_event_notification(
        peer_notification(time_stamp=Octets(STAMPS[text]))
    ).time_stamp
    assert time_stamp_text(stamp) == text
    assert encode_time_stamp(stamp) == STAMPS[text]


@pytest.mark.parametrize("text", STAMPS)
def test_acknowledgement_is_one_that_another_stack_reads(text: str):
    (element,) = walk(STAMPS[text])
    stamp = decode_time_stamp(element)
    now = TimeStamp(sequence_number=3)
    octets = encode_acknowledge_alarm(
        20556, ObjectId(0, 3), 3, stamp, "Ada Lovelace ☀", now
    )
    apdu = ConfirmedRequestPDU(0)
    apdu.put_data(octets)
    read = AcknowledgeAlarmRequest.decode(apdu)
    assert read.acknowledgingProcessIdentifier == 20556
    assert str(read.eventObjectIdentifier) == "analog-input,3"
    assert read.eventStateAcknowledged == EventState.highLimit
    stamped = bytes(read.timeStamp.encode().encode().pduData)
    assert stamped == b"\x3e" + STAMPS[text] + b"\x3f"
    assert read.acknowledgmentSource == "Ada Lovelace ☀"
    assert read.timeOfAcknowledgment.sequenceNumber == 3


@pytest.mark.parametrize(
    ("stamp", "says"),
    [
        (TimeStamp(sequence_number=0), True),
        (TimeStamp(), False),
        (decode_time_stamp(walk(STAMPS["12:00:03.50"])[0]), True),
        (decode_time_stamp(walk(b"\x0c\xff\xff\xff\xff")[0]), False),
        (
            decode_time_stamp(
                walk(b"\x2e\xa4\xff\xff\xff\xff\xb4\xff\xff\xff\xff\x2f")[0]
            ),
            False,
        ),
    ],
)
def test_device_without_a_clock_does_not_say_when(stamp: TimeStamp, *, says: bool):
    assert stamp.says_when is says


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x09\x01",
        peer_notification()[:-3],
        peer_notification() + b"\x3f",
        peer_notification().replace(b"\x1c\x02", b"\x1a\x02", 1),
        b"\x3e\x3f".join(peer_notification().split(b"\x3e", 1)),
    ],
)
def test_what_is_no_notification_is_called_malformed(octets: bytes):
    with pytest.raises(MalformedFrameError):
        decode_event_notification(octets)


@given(st.binary(max_size=80))
def test_any_octets_are_read_or_called_malformed(octets: bytes):
    with contextlib.suppress(MalformedFrameError):
        decode_event_notification(octets)


WHOLE = peer_notification(event_values=VALUES)


@given(st.data())
def test_notification_with_octets_exchanged_is_read_or_called_malformed(data):
    octets = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(
            st.integers(0, 255)
        )
    try:
        heard = decode_event_notification(bytes(octets))
    except MalformedFrameError:
        return
    found = facts_of(heard.event_values)
    assert len(found.facts) <= MOST_FACTS
    assert 0 <= heard.priority <= 255
    time_stamp_text(heard.time_stamp)
    encode_time_stamp(heard.time_stamp)
