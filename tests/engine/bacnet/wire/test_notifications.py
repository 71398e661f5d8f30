import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Enumerated,
    ObjectId,
    encode_context,
    encode_primitive,
)
from custom_components.plantroom.engine.bacnet.octets.network_layer import unicast_frame
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    ConfirmedRequests,
)
from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress
from custom_components.plantroom.engine.bacnet.wire.notifications import Notifications

ADDR = ("10.0.0.1", 47808)
PLAIN = b"\x01\x00"
ROUTED = b"\x01\x08\x07\xd1\x01\x07"
DEVICE, NO_SEGMENTATION = ObjectId(8, 7), Enumerated(3)
FLAGS = BitString((False, True, False, False))


class Heard:
    def __init__(self, *, ours: bool = True) -> None:
        self.sent = []
        self.i_ams = []
        self.changes = []
        self.ours = ours
        self.notifications = Notifications(
            lambda data, addr: self.sent.append((data, addr)),
            self.i_ams.append,
            self._change,
        )

    def _change(self, notification) -> bool:
        self.changes.append(notification)
        return self.ours

    def take(self, apdu: bytes, network: bytes = PLAIN, addr=ADDR) -> bool:
        return self.notifications.take(unicast_frame(network + apdu), addr)


def change_body(values: bytes) -> bytes:
    return (
        encode_context(0, 20556)
        + encode_context(1, ObjectId(8, 7))
        + encode_context(2, ObjectId(0, 3))
        + encode_context(3, 600)
        + b"\x4e"
        + values
        + b"\x4f"
    )


def value(property_id: int, octets: bytes) -> bytes:
    return encode_context(0, property_id) + b"\x2e" + octets + b"\x2f"


BODY = change_body(
    value(85, encode_primitive(21.5)) + value(111, encode_primitive(FLAGS))
)
UNCONFIRMED = b"\x10\x02" + BODY
CONFIRMED = b"\x00\x05\x21\x01" + BODY


def i_am_apdu(
    device=DEVICE, max_apdu=480, segmentation=NO_SEGMENTATION, vendor=5
) -> bytes:
    parts = (device, max_apdu, segmentation, vendor)
    return b"\x10\x00" + b"".join(encode_primitive(part) for part in parts)


def test_an_unconfirmed_change_is_heard_and_not_answered():
    heard = Heard()
    assert heard.take(UNCONFIRMED)
    (change,) = heard.changes
    assert change.source == BacnetAddress(*ADDR)
    assert (change.process_id, change.object_id) == (20556, ObjectId(0, 3))
    assert change.values == {85: (21.5,), 111: (FLAGS,)}
    assert heard.sent == []


def test_a_confirmed_change_is_acknowledged():
    heard = Heard()
    assert heard.take(CONFIRMED)
    assert heard.sent == [(unicast_frame(b"\x01\x00\x20\x21\x01"), ADDR)]


def test_a_confirmed_change_from_behind_a_router_is_acknowledged_there():
    heard = Heard()
    assert heard.take(CONFIRMED, ROUTED)
    assert str(heard.changes[0].source) == "2001:7@10.0.0.1"
    frame = unicast_frame(b"\x01\x20\x07\xd1\x01\x07\xff\x20\x21\x01")
    assert heard.sent == [(frame, ADDR)]


def test_a_confirmed_change_that_nobody_wants_is_left_to_the_stack():
    heard = Heard(ours=False)
    assert not heard.take(CONFIRMED)
    assert heard.sent == []
    assert heard.take(UNCONFIRMED)


def test_other_services_are_left_to_the_stack():
    heard = Heard()
    assert not heard.take(b"\x10\x08")
    assert not heard.take(b"\x10\x08\x09\x00\x1a\x00")
    assert not heard.take(b"\x00\x05\x21\x0c\x0c\x00\x00")
    assert not heard.take(b"\x08\x05\x21\x01" + BODY)
    assert not heard.take(b"\x20\x21\x01")
    assert not heard.notifications.take(b"\x81\x0a\x00\x04", ADDR)


def test_an_i_am_says_who_and_what():
    heard = Heard()
    assert heard.take(i_am_apdu(), ROUTED)
    (i_am,) = heard.i_ams
    assert (i_am.instance, i_am.address) == (7, "2001:7@10.0.0.1")
    assert (i_am.max_apdu, i_am.segmentation, i_am.vendor_id) == (480, 3, 5)


