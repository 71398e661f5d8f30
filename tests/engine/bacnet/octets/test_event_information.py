"""What a device says of all its alarms is read page by page, as bacpypes3 writes it."""

import contextlib
from typing import Any

import pytest
from bacpypes3.apdu import (
    GetEventInformationACK,
    GetEventInformationEventSummary,
    GetEventInformationRequest,
)
from bacpypes3.basetypes import TimeStamp
from bacpypes3.primitivedata import Time, Unsigned
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    ObjectId,
    encode_context,
)
from custom_components.plantroom.engine.bacnet.octets.event_information import (
    decode_event_page,
    encode_get_event_information,
)
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError
from custom_components.plantroom.engine.bacnet.octets.time_stamps import (
    time_stamp_text,
)


def summary(number: int, **facts: Any) -> GetEventInformationEventSummary:
    wanted: dict[str, Any] = {
        "objectIdentifier": ("analog-input", number),
        "eventState": 3,
        "acknowledgedTransitions": [0, 1, 1],
        "eventTimeStamps": [
            TimeStamp(time=Time((12, 0, 3, 50))),
            TimeStamp(sequenceNumber=Unsigned(17)),
            TimeStamp(time=Time((255, 255, 255, 255))),
        ],
        "notifyType": 0,
        "eventEnable": [1, 1, 1],
        "eventPriorities": [100, 101, 200],
    }
    return GetEventInformationEventSummary(**wanted | facts)


def page(*summaries: GetEventInformationEventSummary, more: bool = False) -> bytes:
    answer = GetEventInformationACK(
        listOfEventSummaries=list(summaries), moreEvents=more
    )
    return bytes(answer.encode().pduData)


def test_request_goes_on_after_the_last_object():
    assert encode_get_event_information(None) == b""
    theirs = GetEventInformationRequest(
        lastReceivedObjectIdentifier=("event-enrollment", 7)
    )
    ours = encode_get_event_information(ObjectId(9, 7))
    assert ours == bytes(theirs.encode().pduData)


def test_summaries_say_state_acknowledgements_times_and_priorities():
    found = decode_event_page(page(summary(1), summary(2, eventState=0), more=True))
    assert found.more
    first, second = found.summaries
    assert (first.event_object, first.event_state) == (ObjectId(0, 1), 3)
    assert first.acknowledged == (False, True, True)
    assert [time_stamp_text(stamp) for stamp in first.time_stamps if stamp] == [
        "12:00:03.50", "#17", "*:*:*",
    ]  # fmt: skip
    assert (first.notify_type, first.priorities) == (0, (100, 101, 200))
    assert (second.event_object, second.event_state) == (ObjectId(0, 2), 0)


def test_device_without_alarms_says_so():
    found = decode_event_page(page())
    assert (found.summaries, found.more) == ((), False)


def test_summary_of_bare_necessities_is_an_alarm_all_the_same():
    octets = (
        b"\x0e"
        + encode_context(0, ObjectId(0, 1))
        + encode_context(1, 2)
        + encode_context(2, BitString((False,)))
        + b"\x3e\x09\x01\x3f"
        + b"\x0f\x19\x00"
    )
    (found,) = decode_event_page(octets).summaries
    assert found.acknowledged == (False, True, True)
    assert found.time_stamps == found.priorities == (None, None, None)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        page(summary(1))[:-2],
        page(summary(1)).replace(b"\x0c", b"\x1c", 1),
        b"\x0e\x91\x00\x0f\x19\x00",
        b"\x0e\x19\x02\x0f\x19\x00",
    ],
)
def test_what_is_no_answer_is_called_malformed(octets: bytes):
    with pytest.raises(MalformedFrameError):
        decode_event_page(octets)


@given(st.data())
def test_answer_with_octets_exchanged_is_read_or_called_malformed(data):
    octets = bytearray(page(summary(1), summary(2)))
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(
            st.integers(0, 255)
        )
    with contextlib.suppress(MalformedFrameError):
        decode_event_page(bytes(octets))
