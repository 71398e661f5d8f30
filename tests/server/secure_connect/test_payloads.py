"""What messages bear comes back as it was, and what cannot be is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plantroom_server.secure_connect.frames import (
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    decode,
)
from plantroom_server.secure_connect.payloads import (
    BROADCAST,
    MOST_URIS,
    Advertisement,
    Peer,
    Refusal,
    decode_advertisement,
    decode_peer,
    decode_result,
    decode_uris,
    payload_fault,
    refusal,
)

VMAC = bytes.fromhex("0200000000aa")
lengths = st.integers(0, 65535)


@settings(deadline=None)
@given(
    st.binary(min_size=6, max_size=6).filter(
        lambda each: each not in {BROADCAST, bytes(6)}
    ),
    st.binary(min_size=16, max_size=16),
    lengths,
    lengths,
)
def test_who_connects_comes_back(vmac, device_uuid, max_bvlc, max_npdu):
    peer = Peer(
        vmac=vmac, device_uuid=device_uuid, max_bvlc=max_bvlc, max_npdu=max_npdu
    )

    assert decode_peer(peer.encode()) == peer


@pytest.mark.parametrize("vmac", [BROADCAST, bytes(6)])
def test_a_reserved_vmac_is_nobodys(vmac):
    with pytest.raises(MalformedFrameError) as caught:
        decode_peer(Peer(vmac=vmac, device_uuid=bytes(16)).encode())

    assert caught.value.code is ErrorCode.PARAMETER_OUT_OF_RANGE


@settings(deadline=None)
@given(st.integers(0, 255), lengths, lengths, st.integers(0, 255), st.text(max_size=20))
def test_a_refusal_comes_back(function, code, error_class, marker, details):
    said = Refusal(
        function=function,
        code=code,
        error_class=error_class,
        marker=marker,
        details=details,
    )

    assert decode_result(said.encode()) == (function, said)


def test_an_agreement_is_no_refusal():
    assert decode_result(bytes((Function.CONNECT_REQUEST, 0))) == (6, None)


@settings(deadline=None)
@given(st.integers(0, 2), st.booleans(), lengths, lengths)
def test_an_advertisement_comes_back(hub, accepts_direct, max_bvlc, max_npdu):
    said = Advertisement(
        hub=hub, accepts_direct=accepts_direct, max_bvlc=max_bvlc, max_npdu=max_npdu
    )

    assert decode_advertisement(said.encode()) == said


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_payloads_of_any_octets_decode_or_are_refused(payload):
    for decoder in (decode_peer, decode_result, decode_advertisement):
        with suppress(MalformedFrameError):
            assert decoder(payload)
    assert len(decode_uris(payload)) <= MOST_URIS


def test_uris_are_parted_by_spaces_and_too_many_are_cut():
    assert decode_uris(b"wss://a:1 wss://b:2") == ("wss://a:1", "wss://b:2")
    assert len(decode_uris(b"wss://a " * 100)) == MOST_URIS
    assert decode_uris(b"") == ()
    assert decode_uris(b"wss://a\x1b[31m wss://b") == ("wss://b",)


@pytest.mark.parametrize(
    ("function", "payload", "fault"),
    [
        (Function.NPDU, b"", ErrorCode.PAYLOAD_EXPECTED),
        (Function.NPDU, b"\x01\x00", None),
        (Function.HEARTBEAT_REQUEST, b"x", ErrorCode.UNEXPECTED_DATA),
        (Function.ADVERTISEMENT, b"\0\0\0", ErrorCode.MESSAGE_INCOMPLETE),
        (Function.CONNECT_REQUEST, bytes(27), ErrorCode.UNEXPECTED_DATA),
        (0x0D, b"", ErrorCode.FUNCTION_UNKNOWN),
    ],
)
def test_lengths_that_a_function_cannot_have_are_named(function, payload, fault):
    assert payload_fault(function, payload) is fault


def test_a_refusal_goes_to_who_sent_the_message_under_its_id():
    asked = Frame(function=Function.ADDRESS_RESOLUTION, message_id=7, originating=VMAC)

    said = decode(refusal(asked, ErrorCode.OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED))

    assert (said.function, said.message_id, said.destination) == (0, 7, VMAC)
    function, no = decode_result(said.payload)
    assert function == Function.ADDRESS_RESOLUTION
    assert no is not None
    assert (no.error_class, no.code) == (7, 45)
    assert no.reason == "OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED"