@pytest.mark.parametrize(
    "apdu",
    [
        i_am_apdu(device=ObjectId(0, 7)),
        i_am_apdu(device=7),
        i_am_apdu(max_apdu=49),
        i_am_apdu(max_apdu="x"),
        i_am_apdu(segmentation=3),
        i_am_apdu(vendor=1.5),
        i_am_apdu()[:-2],
        i_am_apdu() + b"\x21\x05",
    ],
)
def test_an_i_am_of_another_shape_is_dropped(apdu):
    heard = Heard()
    assert heard.take(apdu)
    assert heard.i_ams == []


@pytest.mark.parametrize(
    "source", [b"\x00\x00\x01\x07", b"\xff\xff\x01\x07", b"\x00\x05\x00"]
)
def test_an_i_am_from_an_impossible_place_is_dropped(source):
    heard = Heard()
    assert heard.take(i_am_apdu(), b"\x01\x08" + source)
    assert heard.i_ams == []


@pytest.mark.parametrize(
    "body",
    [
        encode_context(0, 1) + encode_context(2, ObjectId(0, 3)),
        encode_context(0, 1) + encode_context(2, ObjectId(0, 3)) + b"\x49\x00",
        change_body(encode_primitive(1)),
        change_body(encode_context(0, 85) + encode_context(2, 5)),
        encode_context(2, ObjectId(0, 3)) + b"\x4e\x4f",
        BODY[:-3],
        b"\x4e" * 40,
    ],
)
def test_a_malformed_change_is_dropped(body):
    heard = Heard()
    assert heard.take(b"\x10\x02" + body)
    assert heard.take(b"\x00\x05\x21\x01" + body)
    assert heard.changes == []
    assert heard.sent == []


def test_a_value_without_its_property_is_passed_over():
    heard = Heard()
    assert heard.take(
        b"\x10\x02" + change_body(b"\x2e\x21\x05\x2f" + value(85, b"\x21\x07"))
    )
    assert heard.changes[0].values == {85: (7,)}


HOSTILE_APDUS = st.one_of(
    st.binary(min_size=1, max_size=120),
    st.builds(bytes.__add__, st.just(b"\x10\x00"), st.binary(max_size=60)),
    st.builds(bytes.__add__, st.just(b"\x10\x02"), st.binary(max_size=60)),
    st.builds(bytes.__add__, st.just(b"\x00\x05\x21\x01"), st.binary(max_size=60)),
    st.integers(0, len(CONFIRMED) * 8 - 1).map(
        lambda bit: (int.from_bytes(CONFIRMED) ^ (1 << bit)).to_bytes(len(CONFIRMED))
    ),
)
HOSTILE_HEADERS = st.one_of(
    st.just(PLAIN), st.just(ROUTED), st.binary(min_size=1, max_size=12)
)
FUNCTIONS = st.sampled_from([0x04, 0x0A, 0x0B])


def hostile_frame(function: int, network: bytes, apdu: bytes) -> bytes:
    return bytes((0x81, function, 0, 0)) + network + apdu


@given(FUNCTIONS, HOSTILE_HEADERS, HOSTILE_APDUS)
def test_no_datagram_breaks_notifications(function, network, apdu):
    heard = Heard()
    heard.notifications.take(hostile_frame(function, network, apdu), ADDR)
    for change in (*heard.changes, *heard.i_ams):
        source = getattr(change, "source", None) or change.address
        BacnetAddress.parse(str(source))


@given(FUNCTIONS, HOSTILE_HEADERS, HOSTILE_APDUS)
def test_no_datagram_breaks_requests_or_leaves_anything(function, network, apdu):
    sent = []
    requests = ConfirmedRequests(lambda data, addr: sent.append(data))
    requests.handle(hostile_frame(function, network, apdu), ADDR)
    assert not requests._open
    assert requests._timer is None
    assert list(requests._lanes) == []
    assert sent == []


async def test_hostile_replies_to_an_open_request_leave_nothing():
    sent = []
    requests = ConfirmedRequests(lambda data, addr: sent.append(data))
    target = BacnetAddress(*ADDR).target(1476)
    for kind in range(0x00, 0x100, 0x10):
        for tail in (b"", b"\x0c", b"\x0c\xff\xff", b"\x00" * 9):
            reply = requests.submit(target, 12, b"\x00")
            (key,) = requests._open
            apdu = bytes((kind, key[2])) + tail
            requests.handle(unicast_frame(PLAIN + apdu), ADDR)
            reply.cancel()
            requests.close()
            assert not requests._open
    await asyncio.sleep(0)
