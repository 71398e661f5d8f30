"""Registers mean what struct, modbus_connection and the documents of makers say."""

import math
import struct
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_connection import decode as reference

from custom_components.plantroom.engine.modbus.registers.codec import (
    PointCodec,
    decode,
    encode,
    looks_swapped,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    WORDS,
    Order,
    RegisterPoint,
    Space,
    ValueType,
)

from ..register_points import register

ORDERS = st.sampled_from(Order)
FORMATS = {
    ValueType.UINT16: ">H",
    ValueType.INT16: ">h",
    ValueType.UINT32: ">I",
    ValueType.INT32: ">i",
    ValueType.UINT64: ">Q",
    ValueType.INT64: ">q",
    ValueType.FLOAT16: ">e",
    ValueType.FLOAT32: ">f",
    ValueType.FLOAT64: ">d",
}
RANGES = {
    ValueType.UINT16: (0, 2**16 - 1),
    ValueType.INT16: (-(2**15), 2**15 - 1),
    ValueType.UINT32: (0, 2**32 - 1),
    ValueType.INT32: (-(2**31), 2**31 - 1),
    ValueType.UINT48: (0, 2**48 - 1),
    ValueType.UINT64: (0, 2**64 - 1),
    ValueType.INT64: (-(2**63), 2**63 - 1),
    ValueType.BCD16: (0, 10**4 - 1),
    ValueType.BCD32: (0, 10**8 - 1),
    ValueType.BCD64: (0, 10**16 - 1),
}
FLOATS = {ValueType.FLOAT16: 16, ValueType.FLOAT32: 32, ValueType.FLOAT64: 64}


def laid_out(octets: bytes, point: RegisterPoint) -> list[int]:
    """Return big endian octets as a device with the point's orders has them."""
    words = [octets[i : i + 2] for i in range(0, len(octets), 2)]
    if point.byte_order is Order.LITTLE:
        words = [word[::-1] for word in words]
    if point.word_order is Order.LITTLE:
        words.reverse()
    return [int.from_bytes(word) for word in words]


@given(data=st.data(), kind=st.sampled_from([*RANGES]), word=ORDERS, byte=ORDERS)
def test_whole_numbers_come_back_from_every_type_and_order(
    data: st.DataObject, kind: ValueType, word: Order, byte: Order
):
    point = register(type=kind, word_order=word, byte_order=byte)
    number = data.draw(st.integers(*RANGES[kind]))
    assert decode(point, encode(point, number)) == (number, "")


@given(data=st.data(), kind=st.sampled_from([*FLOATS]), word=ORDERS, byte=ORDERS)
def test_floats_come_back_from_every_type_and_order(
    data: st.DataObject, kind: ValueType, word: Order, byte: Order
):
    point = register(type=kind, word_order=word, byte_order=byte)
    number = data.draw(
        st.floats(width=FLOATS[kind], allow_nan=False, allow_infinity=False)
    )
    words = encode(point, number)
    value, error = decode(point, words)
    assert not error
    assert encode(point, value) == words


@given(data=st.data(), kind=st.sampled_from([*FORMATS]), word=ORDERS, byte=ORDERS)
def test_numbers_are_what_struct_makes_of_the_octets(
    data: st.DataObject, kind: ValueType, word: Order, byte: Order
):
    layout = struct.Struct(FORMATS[kind])
    octets = data.draw(st.binary(min_size=layout.size, max_size=layout.size))
    point = register(type=kind, word_order=word, byte_order=byte)
    (expected,) = layout.unpack(octets)
    value, error = decode(point, laid_out(octets, point))
    if math.isfinite(expected):
        assert error == ""
        assert layout.pack(value) == octets
    else:
        assert (value, error) == (None, "value-not-finite")


@given(words=st.lists(st.integers(0, 65535), min_size=4, max_size=4), word=ORDERS)
def test_numbers_are_what_modbus_connection_makes_of_the_words(
    words: list[int], word: Order
):
    order = word.value
    for kind, expected in (
        (ValueType.UINT32, reference.decode_uint32(words[:2], word_order=order)),
        (ValueType.INT32, reference.decode_int32(words[:2], word_order=order)),
        (ValueType.UINT64, reference.decode_uint64(words, word_order=order)),
        (ValueType.INT64, reference.decode_int64(words, word_order=order)),
        (ValueType.UINT48, reference.combine_words(words[:3], word_order=order)),
    ):
        point = register(type=kind, word_order=word)
        assert decode(point, words[: WORDS[kind]]) == (expected, "")


