"""The first Modbus line, another one, and changing one."""

import asyncio
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

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    LineInUseError,
    LineUnreachableError,
    StorageError,
)
from custom_components.plantroom.engine.events import Progress
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
    Parity,
)

from .entries import plantroom_entry, subentry
from .fake_engine import World
from .fake_units import FakeUnit, meter, thermostat
from .flow_steps import Walk, answer, choose, field, labels, start

pytestmark = pytest.mark.usefixtures("world")

ADVANCED = {"timeout_seconds": 3, "spacing_seconds": 0, "search_to": 247}
TCP: dict[str, Any] = {
    "name": "Riser",
    "transport": "tcp",
    "host": "meters.local",
    "port": 502,
    "advanced": ADVANCED,
}
SERIAL: dict[str, Any] = {
    "name": "Riser",
    "transport": "serial",
    "device": "/dev/ttyUSB0",
    "baudrate": "19200",
    "parity": "even",
    "stopbits": "1",
    "advanced": ADVANCED,
}
TLS = {**TCP, "transport": "tls", "port": 802}
LINE = ModbusLineConfig(network_id="line0001", name="Riser", host="meters.local")


async def begin(hass: HomeAssistant) -> Any:
    """Open the form of the first line."""
    return await start(hass, "modbus_line")


async def test_the_first_line_and_the_units_ticked_become_subentries(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {5: meter(), 9: thermostat(), 7: meter(vendor="")}
    form = await begin(hass)
    assert form["step_id"] == "modbus_line"
    units = await answer(hass, form, TCP)
    assert units["step_id"] == "units"
    assert labels(units, "units") == [
        "Acme M1, 2 points (unit 5)",
        "M1, 2 points (unit 7)",
    ]
    assert field(units, "units")[0].default() == ["5", "7"]
    unknown = units["description_placeholders"]["unknown"]
    assert unknown.startswith("\n\nNo profile fits the units 9.")

    values = await answer(hass, units, {"units": ["5"]})
    assert values["step_id"] == "found_values"
    assert values["menu_options"] == ["take_units", "units"]
    shown = values["description_placeholders"]["values"]
    assert shown.startswith("**Acme M1** (Unit 5 on Riser)")
    assert "| Power | 3.5 kW |" in shown
    assert "| Energy \\| total | 1234.5 kWh |" in shown

    done = await choose(hass, values, "take_units")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    line, device = done["result"].subentries.values()
    network_id = line.data["network_id"]
    assert (line.subentry_type, line.title) == ("modbus_line", "Riser")
    assert line.unique_id == f"network:{network_id}"
    assert line.data["host"] == "meters.local"
    assert (device.subentry_type, device.title) == ("modbus_device", "Acme M1")
    assert device.unique_id == f"device:{network_id}:5"
    assert device.data == {
        "network_id": network_id,
        "unit_id": 5,
        "name": "Acme M1",
        "profile": "acme_meter",
    }
    await hass.async_block_till_done()
    assert done["result"].state is ConfigEntryState.LOADED
    (engine,) = world.running
    assert [item.device_id for item in engine.site.modbus_devices] == [
        f"{network_id}:5"
    ]


async def test_a_serial_line_asks_for_its_settings(
    hass: HomeAssistant, world: World
) -> None:
    menu = await answer(hass, await begin(hass), SERIAL)
    assert menu["step_id"] == "no_units"
    assert menu["menu_options"] == ["scanning", "without_units"]
    assert menu["description_placeholders"] == {"line": "Riser", "last": "247"}
    done = await choose(hass, menu, "without_units")
    (line,) = done["result"].subentries.values()
    assert (
        line.data.items()
        >= {
            "transport": "serial",
            "device": "/dev/ttyUSB0",
            "host": "",
            "baudrate": 19200,
            "parity": "E",
            "stopbits": 1,
        }.items()
    )


async def test_the_search_can_be_kept_short_and_said_again(
    hass: HomeAssistant, world: World
) -> None:
    answers = {**TCP, "advanced": {**ADVANCED, "search_to": 10}}
    menu = await answer(hass, await begin(hass), answers)
    assert (world.scans[0].low, world.scans[0].high) == (1, 10)
    world.units = {5: meter()}
    assert (await choose(hass, menu, "scanning"))["step_id"] == "units"


async def test_the_search_shows_how_far_it_is(
    hass: HomeAssistant, world: World
) -> None:
    world.scan_gate = asyncio.Event()
    form = await begin(hass)
    flows = hass.config_entries.flow
    shown = await flows.async_configure(form["flow_id"], TCP)
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    assert shown["description_placeholders"] == {
        "line": "Riser",
        "last": "247",
        "found": "0",
    }
    await world.scanning.wait()
    (engine,) = world.running
    engine.tell(Progress(task_id="another", fraction=0.1, text="8"))
    engine.tell(Progress(task_id=world.scans[0].task_id, fraction=0.1, text="2"))
    shown = await flows.async_configure(form["flow_id"])
    assert shown["description_placeholders"]["found"] == "2"
    world.scan_gate.set()
    await hass.async_block_till_done()
    assert (await flows.async_configure(form["flow_id"]))["step_id"] == "no_units"


async def test_a_search_that_fails_says_why(hass: HomeAssistant, world: World) -> None:
    world.failures["scan"] = LineUnreachableError(
        "cannot", line="Riser", reason="refused"
    )
    menu = await answer(hass, await begin(hass), TCP)
    assert menu["step_id"] == "scan_failed"
    said = menu["description_placeholders"]["reason"]
    assert said.startswith("The line Riser cannot be reached: it refuses connections.")


async def test_a_unit_can_be_left_out_after_its_values(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {5: meter(), 7: meter()}
    units = await answer(hass, await begin(hass), TCP)
    values = await answer(hass, units, {"units": ["5", "7"]})
    units = await choose(hass, values, "units")
    done = await answer(hass, units, {"units": []})
    assert len(done["result"].subentries) == 1


async def test_units_that_nobody_knows_are_only_named(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {9: thermostat()}
    units = await answer(hass, await begin(hass), TCP)
    assert units["data_schema"].schema == {}
    done = await answer(hass, units, {})
    assert len(done["result"].subentries) == 1


async def test_labels_say_what_is_known_of_a_unit(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {
        1: meter(name="Main meter", answers_every_id=True),
        2: FakeUnit(profile="sunspec", vendor="Sun"),
        3: meter(counted=False),
    }
    units = await answer(hass, await begin(hass), TCP)
    assert labels(units, "units") == [
        "Main meter, 2 points (answers to every unit id, 1 is used)",
        "Sun, SunSpec, 7 points (unit 2)",
        "Acme M1 (unit 3)",
    ]


async def test_values_that_cannot_be_read_say_why(
    hass: HomeAssistant, world: World
) -> None:
    world.units = {5: meter()}
    units = await answer(hass, await begin(hass), TCP)
    world.units = {}
    values = await answer(hass, units, {"units": ["5"]})
    assert "unit 5 does not answer" in values["description_placeholders"]["values"]
    units = await choose(hass, values, "units")
    world.failures["configure"] = StorageError("no room", path="", reason="")
    values = await answer(hass, units, {"units": ["5"]})
    assert values["step_id"] == "found_values"
    assert values["description_placeholders"]["values"].startswith("— ")


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({**TCP, "host": "http://meters"}, {"host": "bad_host"}),
        ({**TCP, "host": " "}, {"host": "bad_host"}),
        ({**SERIAL, "baudrate": "fast"}, {"baudrate": "bad_baudrate"}),
        ({**SERIAL, "baudrate": "299"}, {"baudrate": "bad_baudrate"}),
        ({**SERIAL, "device": ""}, {"device": "bad_device"}),
        ({**TLS, "certificate_file": "/own.pem"}, {"key_file": "bad_key_file"}),
    ],
)
async def test_what_cannot_be_a_line_is_not_tried(
    hass: HomeAssistant, world: World, answers: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await answer(hass, await begin(hass), answers)
    assert result["errors"] == errors
    assert world.connections == []


def unreachable(reason: str) -> LineUnreachableError:
    return LineUnreachableError("cannot", line="Riser", reason=reason)


@pytest.mark.parametrize(
    ("answers", "failure", "errors"),
    [
        (TCP, unreachable("refused"), {"port": "line_refused"}),
        (TCP, unreachable("timeout"), {"host": "line_timeout"}),
        (TCP, unreachable("no_route"), {"host": "line_no_route"}),
        (TCP, unreachable("unknown_host"), {"host": "line_unknown_host"}),
        (TCP, unreachable("breaks"), {"host": "line_breaks"}),
        (TCP, unreachable("other"), {"base": "line_failed"}),
        (TCP, unreachable("of a kind to come"), {"base": "line_failed"}),
        (TLS, unreachable("tls"), {"port": "line_tls"}),
        (TLS, unreachable("missing"), {"base": "line_file_missing"}),
        (SERIAL, unreachable("missing"), {"device": "line_missing"}),
        (SERIAL, unreachable("no_permission"), {"device": "line_no_permission"}),
        (SERIAL, unreachable("busy"), {"device": "line_busy"}),
        (SERIAL, unreachable("not_a_port"), {"device": "line_not_a_port"}),
        (
            SERIAL,
            LineInUseError("in use", line="Riser", reason="9600 8N1", owner="Roof"),
            {"device": "line_in_use"},
        ),
        (
            TCP,
            LineInUseError("in use", line="Riser", reason="TLS", owner=""),
            {"host": "line_in_use_unknown"},
        ),
        (TCP, StorageError("no room", path="", reason=""), {"base": "line_failed"}),
    ],
)
async def test_a_line_that_does_not_open_says_what_to_do(
    hass: HomeAssistant,
    world: World,
    answers: dict[str, Any],
    failure: Exception,
    errors: dict[str, str],
) -> None:
    world.failures["read_registers"] = failure
    result = await answer(hass, await begin(hass), answers)
    assert (result["step_id"], result["errors"]) == ("modbus_line", errors)
    said = result["description_placeholders"]
    assert said.keys() >= {"host", "port", "device", "owner", "reason", "message"}
    assert world.running == []
    world.failures.clear()
    assert (await answer(hass, result, answers))["step_id"] == "no_units"


async def test_an_engine_that_does_not_start_is_an_error(
    hass: HomeAssistant, world: World
) -> None:
    world.failures["configure"] = StorageError("no room", path="", reason="")
    result = await answer(hass, await begin(hass), TCP)
    assert result["errors"] == {"base": "line_failed"}
    assert result["description_placeholders"]["message"] == "no room"
    assert world.running == []


async def test_a_line_that_takes_forever_is_given_up(
    hass: HomeAssistant, world: World
) -> None:
    world.failures["read_registers"] = TimeoutError()
    result = await answer(hass, await begin(hass), TCP)
    assert result["errors"] == {"host": "line_timeout"}


@pytest.mark.parametrize(
    "failure",
    [
        DeviceOfflineError("silent", device="unit 1"),
        DeviceRefusedError("no", device="unit 1", reason="illegal-data-address"),
    ],
)
async def test_who_answers_does_not_matter_to_the_line(
    hass: HomeAssistant, world: World, failure: Exception
) -> None:
    world.failures["read_registers"] = failure
    assert (await answer(hass, await begin(hass), TCP))["step_id"] == "no_units"


async def test_the_host_is_taken_without_brackets(hass: HomeAssistant) -> None:
    menu = await answer(hass, await begin(hass), {**TCP, "host": "[fe80::1]"})
    done = await choose(hass, menu, "without_units")
    (line,) = done["result"].subentries.values()
    assert line.data["host"] == "fe80::1"


# In an entry that is there


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through subentry flows."""
    return Walk(hass, hass.config_entries.subentries)


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
    world.failures["read_registers"] = unreachable("refused")
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
    world.failures["read_registers"] = unreachable("refused")
    advanced = {"timeout_seconds": 3, "spacing_seconds": 0}
    answers = {**TCP, "name": "Main riser", "advanced": advanced}
    done = await walk.answer(await change_line(hass, entry), answers)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert subentry(entry, "network:line0001").title == "Main riser"
