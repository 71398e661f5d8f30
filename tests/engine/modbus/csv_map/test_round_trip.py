"""Whatever points there are, CSV loses nothing of them."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.names.units import UNITS
from custom_components.plantroom.engine.modbus.csv_map import (
    CsvMapError,
    Numbering,
    read_csv_map,
    write_csv_map,
)
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    read_profile,
)
from custom_components.plantroom.engine.modbus.knowledge.profiles import SHIPPED
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    RegisterPoint,
    Space,
    ValueType,
    WriteFunction,
)
from custom_components.plantroom.engine.models import Quantity

WORDS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20
).map(str.strip)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
MAYBE = st.none() | NUMBERS
UNIT_NAMES = st.sampled_from(
    ["", *(n for n in UNITS.known.values() if n != "no-units")]
)


@st.composite
def points(draw: st.DrawFn) -> RegisterPoint:
    space = draw(st.sampled_from(Space))
    kind = ValueType.BOOL if space.of_bits else draw(st.sampled_from(ValueType))
    raw = st.integers(-(2**31), 2**31).map(str)
    return RegisterPoint(
        key=draw(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)),
        name=draw(WORDS.filter(bool)),
        address=draw(st.integers(0, 65000)),
        space=space,
        type=kind,
        length=draw(st.integers(1, 125)),
        word_order=draw(st.sampled_from(Order)),
        byte_order=draw(st.sampled_from(Order)),
        bit=None if space.of_bits else draw(st.none() | st.integers(0, 15)),
        scale=draw(NUMBERS.filter(bool)),
        offset=draw(NUMBERS),
        exponent_address=draw(st.none() | st.integers(0, 65535)),
        unavailable=tuple(draw(st.lists(st.integers(0, 2**64), max_size=3))),
        states=draw(st.dictionaries(raw, WORDS, max_size=4)),
        unit=draw(UNIT_NAMES),
        quantity=draw(st.sampled_from(Quantity)),
        counter=draw(st.booleans()),
        rollover=draw(st.none() | NUMBERS.filter(lambda number: number > 0)),
        writable=space.writable and draw(st.booleans()),
        write_function=draw(st.sampled_from(WriteFunction)),
        minimum=draw(MAYBE),
        maximum=draw(MAYBE),
        step=draw(MAYBE),
        poll_seconds=draw(st.none() | st.floats(0.1, 86400)),
        enabled=draw(st.booleans()),
        category=draw(st.sampled_from(["", "diagnostic", "configuration"])),
        description=draw(WORDS),
    )


@settings(deadline=None, max_examples=150)
@given(
    st.lists(points(), min_size=1, max_size=5, unique_by=lambda point: point.key),
    st.sampled_from([",", ";", "\t"]),
)
def test_written_map_reads_as_it_was(map_: list[RegisterPoint], delimiter: str):
    assert read_csv_map(write_csv_map(map_, delimiter)) == tuple(map_)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300) | st.binary(max_size=300), st.sampled_from(Numbering))
def test_anything_else_is_refused_or_read_and_nothing_worse(
    text: str | bytes, numbering: Numbering
):
    rows = text if isinstance(text, bytes) else "name,address,states\n" + text
    with suppress(CsvMapError):
        assert read_csv_map(rows, numbering)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.json")), ids=lambda p: p.stem)
def test_points_of_every_profile_survive(path):
    points = read_profile(path).points
    assert read_csv_map(write_csv_map(points)) == points