@given(
    raw=st.integers(-(2**31), 2**31 - 1),
    decimals=st.integers(0, 6),
    offset=st.integers(-1000, 1000),
)
def test_scaled_numbers_are_exact_decimals(raw: int, decimals: int, offset: int):
    scale = float(Decimal(1).scaleb(-decimals))
    point = register(type=ValueType.INT32, scale=scale, offset=offset / 10)
    words = encode(register(type=ValueType.INT32), raw)
    exact = Decimal(raw).scaleb(-decimals) + Decimal(offset) / 10
    assert decode(point, words)[0] == float(exact)


@given(raw=st.integers(0, 65535), exponent=st.integers(-10, 10))
def test_an_exponent_register_moves_the_point_exactly(raw: int, exponent: int):
    point = register(exponent_address=1)
    expected = float(Decimal(raw).scaleb(exponent))
    value, error = decode(point, [raw], exponent & 0xFFFF)
    assert (value, error) == (expected, "")
    assert encode(point, value, exponent=exponent & 0xFFFF) == (raw,)


@pytest.mark.parametrize("exponent", [11, -11 & 0xFFFF, 0x8000])
def test_an_implausible_exponent_makes_no_value(exponent: int):
    assert decode(register(exponent_address=1), [5], exponent) == (
        None,
        "invalid-exponent",
    )


@pytest.mark.parametrize(
    ("facts", "words", "value"),
    [
        ({"scale": 0.1}, [2301], 230.1),
        ({"type": ValueType.FLOAT32}, [0x4366, 0x199A], 230.1),
        ({"type": ValueType.FLOAT32, "scale": 0.001}, [0x4366, 0x199A], 0.2301),
        ({"type": ValueType.INT16, "scale": 0.01}, [0xFFFE], -0.02),
        ({"scale": 0.1, "offset": -40}, [645], 24.5),
        ({"type": ValueType.UINT64, "scale": 0.001}, [0, 4, 0xFFFF, 0xFFFF], 2.1474836479e7),
        ({"type": ValueType.UINT64, "scale": 0.1}, [0xFFFF] * 4, 1844674407370955161.5),
        ({"type": ValueType.BCD32}, [0x1234, 0x5678], 12345678),
        ({"type": ValueType.BCD16, "scale": 0.1}, [0x0215], 21.5),
        ({"bit": 4, "bits": 3}, [0b0101_1111], 5),
        ({"bit": 0, "bits": 4, "type": ValueType.INT16}, [0x000F], -1),
        ({"bit": 30, "bits": 2, "type": ValueType.UINT32}, [0xC000, 0], 3),
        ({"bit": 15, "type": ValueType.BOOL}, [0x8000], True),
        ({"bit": 15, "type": ValueType.BOOL}, [0x7FFF], False),
        ({"type": ValueType.BOOL}, [0xFF00], True),
        ({"space": Space.COIL, "type": ValueType.BOOL}, [0], False),
        ({"type": ValueType.STRING, "length": 3}, [0x4142, 0x4300, 0x5858], "ABC"),
        ({"type": ValueType.STRING, "length": 3}, [0x2041, 0x4220, 0x2020], "AB"),
        ({"type": ValueType.STRING, "length": 2}, [0x5AFC, 0x7269], "Züri"),
        ({"type": ValueType.STRING, "length": 2}, [0xC3BC, 0x0000], "ü"),
        ({"type": ValueType.STRING, "length": 2}, [0, 0], ""),
        ({"type": ValueType.STRING, "length": 2, "byte_order": Order.LITTLE}, [0x4241, 0x4443], "ABCD"),
        ({"type": ValueType.STRING, "length": 2, "word_order": Order.LITTLE}, [0x4142, 0x4344], "ABCD"),
        ({"type": ValueType.STRING, "length": 2}, [0x410A, 0x1B42], "AB"),
    ],
)  # fmt: skip
def test_words_mean(facts: dict[str, Any], words: list[int], value: Any):
    found, error = decode(register(**facts), words)
    assert (found, error) == (value, "")
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("facts", "words", "error"),
    [
        ({"unavailable": (0xFFFF,)}, [0xFFFF], "not-available"),
        ({"type": ValueType.INT16, "unavailable": (0x8000,)}, [0x8000], "not-available"),
        ({"type": ValueType.INT32, "unavailable": (0x80000000,)}, [0x8000, 0], "not-available"),
        ({"type": ValueType.FLOAT32, "unavailable": (0xFF7FFFFF,)}, [0xFF7F, 0xFFFF], "not-available"),
        ({"type": ValueType.FLOAT32}, [0x7FC0, 0], "value-not-finite"),
        ({"type": ValueType.FLOAT64}, [0x7FF0, 0, 0, 0], "value-not-finite"),
        ({"type": ValueType.BCD16}, [0x12A4], "invalid-bcd"),
        ({"states": {"0": "Off", "1": "On"}}, [7], "unknown-state 7"),
    ],
)  # fmt: skip
def test_words_without_a_value_say_why(
    facts: dict[str, Any], words: list[int], error: str
):
    assert decode(register(**facts), words) == (None, error)


