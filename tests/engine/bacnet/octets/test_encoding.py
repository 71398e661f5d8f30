"""Rules of the primitive encoding, proved on anything hypothesis thinks of."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
    Date,
    Double,
    Enumerated,
    ObjectId,
    Primitive,
    Signed,
    Tagged,
    Time,
    decode_values,
    encode_context,
    encode_primitive,
    walk,
)
from custom_components.plantroom.engine.bacnet.octets.tags import (
    MalformedFrameError,
    encode_tag,
    read_tag,
)

part = st.none() | st.integers(0, 254)
primitives = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1).map(Enumerated),
    st.integers(-(2**63), 2**63 - 1).map(Signed),
    st.floats(width=32, allow_nan=False),
    st.floats(allow_nan=False).map(Double),
    st.binary(max_size=300),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300).map(
        lambda text: text.rstrip("\x00")
    ),
    st.lists(st.booleans(), max_size=70).map(lambda bits: BitString(tuple(bits))),
    st.builds(ObjectId, st.integers(0, 1023), st.integers(0, 2**22 - 1)),
    st.builds(Date, st.none() | st.integers(1900, 2154), part, part, part),
    st.builds(Time, part, part, part, part),
)


def decode(octets: bytes) -> tuple[Primitive, ...]:
    return decode_values(octets, 0, len(octets))


@given(primitives)
def test_value_survives_the_round_trip_with_its_type(value):
    (decoded,) = decode(encode_primitive(value))
    assert decoded == value
    assert type(decoded) is type(value)


@given(st.lists(primitives, max_size=8))
def test_values_in_a_row_are_told_apart(values):
    octets = b"".join(encode_primitive(value) for value in values)
    assert decode(octets) == tuple(values)


@given(st.binary(max_size=400))
def test_any_octets_decode_or_are_called_malformed(octets):
    for read in (decode, walk):
        try:
            read(octets)
        except MalformedFrameError:
            continue


@given(st.lists(primitives, min_size=1, max_size=4), st.integers(0, 400))
def test_cut_off_values_decode_or_are_called_malformed(values, length):
    octets = b"".join(encode_primitive(value) for value in values)[:length]
    try:
        decode(octets)
    except MalformedFrameError:
        return


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        ("00", None),
        ("11", True),
        ("2148", 72),
        ("3148", Signed(72)),
        ("31b8", Signed(-72)),
        ("4442900000", 72.0),
        ("55084052000000000000", Double(72.0)),
        ("631234ff", b"\x12\x34\xff"),
        ("751900" + b"This is a BACnet string!".hex(), "This is a BACnet string!"),
        ("8203a8", BitString((True, False, True, False, True))),
        ("9100", Enumerated(0)),
        ("a45b011804", Date(1991, 1, 24, 4)),
        ("b4112d1b11", Time(17, 45, 27, 17)),
        ("c400c0000f", ObjectId(3, 15)),
    ],
)
def test_examples_of_the_standard(octets, value):
    assert decode(bytes.fromhex(octets)) == (value,)
    assert encode_primitive(value) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\x00K\xc3\xbchler", "Kühler"),
        (b"\x00K\xfchler", "Kühler"),
        (b"\x00K\xc3\xbchl\xc3", "Kühl\ufffd"),
        (b"\x05K\xfchler", "Kühler"),
        (b"\x04" + "Kühler".encode("utf-16-be"), "Kühler"),
        (b"\x03" + "Kühler".encode("utf-32-be"), "Kühler"),
        (b"\x01\x03\x52K\x81hler", "Kühler"),
        (b"\x01\xff\xffKessel", "Kessel"),
        (b"\x02\x34\x41", "漢"),
        (b"\x00Pump\x00\x00", "Pump"),
        (b"\x63Pump", "Pump"),
        (b"", ""),
    ],
)
def test_text_is_read_in_the_device_s_character_set(content, text):
    octets = encode_tag(7, len(content)) + content
    assert decode(octets) == (text,)


@given(st.binary(max_size=60))
def test_text_of_any_octets_never_raises(content):
    (text,) = decode(encode_tag(7, len(content)) + content)
    assert isinstance(text, str)


@pytest.mark.parametrize(
    "octets", ["43000000", "2a00", "65ff", "20", "a3010203", "3e", "3f", "75feff", "f5"]
)
def test_broken_octets_are_malformed(octets):
    with pytest.raises(MalformedFrameError):
        decode(bytes.fromhex(octets))


def test_context_content_stays_octets_until_walked():
    inner = encode_context(0, ObjectId(0, 1)) + encode_context(1, 85)
    octets = encode_primitive(1.5) + encode_context(3, Constructed(inner)) + b"\x00"
    real, constructed, null = decode(octets)
    assert (real, null) == (1.5, None)
    assert walk(constructed.raw) == (
        Tagged(3, (Tagged(0, struct.pack(">I", 1)), Tagged(1, b"\x55"))),
    )


@pytest.mark.parametrize("number", [0, 14, 15, 254])
@pytest.mark.parametrize("length", [0, 4, 5, 253, 254, 65535, 65536])
def test_tags_of_any_number_and_length(number, length):
    octets = encode_tag(number, length, context=True)
    tag = read_tag(octets + bytes(length), 0, len(octets) + length)
    assert (tag.number, tag.start, tag.length) == (number, len(octets), length)


def test_nesting_without_end_is_malformed():
    with pytest.raises(MalformedFrameError):
        walk(b"\x0e" * 1000 + b"\x0f" * 1000)
