from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.network_layer import (
    Target,
    locate_apdu,
    network_header,
    unicast_frame,
)

ADDR = ("10.0.0.1", 47808)
APDU = b"\x20\x40\x0f"


def test_a_plain_frame_starts_its_apdu_after_two_headers():
    frame = unicast_frame(b"\x01\x04" + APDU)
    assert locate_apdu(frame, ADDR) == (ADDR, b"", 6)


def test_a_routed_frame_names_network_and_mac():
    target = Target(addr=ADDR, network=2001, mac=b"\x07")
    header = network_header(target, expecting_reply=True)
    assert header == b"\x01\x24\x07\xd1\x01\x07\xff"
    routed = unicast_frame(b"\x01\x08\x07\xd1\x01\x07" + APDU)
    assert locate_apdu(routed, ADDR) == (ADDR, target.source, 10)
    assert str(target) == "2001:07 behind 10.0.0.1:47808"


def test_a_forwarded_frame_comes_from_its_origin():
    frame = b"\x81\x04\x00\x0f\x0a\x00\x00\x09\xba\xc1\x01\x00" + APDU
    assert locate_apdu(frame, ADDR) == (("10.0.0.9", 47809), b"", 12)


def test_a_frame_to_a_network_and_from_one_is_read():
    frame = unicast_frame(b"\x01\x28\xff\xff\x00\x00\x05\x01\x09\xff" + APDU)
    assert locate_apdu(frame, ADDR) == (ADDR, b"\x00\x05\x01\x09", 14)


def test_what_holds_no_apdu_is_left_alone():
    assert locate_apdu(unicast_frame(b"\x01\x80\x00" + APDU), ADDR) is None
    assert locate_apdu(unicast_frame(b"\x02\x00" + APDU), ADDR) is None
    assert locate_apdu(b"\x81\x05\x00\x06\x00\x1e" + APDU, ADDR) is None
    assert locate_apdu(b"\x81\x0a", ADDR) is None


@given(st.binary(max_size=40), st.sampled_from([0x04, 0x0A, 0x0B]))
def test_no_octets_break_it_and_what_it_finds_is_within_them(octets, function):
    frame = bytes((0x81, function, 0, 0)) + octets
    located = locate_apdu(frame, ADDR)
    assert located is None or located[2] + 3 <= len(frame)