def test_sparse_states_are_counted_from_one_by_raw_value():
    point = register(
        type=ValueType.INT16, states={"16": "Cool", "-1": "Fault", "2": "Heat"}
    )
    assert decode(point, [0xFFFF]) == (1, "")
    assert decode(point, [2]) == (2, "")
    assert decode(point, [16]) == (3, "")
    assert encode(point, 3) == (16,)


def test_a_field_is_written_among_the_bits_that_are_there():
    point = register(bit=4, bits=3)
    assert encode(point, 2, within=[0xFFFF]) == (0xFFAF,)
    assert encode(point, 5, within=[0]) == (0x50,)


@given(
    raw=st.integers(0, 65535),
    bit=st.integers(0, 15),
    value=st.integers(0, 65535),
    order=ORDERS,
)
def test_a_field_changes_its_bits_and_no_others(
    raw: int, bit: int, value: int, order: Order
):
    bits = 16 - bit
    point = register(bit=bit, bits=bits, byte_order=order)
    (word,) = encode(point, value % 2**bits, within=[raw])
    assert decode(point, [word]) == (value % 2**bits, "")
    others = register(bit=0, bits=max(bit, 1), byte_order=order)
    if bit:
        assert decode(others, [word]) == decode(others, [raw])


@given(raw=st.integers(0, 65535), value=st.integers(0, 7), order=ORDERS)
def test_masks_do_what_reading_and_writing_does(raw: int, value: int, order: Order):
    codec = PointCodec(register(bit=5, bits=3, byte_order=order))
    keep, bits = codec.mask(value)
    # V1.1b3, 6.16: (content AND and_mask) OR (or_mask AND NOT and_mask)
    assert (raw & keep | bits & ~keep,) == codec.encode(value, within=[raw])


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({}, 65536),
        ({}, -1),
        ({"scale": 0.1}, 6553.6),
        ({"type": ValueType.INT16}, 32768),
        ({"type": ValueType.BCD16}, 10000),
        ({"type": ValueType.BCD16}, -1),
        ({"type": ValueType.FLOAT32}, 1e39),
        ({"type": ValueType.FLOAT16}, 1e6),
        ({"bit": 2, "bits": 2}, 4),
        ({"states": {"1": "On"}}, 2),
        ({"states": {"1": "On"}}, 0),
        ({"type": ValueType.STRING, "length": 2}, "ABCDE"),
        ({"type": ValueType.STRING, "length": 2}, 5),
        ({}, "5"),
        ({}, None),
        ({}, math.nan),
    ],
)
def test_what_a_register_cannot_hold_is_refused(facts: dict[str, Any], value: Any):
    with pytest.raises(ValueError, match=r"."):
        encode(register(**facts), value)


@given(text=st.text(st.characters(codec="utf-8", categories=["L", "N"]), max_size=8))
def test_texts_come_back(text: str):
    point = register(type=ValueType.STRING, length=20)
    assert decode(point, encode(point, text)) == (text, "")


@given(
    words=st.lists(st.integers(0, 65535), min_size=20, max_size=20),
    order=ORDERS,
)
def test_any_words_are_a_text(words: list[int], order: Order):
    point = register(type=ValueType.STRING, length=20, byte_order=order)
    value, error = decode(point, words)
    assert isinstance(value, str)
    assert value.isprintable()
    assert not error


@pytest.mark.parametrize("kind", [ValueType.FLOAT32, ValueType.FLOAT64])
@pytest.mark.parametrize("number", [230.1, 50.0, 1.0, -12.5, 0.98, 123456.7, 21.4])
def test_floats_in_the_wrong_word_order_show(kind: ValueType, number: float):
    right = register(type=kind, word_order=Order.LITTLE)
    wrong = register(type=kind)
    words = encode(right, number)
    assert looks_swapped(wrong, words)
    assert not looks_swapped(right, words)


@pytest.mark.parametrize(
    "facts",
    [
        {"type": ValueType.FLOAT32, "unavailable": (0xFFFFFFFF,)},
        {"type": ValueType.UINT32},
        {"type": ValueType.FLOAT16},
    ],
)
def test_what_is_no_float_never_looks_swapped(facts: dict[str, Any]):
    point = register(**facts)
    assert not looks_swapped(point, [0xFFFF] * point.words)
    assert not looks_swapped(point, [0] * point.words)
