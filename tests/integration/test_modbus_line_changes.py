"""Another Modbus line in an entry that is there, and changing one."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.plantroom.engine.errors import LineUnreachableError
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
    Parity,
)

from .entries import plantroom_entry, subentry
from .fake_engine import World
from .fake_units import meter
from .flow_steps import SERIAL, TCP, Walk, field

pytestmark = pytest.mark.usefixtures("world")
LINE = ModbusLineConfig(network_id="line0001", name="Riser", host="meters.local")
REFUSED = LineUnreachableError("cannot", line="Riser", reason="refused")


async def open_entry(hass: HomeAssistant) -> Any:
    entry = plantroom_entry(hass, networks=[], lines=[LINE])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def add_line(hass: HomeAssistant, entry: Any) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "modbus_line"), context={"source": SOURCE_USER}
    )


async def change_line(hass: HomeAssistant, entry: Any) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "modbus_line"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(entry, "network:line0001").subentry_id,
        },
    )


async def test_another_line_is_added_with_its_units(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await open_entry(hass)
    world.units = {5: meter()}
    form = await add_line(hass, entry)
    assert form["step_id"] == "user"
    units = await walk.answer(form, {**TCP, "host": "other.local"})
    values = await walk.answer(units, {"units": ["5"]})
    done = await walk.choose(values, "take_units")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (engine,) = world.running
    assert [line.host for line in engine.site.modbus_lines] == [
        "meters.local",
        "other.local",
    ]
    assert [unit.unit_id for unit in engine.site.modbus_devices] == [5]


@pytest.mark.parametrize(
    ("existing", "answers", "field_name"),
    [
        (LINE, {**TCP, "host": "Meters.Local"}, "host"),
        (
            replace(
                LINE,
                host="",
                transport=ModbusTransport.SERIAL,
                device="/dev/ttyUSB0",
                parity=Parity.NONE,
            ),
            SERIAL,
            "device",
        ),
    ],
)
async def test_an_endpoint_is_one_line(
    hass: HomeAssistant,
    walk: Walk,
    existing: ModbusLineConfig,
    answers: dict[str, Any],
    field_name: str,
) -> None:
    entry = plantroom_entry(hass, networks=[], lines=[existing])
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await walk.answer(await add_line(hass, entry), answers)
    assert result["errors"] == {field_name: "line_exists"}
    assert result["description_placeholders"]["other"] == "Riser"


CHANGED = {
    **TCP,
    "port": 1502,
    "advanced": {"timeout_seconds": 1, "spacing_seconds": 0.1},
}


async def test_the_form_shows_the_line(hass: HomeAssistant) -> None:
    form = await change_line(hass, await open_entry(hass))
    assert field(form, "host")[0].description == {"suggested_value": "meters.local"}
    assert field(form, "port")[0].default() == 502
    advanced = field(form, "advanced")[1].schema.schema
    assert "search_to" not in advanced


async def test_a_change_is_tried_while_the_engine_lets_go(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await open_entry(hass)
    done = await walk.answer(await change_line(hass, entry), CHANGED)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    line = world.running[0].site.modbus_lines[0]
    assert (line.port, line.timeout_seconds, line.spacing_seconds) == (1502, 1, 0.1)
    assert len(world.running) == 1


async def test_a_change_that_does_not_work_is_not_kept(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await open_entry(hass)
    form = await change_line(hass, entry)
    world.failures["read_registers"] = REFUSED
    result = await walk.answer(form, CHANGED)
    assert result["errors"] == {"port": "line_refused"}
    assert entry.state is ConfigEntryState.LOADED
    result = await walk.answer(result, {**CHANGED, "host": "a b"})
    assert result["errors"] == {"host": "bad_host"}
    assert world.running[0].site.modbus_lines == (LINE,)


async def test_a_new_name_is_not_tried(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await open_entry(hass)
    world.failures["read_registers"] = REFUSED
    advanced = {"timeout_seconds": 3, "spacing_seconds": 0}
    answers = {**TCP, "name": "Main riser", "advanced": advanced}
    done = await walk.answer(await change_line(hass, entry), answers)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert subentry(entry, "network:line0001").title == "Main riser"
