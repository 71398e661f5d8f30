"""Rules of ReadProperty and ReadPropertyMultiple, on sound, broken and cut frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.names.error_names import (
    abort_name,
    error_name,
    reject_name,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
    Enumerated,
    ObjectId,
    encode_context,
    encode_primitive,
)
from custom_components.plantroom.engine.bacnet.octets.rpm import (
    MALFORMED_VALUE,
    PropertyRef,
    PropertyResult,
    decode_field,
    decode_read_property_ack,
    encode_read_property,
    encode_read_property_multiple,
    scan_property_fields,
)
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError

from .test_encoding import primitives

refs = st.builds(
    PropertyRef,
    st.integers(0, 1023),
    st.integers(0, 2**22 - 1),
    st.integers(0, 2**22 - 1),
    st.none() | st.integers(0, 2**32 - 1),
)
errors = st.sampled_from([(2, 32), (1, 31), (2, 27)])
results = st.tuples(refs, st.lists(primitives, max_size=4) | errors)


def acknowledge(results) -> bytes:
    octets = b""
    for ref, content in results:
        octets += encode_context(0, ObjectId(ref.object_type, ref.instance)) + b"\x1e"
        octets += encode_context(2, ref.property_id)
        octets += b"" if ref.index is None else encode_context(3, ref.index)
        if isinstance(content, tuple):
            pair = b"".join(encode_primitive(Enumerated(code)) for code in content)
            octets += b"\x5e" + pair + b"\x5f\x1f"
        else:
            values = b"".join(encode_primitive(value) for value in content)
            octets += b"\x4e" + values + b"\x4f\x1f"
    return octets


def decode_acknowledgement(octets: bytes) -> list[PropertyResult]:
    """Return what a ReadPropertyMultiple acknowledgement carries, in its order."""
    return [decode_field(octets, field) for field in scan_property_fields(octets)]


@given(st.lists(results, max_size=6))
def test_acknowledgement_gives_each_property_its_values_or_error(given_results):
    decoded = decode_acknowledgement(acknowledge(given_results))
    expected = [
        PropertyResult(ref, (), error_name(*content))
        if isinstance(content, tuple)
        else PropertyResult(ref, tuple(content))
        for ref, content in given_results
    ]
    assert decoded == expected


@given(st.lists(results, min_size=1, max_size=4), st.data())
def test_changed_or_cut_frames_decode_or_are_called_malformed(given_results, data):
    octets = bytearray(acknowledge(given_results))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(octets) - 1))
        octets[place] = data.draw(st.integers(0, 255))
    frame = bytes(octets[: data.draw(st.integers(0, len(octets)))])
    for decode in (decode_acknowledgement, decode_read_property_ack):
        try:
            decode(frame)
        except MalformedFrameError:
            continue


@given(st.binary(max_size=300))
def test_any_octets_decode_or_are_called_malformed(octets):
    for decode in (decode_acknowledgement, decode_read_property_ack):
        try:
            decode(octets)
        except MalformedFrameError:
            continue


@given(refs, st.lists(primitives, max_size=4))
def test_read_property_acknowledgement_gives_the_values(ref, values):
    octets = encode_read_property(ref) + b"\x3e"
    octets += b"".join(encode_primitive(value) for value in values) + b"\x3f"
    assert decode_read_property_ack(octets) == PropertyResult(ref, tuple(values))


def test_neighbouring_properties_of_an_object_share_its_header():
    octets = encode_read_property_multiple(
        [
            PropertyRef(0, 1, 85),
            PropertyRef(0, 1, 87, 16),
            PropertyRef(8, 600, 512),
        ]
    )
    expected = "0c00000001 1e 0955 0957 1910 1f 0c02000258 1e 0a0200 1f"
    assert octets == bytes.fromhex(expected)


def test_priority_array_keeps_nulls_numbers_and_constructed_values_in_their_places():
    element = encode_context(0, Constructed(encode_primitive("on")))
    value = b"\x00\x44\x42\x90\x00\x00" + element + b"\x91\x01"
    octets = encode_read_property(PropertyRef(1, 1, 87)) + b"\x3e" + value + b"\x3f"
    assert decode_read_property_ack(octets).values == (
        None,
        72.0,
        Constructed(element),
        Enumerated(1),
    )


def test_a_broken_value_costs_only_its_own_property():
    octets = bytes.fromhex(
        "0c00000001 1e 2955 4e 43429000 4f 296f 4e 820400 4f 1f".replace(" ", "")
    )
    broken, flags = decode_acknowledgement(octets)
    assert (broken.values, broken.error) == ((), MALFORMED_VALUE)
    assert flags.values == (BitString((False,) * 4),)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (error_name(2, 32), "unknown-property"),
        (error_name(2, 27), "read-access-denied"),
        (error_name(2, 40), "write-access-denied"),
        (error_name(2, 37), "value-out-of-range"),
        (error_name(7, 4711), "error-7-4711"),
        (reject_name(9), "reject-unrecognized-service"),
        (reject_name(70), "reject-proprietary-70"),
        (reject_name(30), "reject-30"),
        (abort_name(4), "abort-segmentation-not-supported"),
        (abort_name(1), "abort-buffer-overflow"),
        (abort_name(11), "abort-apdu-too-long"),
    ],
)
def test_refusals_have_the_standard_s_names(name, expected):
    assert name == expected
