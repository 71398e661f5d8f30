"""Live values as a person reads them in a dialogue."""

from dataclasses import replace

import pytest
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.modbus.registers.register_map import ValueType
from custom_components.plantroom.engine.models import PointKind
from custom_components.plantroom.setup_flow.modbus_orders import (
    has_order,
    in_all_orders,
    order_of,
    with_order,
)
from custom_components.plantroom.setup_flow.modbus_register_texts import (
    numbers_from_text,
    states_from_text,
    text_of_numbers,
    text_of_states,
)
from custom_components.plantroom.setup_flow.modbus_values import (
    markdown_table,
    value_text,
    values_table,
)

from .fake_units import ENERGY, MODE, POWER, RELAY, plain_point, words_of_float
from .office import reading

DEVICE = "line0001:5"
POWER_POINT = plain_point(POWER, DEVICE)
MODE_POINT = plain_point(MODE, DEVICE)
RELAY_POINT = plain_point(RELAY, DEVICE)
TEXT_POINT = replace(POWER_POINT, kind=PointKind.TEXT, unit="")


@pytest.mark.parametrize(
    ("point", "value", "text"),
    [
        (POWER_POINT, 3.5, "3.5 kW"),
        (POWER_POINT, 230.10000610351562, "230.1 kW"),
        (POWER_POINT, 1.401298464324817e-45, "1.4013e-45 kW"),
        (replace(POWER_POINT, unit=""), 7, "7"),
        (POWER_POINT, None, "—"),
        (MODE_POINT, 2, "Heat"),
        (MODE_POINT, 9, "9"),
        (RELAY_POINT, True, "Closed"),
        (replace(RELAY_POINT, states=()), False, "0"),
        (RELAY_POINT, 7, "7"),
        (TEXT_POINT, "NW-90K", "NW-90K"),
    ],
)
def test_a_value_is_shown_with_unit_or_word(point, value, text):
    assert value_text(point, reading(value)) == text


def test_a_value_that_is_not_there_says_why():
    missing = reading(None, error="illegal-data-address")
    assert value_text(POWER_POINT, missing) == "— (illegal-data-address)"


def test_what_a_device_says_cannot_break_the_table():
    table = markdown_table(["a", "b"], [["x|y\nz", "<b>\\"]])
    assert table.splitlines()[2] == "| x\\|y z | &lt;b>\\\\ |"


async def test_daily_values_come_first_and_the_rest_is_counted(hass: HomeAssistant):
    rare = replace(POWER_POINT, name="Rare", enabled=False)
    rows = [(rare, reading(1)), *((POWER_POINT, reading(n)) for n in range(3))]
    table = await values_table(hass, rows, 2)
    assert table.splitlines() == [
        "| Point | Value |",
        "| :--- | ---: |",
        "| Power | 0 kW |",
        "| Power | 1 kW |",
        "",
        "… and 2 more",
    ]
    full = await values_table(hass, rows)
    assert full.splitlines()[-1] == "| Rare | 1 kW |"


@pytest.mark.parametrize("order", ["abcd", "cdab", "badc", "dcba"])
def test_each_order_finds_what_was_written_in_it(order):
    first, second = words_of_float(231.5)

    def turned(word: int) -> int:
        return (word & 0xFF) << 8 | word >> 8

    written = {
        "abcd": (first, second),
        "cdab": (second, first),
        "badc": (turned(first), turned(second)),
        "dcba": (turned(second), turned(first)),
    }[order]
    assert in_all_orders(POWER, written)[order] == (231.5, "")
    assert order_of(with_order(POWER, order)) == order


def test_one_word_and_texts_have_no_order():
    assert has_order(ENERGY)
    assert not has_order(MODE)
    assert not has_order(replace(POWER, type=ValueType.STRING, length=8))


def test_lists_come_back_as_they_were_typed():
    states = states_from_text(" 0 = Off\n\n0x10=Heat = on ")
    assert states == {"0": "Off", "16": "Heat = on"}
    assert states_from_text(text_of_states(states)) == states
    numbers = numbers_from_text("65535, 0x8000,")
    assert numbers == (65535, 32768)
    assert numbers_from_text(text_of_numbers(numbers)) == numbers


@pytest.mark.parametrize(
    ("text", "named"), [("Off", "Off"), ("x = Off", "x"), ("1 =", "1 =")]
)
def test_a_state_needs_number_and_text(text, named):
    with pytest.raises(ValueError, match=named):
        states_from_text(text)
