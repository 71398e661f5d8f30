"""What is encoded is decoded again, and no octets do harm."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from plantroom_server.secure_connect.frames import (
    MOST_OPTIONS,
    SECURE_PATH,
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    Option,
    addresses,
    decode,
    encode,
    not_understood,
)

VMAC = bytes.fromhex("0200000000aa")
OTHER = bytes.fromhex("0200000000bb")

vmacs = st.none() | st.binary(min_size=6, max_size=6)
options = st.lists(
    st.builds(
        Option,
        type=st.integers(0, 31),
        must_understand=st.booleans(),
        data=st.none() | st.binary(max_size=40),
    ),
    max_size=4,
).map(tuple)
frames = st.builds(
    Frame,
    function=st.integers(0, 255),
    message_id=st.integers(0, 65535),
    originating=vmacs,
    destination=vmacs,
    destination_options=options,
    data_options=options,
    payload=st.binary(max_size=64),
)


def decoded(data: bytes) -> tuple[Frame | None, ErrorCode | None]:
    try:
        return decode(data), None
    except MalformedFrameError as err:
        return None, err.code


@settings(deadline=None)
@given(frames)
def test_every_message_comes_back_as_it_was(frame):
    assert decode(encode(frame)) == frame


@settings(deadline=None)
@given(st.binary(max_size=128))
@example(b"")
@example(b"\x01\x0f\x00\x01")
def test_octets_of_any_kind_decode_or_are_refused_by_a_code(data):
    frame, code = decoded(data)
    if frame is None:
        assert code in {ErrorCode.MESSAGE_INCOMPLETE, ErrorCode.HEADER_ENCODING_ERROR}
        addresses(data)
        return
    assert addresses(data) == (frame.originating, frame.destination)
    # Reserved flags are ignored, so all but that octet comes back
    assert encode(frame)[2:] == data[2:]


@settings(deadline=None)
@given(frames, st.data())
def test_a_message_cut_short_never_raises_anything_else(frame, data):
    octets = encode(frame)
    _, code = decoded(octets[: data.draw(st.integers(0, len(octets)))])
    assert code in {None, ErrorCode.MESSAGE_INCOMPLETE}


def test_npdu_is_laid_out_as_the_standard_says():
    frame = Frame(
        function=Function.NPDU,
        message_id=0x1234,
        originating=VMAC,
        destination=OTHER,
        data_options=(SECURE_PATH,),
        payload=b"\x01\x00\x10\x08",
    )

    assert encode(frame).hex() == "010d12340200000000aa0200000000bb4101001008"


def test_options_chain_and_the_last_says_so():
    frame = Frame(
        function=Function.NPDU,
        message_id=1,
        destination_options=(
            Option(type=31, data=b"\x00\x07\x01"),
            Option(type=2, must_understand=True),
        ),
    )

    assert encode(frame).hex() == "01020001" + "bf0003000701" + "42"


def test_a_list_of_options_without_an_end_is_refused():
    endless = (
        bytes((Function.NPDU, 0x02, 0, 1)) + b"\x82" * (MOST_OPTIONS + 1) + b"\x02"
    )

    with pytest.raises(MalformedFrameError) as caught:
        decode(endless)

    assert caught.value.code is ErrorCode.HEADER_ENCODING_ERROR
    assert str(caught.value) == "HEADER_ENCODING_ERROR"


@pytest.mark.parametrize(
    ("destination_options", "data_options", "marker"),
    [
        ((), (), None),
        ((), (SECURE_PATH,), None),
        ((Option(type=2),), (Option(type=3),), None),
        ((Option(type=2, must_understand=True),), (), 0x42),
        ((), (Option(type=31, must_understand=True, data=b"\0\7\1"),), 0x7F),
        ((SECURE_PATH,), (), 0x41),
    ],
)
def test_options_that_must_be_understood_are_found(
    destination_options, data_options, marker
):
    frame = Frame(
        function=Function.NPDU,
        message_id=1,
        destination_options=destination_options,
        data_options=data_options,
    )

    assert not_understood(frame) == marker


def test_addresses_of_a_message_that_cannot_be_decoded_are_found():
    octets = encode(
        Frame(function=1, message_id=1, originating=VMAC, destination=OTHER)
    )

    assert addresses(octets) == (VMAC, OTHER)
    assert addresses(octets[:12]) == (VMAC, None)
    assert addresses(octets[:3]) == (None, None)
