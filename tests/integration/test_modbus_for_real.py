"""A line and its units added by dialogue, over real sockets and with the real engine."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr

from custom_components.plantroom import host
from custom_components.plantroom.const import DOMAIN
from tests.simulators.modbus.side import ModbusSide
from tests.site import until

from .flow_steps import Walk, answer, choose, field, labels, start
from .office import entity_id_of

ADVANCED = {"timeout_seconds": 10, "spacing_seconds": 0, "search_to": 8}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine keep nothing that a later run would find."""
    monkeypatch.setattr(f"{host.__name__}.data_folder", lambda _: tmp_path)


@pytest.fixture
async def side(socket_enabled: None) -> AsyncIterator[ModbusSide]:
    """Run the meters behind the gateway and the thermostats on their serial line."""
    async with ModbusSide(speed=0, only=("gateway", "rooms")) as started:
        started.pass_time(600)
        yield started


def tcp(side: ModbusSide, **facts: Any) -> dict[str, Any]:
    line = side.line_config("gateway")
    return {
        "name": "Switch room",
        "transport": "tcp",
        "host": line.host,
        "port": line.port,
        "advanced": ADVANCED,
        **facts,
    }


def serial(side: ModbusSide) -> dict[str, Any]:
    return {
        "name": "Rooms",
        "transport": "serial",
        "device": side.line_config("rooms").device,
        "baudrate": "9600",
        "parity": "none",
        "stopbits": "1",
        "advanced": ADVANCED,
    }


async def shows(hass: HomeAssistant, unique_id: str, wanted: float | str) -> None:
    """Wait until an entity shows a value."""
    entity_id = entity_id_of(hass, unique_id)

    def matches() -> bool:
        state = hass.states.get(entity_id)
        if state is None or state.state in {"unknown", "unavailable"}:
            return False
        if isinstance(wanted, str):
            return state.state == wanted
        return float(state.state) == pytest.approx(wanted, rel=1e-5)

    await until(matches)


async def test_a_meter_is_found_seen_and_followed(
    hass: HomeAssistant, side: ModbusSide
) -> None:
    units = await answer(hass, await start(hass, "modbus_line"), tcp(side))
    assert units["step_id"] == "units"
    assert labels(units, "units") == ["ABB B23, B24, 64 points (unit 4)"]
    assert "1, 2, 3, 5" in units["description_placeholders"]["unknown"]
    values = await answer(hass, units, {"units": ["4"]})
    assert "kWh |" in values["description_placeholders"]["values"]
    done = await choose(hass, values, "take_units")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()

    (item,) = [
        i for i in done["result"].subentries.values() if i.title != "Switch room"
    ]
    network_id = item.data["network_id"]
    meter = side.unit("cooling meter")
    power = f"{network_id}:4:active_power"
    await shows(hass, power, float(meter.get("active_power")))
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{network_id}:4"), done["result"].entry_id
    )
    assert device is not None
    assert (device.manufacturer, device.model_id) == ("ABB", "Unit 4 on Switch room")
    energy_id = entity_id_of(hass, f"{network_id}:4:active_energy_imported")
    energy = hass.states.get(energy_id)
    assert energy is not None
    assert energy.attributes["device_class"] == "energy"
    assert energy.attributes["state_class"] == "total_increasing"

    meter.set("active_power", 4321.0)
    await shows(hass, power, 4321.0)
    (shared,) = async_get_connection_info(hass)
    assert shared.units == {done["result"].entry_id: [4]}
    assert await hass.config_entries.async_unload(done["result"].entry_id)
    assert async_get_connection_info(hass) == []


async def test_a_setpoint_is_written_into_a_thermostat(
    hass: HomeAssistant, side: ModbusSide
) -> None:
    menu = await answer(
        hass,
        await start(hass, "modbus_line"),
        {**serial(side), "advanced": {**ADVANCED, "search_to": 2}},
    )
    assert menu["step_id"] == "units"
    done = await answer(hass, menu, {})
    await hass.async_block_till_done()
    entry = done["result"]

    walk = Walk(hass, hass.config_entries.subentries)
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "modbus_device"), context={"source": SOURCE_USER}
    )
    form = await walk.choose(menu, "by_unit")
    source = await walk.answer(form, {"unit_id": 1, "anyway": False})
    form = await walk.choose(source, "choose_profile")
    values = await walk.answer(form, {"profile": "siemens_rdf302"})
    assert "| 21 °C |" in values["description_placeholders"]["values"]
    form = await walk.choose(values, "settings")
    assert field(form, "writable")[0].default() is True
    answers = {
        "name": "Hall",
        "poll_seconds": 0.5,
        "all_points": True,
        "writable": True,
    }
    await walk.answer(form, answers)
    await hass.async_block_till_done()

    (item,) = [i for i in entry.subentries.values() if i.title == "Hall"]
    point_id = f"{item.data['network_id']}:1:comfort_setpoint"
    await shows(hass, point_id, 21.0)
    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": entity_id_of(hass, point_id), "value": 23.5},
        blocking=True,
    )
    assert side.unit("thermostat 1").get("comfort_setpoint") == 23.5
    await shows(hass, point_id, 23.5)
    audit = await hass.services.async_call(
        DOMAIN, "audit_log", {}, blocking=True, return_response=True
    )
    rows: Any = audit and audit["rows"]
    told = [(row["action"], row["point"], row["new"], row["verdict"]) for row in rows]
    assert told[:2] == [
        ("write", point_id, 23.5, "verified"),
        ("write", point_id, 23.5, "requested"),
    ]
    assert "add_device" in [row["action"] for row in rows[2:]]
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_port_that_is_closed_says_so(
    hass: HomeAssistant, side: ModbusSide
) -> None:
    answers = tcp(side)
    await side.kill("gateway")
    result = await answer(hass, await start(hass, "modbus_line"), answers)
    assert result["errors"] == {"port": "line_refused"}
    missing = {**serial(side), "device": "/dev/ttyNobody"}
    form = await start(hass, "modbus_line")
    result = await answer(hass, form, missing)
    assert result["errors"] == {"device": "line_missing"}
    tls = tcp(side, transport="tls", ca_file="/nobody.pem")
    form = await start(hass, "modbus_line")
    result = await answer(hass, form, tls)
    assert result["errors"] == {"base": "line_file_missing"}
