"""Describing registers one by one, or all at once as CSV."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .entries import plantroom_entry
from .fake_engine import World
from .fake_units import meter, thermostat, words_of_float
from .flow_steps import Walk, field, labels
from .test_modbus_device_flow import LINE, METER, by_unit, run

MORE: dict[str, Any] = {
    "byte_order": "big",
    "bits": 1,
    "offset": 0,
    "write_function": "auto",
    "category": "none",
    "enabled": True,
}
VOLTAGE: dict[str, Any] = {
    "name": "Spannung L1",
    "space": "holding",
    "address": 20,
    "type": "float32",
    "word_order": "big",
    "scale": 1,
    "unit": "volts",
    "quantity": "none",
    "counter": False,
    "writable": False,
    "more": MORE,
}


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> MockConfigEntry:
    """Run an entry with a line and a meter."""
    world.units = {5: meter()}
    added = plantroom_entry(hass, networks=[], lines=[LINE], units=[METER])
    await run(hass, added)
    return added


async def describe(
    hass: HomeAssistant, world: World, walk: Walk, entry: MockConfigEntry
) -> Any:
    """Return the form of the first register of an unknown unit."""
    high, low = words_of_float(231.5)
    world.units[12] = thermostat()
    world.units[12].words[(Space.HOLDING, 20)] = (low, high, 7)
    source = await by_unit(hass, walk, entry, 12)
    return await walk.choose(source, "describe")


async def test_registers_are_described_one_after_the_other(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await describe(hass, world, walk, entry)
    assert form["step_id"] == "describe"
    values = await walk.answer(form, VOLTAGE)
    assert values["menu_options"] == [
        "settings",
        "wrong_value",
        "add_register",
        "edit_register",
        "paste_map",
        "previewing",
        "source",
    ]
    form = await walk.choose(values, "add_register")
    values = await walk.answer(
        form,
        {
            **VOLTAGE,
            "address": 22,
            "type": "uint16",
            "scale": 0.1,
            "states": "",
            "more": {
                **MORE,
                "bit": 0,
                "bits": 4,
                "offset": 1,
                "minimum": 0,
                "maximum": 3,
                "unavailable": "0x0F, 14",
                "category": "diagnostic",
                "enabled": False,
            },
        },
    )
    assert "| Spannung L1 | 1.7 V |" in values["description_placeholders"]["values"]

    # The first one looks wrong: all of its type are put right.
    form = await walk.choose(values, "wrong_value")
    orders = await walk.answer(form, {"register": "spannung_l1"})
    assert field(orders, "all_of_type")[0].default() is True
    values = await walk.answer(orders, {"order": "cdab", "all_of_type": True})
    assert "| Spannung L1 | 231.5 V |" in values["description_placeholders"]["values"]

    form = await walk.choose(values, "settings")
    settings = {"name": "Board", "poll_seconds": 10, "all_points": True}
    done = await walk.answer(form, settings)
    assert done["data"]["registers"] == [
        {
            "key": "spannung_l1",
            "name": "Spannung L1",
            "address": 20,
            "type": "float32",
            "word_order": "little",
            "unit": "volts",
        },
        {
            "key": "spannung_l1_2",
            "name": "Spannung L1",
            "address": 22,
            "bit": 0,
            "bits": 4,
            "scale": 0.1,
            "offset": 1.0,
            "unavailable": [15, 14],
            "unit": "volts",
            "minimum": 0,
            "maximum": 3,
            "enabled": False,
            "category": "diagnostic",
        },
    ]


@pytest.mark.parametrize("everywhere", [True, False])
async def test_an_order_is_taken_for_one_register_or_for_all_of_its_type(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    walk: Walk,
    everywhere: bool,
) -> None:
    values = await walk.answer(await describe(hass, world, walk, entry), VOLTAGE)
    form = await walk.choose(values, "add_register")
    values = await walk.answer(form, {**VOLTAGE, "name": "L2"})
    form = await walk.choose(values, "add_register")
    values = await walk.answer(form, {**VOLTAGE, "name": "Count", "type": "uint32"})
    form = await walk.choose(values, "wrong_value")
    orders = await walk.answer(form, {"register": "l2"})
    await walk.answer(orders, {"order": "dcba", "all_of_type": everywhere})
    changed = [str(point.byte_order) for point in world.previews[-1].registers]
    assert changed == ["little" if everywhere else "big", "little", "big"]


async def test_a_coil_is_on_or_off_whatever_type_was_left_chosen(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await describe(hass, world, walk, entry)
    answers = {**VOLTAGE, "space": "coil", "address": 0, "states": "0 = No\n\n1 = Yes"}
    values = await walk.answer(form, {**answers, "quantity": "gas"})
    assert "| Spannung L1 | Yes |" in values["description_placeholders"]["values"]
    assert world.previews[-1].registers[0].quantity == "gas"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"space": "input", "writable": True}, None),
        ({"scale": 0}, "bad_register"),
        ({"more": {**MORE, "rollover": -1}}, "bad_register"),
        ({"name": " "}, "bad_register"),
        ({"states": "Off"}, "bad_list"),
        ({"states": "x = Off"}, "bad_list"),
        ({"more": {**MORE, "unavailable": "none"}}, "bad_list"),
    ],
)
async def test_a_register_that_cannot_be_is_refused(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    walk: Walk,
    answers: dict[str, Any],
    error: str | None,
) -> None:
    form = await describe(hass, world, walk, entry)
    result = await walk.answer(form, {**VOLTAGE, **answers})
    if error is None:
        # What is not shown was not answered.
        assert result["step_id"] == "values"
        return
    assert result["errors"] == {"base": error}
    assert result["description_placeholders"]["reason"]


async def test_a_register_is_changed_or_removed(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    values = await walk.answer(await describe(hass, world, walk, entry), VOLTAGE)
    form = await walk.choose(values, "edit_register")
    assert labels(form, "register") == ["Spannung L1 (holding 20)"]
    form = await walk.answer(form, {"register": "spannung_l1", "remove": False})
    assert field(form, "name")[0].description == {"suggested_value": "Spannung L1"}
    assert field(form, "type")[0].default() == "float32"
    values = await walk.answer(form, {**VOLTAGE, "name": "Voltage"})
    (point,) = world.previews[-1].registers
    assert (point.key, point.name) == ("spannung_l1", "Voltage")
    form = await walk.choose(values, "edit_register")
    source = await walk.answer(form, {"register": "spannung_l1", "remove": True})
    # Nothing is left of the map: one begins anew.
    assert source["step_id"] == "source"


async def test_a_name_that_begins_with_a_digit_gets_a_key(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await describe(hass, world, walk, entry)
    await walk.answer(form, {**VOLTAGE, "name": "1. OG"})
    assert world.previews[-1].registers[0].key == "p_1_og"


async def test_the_orders_are_shown_with_the_register_that_scales_them(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    form = await describe(hass, world, walk, entry)
    world.units[12].words[(Space.HOLDING, 20)] = (0, 231, 0xFFFF)
    scaled = {**VOLTAGE, "type": "uint32", "more": {**MORE, "exponent_address": 22}}
    values = await walk.answer(form, scaled)
    form = await walk.choose(values, "wrong_value")
    orders = await walk.answer(form, {"register": "spannung_l1"})
    assert labels(orders, "order")[0] == "ABCD: 23.1 V"


# All at once
CSV = "name;address;type;unit\nVoltage;40021;float32;V\nCount;40023;uint16;\n"


async def test_a_pasted_map_is_read(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    await describe(hass, world, walk, entry)
    source = await by_unit(hass, walk, entry, 12)
    form = await walk.choose(source, "paste_map")
    assert field(form, "map")[0].description == {"suggested_value": "key,name,address,space,type,scale,unit\r\n"}  # fmt: skip
    values = await walk.answer(form, {"map": CSV, "numbering": "classic"})
    assert "| Count | 7 |" in values["description_placeholders"]["values"]
    points = world.previews[-1].registers
    assert [(point.key, point.address) for point in points] == [
        ("voltage", 20),
        ("count", 22),
    ]


@contextmanager
def uploaded(file: Path) -> Iterator[None]:
    with patch(
        "custom_components.plantroom.setup_flow.modbus_map_steps.process_uploaded_file"
    ) as process:
        process.return_value.__enter__.return_value = file
        yield


async def test_an_uploaded_map_is_read(
    hass: HomeAssistant,
    world: World,
    entry: MockConfigEntry,
    walk: Walk,
    tmp_path: Path,
) -> None:
    file = tmp_path / "map.csv"
    file.write_bytes(CSV.encode("utf-16"))
    await describe(hass, world, walk, entry)
    form = await walk.choose(await by_unit(hass, walk, entry, 12), "paste_map")
    answers = {"file": "0123456789abcdef0123456789abcdef", "numbering": "classic"}
    with uploaded(file):
        values = await walk.answer(form, answers)
    assert values["step_id"] == "values"


async def test_all_that_is_wrong_with_a_map_is_said_at_once(
    hass: HomeAssistant, world: World, entry: MockConfigEntry, walk: Walk
) -> None:
    await describe(hass, world, walk, entry)
    form = await walk.choose(await by_unit(hass, walk, entry, 12), "paste_map")
    wrong = "name,address,type,unit\nA,1,flaot,V\n,2,uint16,Volt-ish\n" + "A,x,,\n" * 12
    result = await walk.answer(form, {"map": wrong, "numbering": "from_0"})
    assert result["errors"] == {"base": "bad_map"}
    said = result["description_placeholders"]["faults"].strip().splitlines()
    assert said[0] == (
        "- Line 2, column type: “flaot” is not one of the words that are possible here."
    )
    assert said[-1].startswith("- … and ")
    assert len(said) == 11
    result = await walk.answer(result, {"numbering": "from_0"})
    assert result["description_placeholders"]["faults"] == (
        "\n\n- Line 1: There must be a row of column names and rows below it."
    )
