"""A recipient list is read, and written so that others' recipients stay as they were."""

from typing import Any

import pytest
from bacpypes3.basetypes import (
    DaysOfWeek,
    Destination,
    EventTransitionBits,
    Recipient,
)
from bacpypes3.primitivedata import ObjectIdentifier, Time, Unsigned

from custom_components.plantroom.engine.bacnet.octets.destinations import (
    decode_destinations,
    encode_destinations,
    own_destination,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    ObjectId,
    decode_values,
)
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError

DEVICE = ObjectId(8, 4194000)


def theirs(recipient: Recipient, **facts: Any) -> bytes:
    wanted: dict[str, Any] = {
        "validDays": DaysOfWeek([1, 1, 1, 1, 1, 0, 0]),
        "fromTime": Time((6, 30, 0, 0)),
        "toTime": Time((18, 0, 0, 0)),
        "processIdentifier": Unsigned(9),
        "issueConfirmedNotifications": False,
        "transitions": EventTransitionBits([1, 0, 1]),
    }
    made = Destination(recipient=recipient, **wanted | facts)
    return bytes(made.encode().encode().pduData)


BY_DEVICE = theirs(Recipient(device=ObjectIdentifier(("device", 7))))
BY_ADDRESS = theirs(Recipient(address="5:0x0a000001bac0"))


def read(octets: bytes):
    return decode_destinations(decode_values(octets, 0, len(octets)))


def test_recipients_of_others_are_written_as_they_were_read():
    octets = BY_DEVICE + BY_ADDRESS
    first, second = found = read(octets)
    assert (first.device, first.process_id) == (ObjectId(8, 7), 9)
    assert (second.device, second.process_id) == (None, 9)
    assert not first.tells_all
    assert encode_destinations(found) == octets
    assert encode_destinations([]) == b""


def test_our_own_recipient_is_one_that_another_stack_would_write():
    ours = own_destination(DEVICE, 20556)
    assert encode_destinations([ours]) == theirs(
        Recipient(device=ObjectIdentifier(("device", 4194000))),
        validDays=DaysOfWeek([1] * 7),
        fromTime=Time((0, 0, 0, 0)),
        toTime=Time((23, 59, 59, 99)),
        processIdentifier=Unsigned(20556),
        issueConfirmedNotifications=True,
        transitions=EventTransitionBits([1, 1, 1]),
    )
    assert (ours.device, ours.process_id, ours.tells_all) == (DEVICE, 20556, True)
    assert read(encode_destinations([ours])) == (ours,)


@pytest.mark.parametrize(
    "octets", [BY_DEVICE[:-2], BY_DEVICE + b"\x11", BY_DEVICE + BY_ADDRESS[:3]]
)
def test_half_a_recipient_is_called_malformed(octets: bytes):
    with pytest.raises(MalformedFrameError):
        read(octets)


def test_recipient_of_another_shape_is_kept_and_is_not_ours():
    octets = BY_DEVICE.replace(b"\x0c\x02", b"\x2c\x02", 1)
    (found,) = read(octets)
    assert found.device is None
    assert encode_destinations([found]) == octets
