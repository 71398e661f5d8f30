"""Modbus devices as Home Assistant shows them."""

from dataclasses import replace

import pytest
from homeassistant.const import STATE_UNAVAILABLE, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.events import PointsChanged
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.models import PointKind, Quantity
from custom_components.plantroom.entity_table import entity_row, is_daily
from custom_components.plantroom.point_selection import ENABLED_LIMIT, select_points

from .entries import plantroom_entry, subentry
from .fake_units import (
    ENERGY,
    MODE,
    POWER,
    RELAY,
    SETPOINT,
    plain_point,
)
from .office import entity_id_of, point, state_of
from .plant import LINE, METER, THERMOSTAT, furnish, open_plant, served

SERIAL = ModbusLineConfig(
    network_id="line0001",
    name="Rooms",
    transport=ModbusTransport.SERIAL,
    device="/dev/ttyUSB0",
)


def device_of(hass: HomeAssistant, entry, identifier: str):
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, identifier), entry.entry_id
    )


async def test_a_device_says_what_it_is_and_where(hass, world):
    entry, _ = await open_plant(hass, world)
    line = device_of(hass, entry, LINE.network_id)
    assert (line.name, line.model) == ("Riser", "Modbus TCP")
    device = device_of(hass, entry, METER.device_id)
    assert (device.name, device.manufacturer, device.model, device.sw_version) == (
        "Main meter",
        "Acme",
        "M1",
        "1.2",
    )
    assert device.model_id == "Unit 5 on Riser"
    assert device.via_device_id == line.id


async def test_a_device_that_was_never_read_is_known_by_its_place(hass, world):
    hass.config.language = "de"
    entry = plantroom_entry(hass, networks=[], lines=[SERIAL], units=[METER])
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert device_of(hass, entry, LINE.network_id).model == "Modbus RTU"
    device = device_of(hass, entry, METER.device_id)
    assert (device.name, device.model_id) == ("Main meter", "Teilnehmer 5 an Rooms")


@pytest.mark.parametrize(
    ("register", "device", "state", "attributes"),
    [
        (
            POWER,
            METER,
            "3.5",
            {
                "device_class": "power",
                "state_class": "measurement",
                "unit_of_measurement": "kW",
                "modbus_point": "power",
            },
        ),
        (
            ENERGY,
            METER,
            "1234.5",
            {
                "device_class": "energy",
                "state_class": "total_increasing",
                "unit_of_measurement": "kWh",
            },
        ),
        (MODE, THERMOSTAT, "Heat", {"options": ["Off", "Heat"]}),
        (
            SETPOINT,
            THERMOSTAT,
            "21.5",
            {"min": 5.0, "max": 30.0, "step": 0.1, "device_class": "temperature"},
        ),
    ],
)
async def test_registers_are_shown_by_what_their_map_says(
    hass, world, register, device, state, attributes
):
    await open_plant(hass, world)
    shown = state_of(hass, served(register, device))
    assert shown.state == state
    assert shown.attributes.items() >= attributes.items()


@pytest.mark.parametrize(
    ("register", "domain"), [(MODE, "select"), (SETPOINT, "number"), (RELAY, "switch")]
)
async def test_what_can_be_written_is_a_control(hass, world, register, domain):
    await open_plant(hass, world)
    entity_id = entity_id_of(hass, served(register, THERMOSTAT).point_id)
    assert entity_id.partition(".")[0] == domain


async def test_nothing_is_a_control_where_writing_is_not_allowed(hass, world):
    await open_plant(hass, world, thermostat=replace(THERMOSTAT, writable=False))
    shown = state_of(hass, served(SETPOINT, THERMOSTAT))
    assert (shown.domain, shown.state) == ("sensor", "21.5")


async def test_what_nobody_looks_at_daily_comes_disabled(hass, world):
    await open_plant(hass, world)
    registry = er.async_get(hass)
    relay = registry.async_get(entity_id_of(hass, served(RELAY, THERMOSTAT).point_id))
    assert relay.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    mode = registry.async_get(entity_id_of(hass, served(MODE, THERMOSTAT).point_id))
    assert mode.disabled_by is None


async def test_a_device_without_priorities_has_nothing_to_release(hass, world):
    entry, _ = await open_plant(hass, world)
    device = device_of(hass, entry, METER.device_id)
    entities = er.async_entries_for_device(er.async_get(hass), device.id)
    keys = {item.unique_id.removeprefix(f"{METER.device_id}:") for item in entities}
    assert keys == {
        "power", "energy", "-connectivity",
        "-alarm", "-alarm_event", "-maintenance", "-maintenance_mode",
    }  # fmt: skip


async def test_a_register_may_be_called_like_one_of_our_own_entities(hass, world):
    twin = served(replace(POWER, key="connectivity"))
    furnish(world, twin)
    _, engine = await open_plant(hass, world)
    engine.read(twin.point_id, 7.0)
    assert state_of(hass, twin).state == "7.0"
    assert state_of(hass, f"{METER.device_id}:-connectivity").state == "on"


async def test_a_derived_point_is_a_sensor_and_goes_with_its_source(hass, world):
    derived = replace(
        served(POWER),
        point_id=f"{METER.device_id}:power~energy",
        reference="power~energy",
        kind=PointKind.COUNTER,
        unit="kilowatt-hours",
        quantity=Quantity.ENERGY_IMPORT,
        name="Energy from power",
        enabled=None,
        derived_from="power",
    )
    furnish(world, derived)
    entry, engine = await open_plant(hass, world)
    engine.read(derived.point_id, 1.5)
    assert state_of(hass, derived).attributes["device_class"] == "energy"
    item = subentry(entry, "device:line0001:5")
    for chosen, stays in ((["power"], True), (["energy"], False)):
        hass.config_entries.async_update_subentry(
            entry, item, data={**item.data, "points": chosen}
        )
        await hass.async_block_till_done()
        known = {e.unique_id for e in er.async_get(hass).entities.values()}
        assert (derived.point_id in known) is stays


async def test_a_device_that_is_gone_can_be_removed_by_a_person(hass, world):
    from custom_components.plantroom import async_remove_config_entry_device

    entry, engine = await open_plant(hass, world)
    device = device_of(hass, entry, METER.device_id)
    assert not await async_remove_config_entry_device(hass, entry, device)
    engine.lose()
    engine.world.statuses.clear()
    entry.runtime_data.client.mirror.statuses.clear()
    assert await async_remove_config_entry_device(hass, entry, device)
    await hass.async_block_till_done()
    assert device_of(hass, entry, METER.device_id) is None


async def test_a_line_takes_its_devices_along(hass, world):
    entry, _ = await open_plant(hass, world)
    line = subentry(entry, "network:line0001")
    hass.config_entries.async_remove_subentry(entry, line.subentry_id)
    await hass.async_block_till_done()
    assert not entry.subentries


async def test_a_register_that_vanished_is_unavailable(hass, world):
    _, engine = await open_plant(hass, world)
    engine.tell(
        PointsChanged(device_id=METER.device_id, removed=(served(POWER).point_id,))
    )
    assert state_of(hass, served(POWER)).state == STATE_UNAVAILABLE


# The table


@pytest.mark.parametrize(
    ("facts", "device_class", "state_class"),
    [
        ({"unit": "cubic-meters", "quantity": Quantity.GAS}, "gas", "total_increasing"),
        (
            {"unit": "cubic-meters", "quantity": Quantity.WATER},
            "water",
            "total_increasing",
        ),
        ({"unit": "milliliters", "quantity": Quantity.WATER}, "volume", "total"),
        (
            {"unit": "kilowatt-hours", "quantity": Quantity.GAS},
            "energy",
            "total_increasing",
        ),
        (
            {"unit": "megajoules", "quantity": Quantity.HEAT},
            "energy",
            "total_increasing",
        ),
        (
            {"unit": "kilovolt-ampere-hours-reactive"},
            "reactive_energy",
            "total_increasing",
        ),
        ({"unit": "kilovolt-amperes-reactive"}, "reactive_power", "measurement"),
        ({"unit": "watts", "quantity": Quantity.POWER}, "power", "measurement"),
    ],
)
def test_quantity_says_what_a_volume_is_of(facts, device_class, state_class):
    plain = plain_point(POWER, "line0001:5")
    row = entity_row(replace(plain, **{"quantity": Quantity.NONE, **facts}))
    assert (row.device_class, row.state_class) == (device_class, state_class)


@pytest.mark.parametrize(
    ("register", "category"),
    [
        (replace(POWER, category="diagnostic"), EntityCategory.DIAGNOSTIC),
        (replace(POWER, category="configuration"), EntityCategory.DIAGNOSTIC),
        (replace(SETPOINT, category="configuration"), EntityCategory.CONFIG),
        (replace(SETPOINT, category="diagnostic"), EntityCategory.DIAGNOSTIC),
        (replace(SETPOINT, name="Gain"), None),
    ],
)
def test_category_is_what_the_map_says(register, category):
    row = entity_row(plain_point(register, "line0001:5"), writable=True)
    assert row.category is category


@pytest.mark.parametrize("enabled", [True, False])
def test_the_map_says_what_is_looked_at_daily(enabled):
    tuning = replace(point("analog-value,1", "Gain"), enabled=enabled)
    assert is_daily(tuning) is enabled


def test_a_large_map_enables_what_it_says_and_no_more():
    registers = [
        replace(POWER, key=f"p{number}", enabled=number % 2 == 0)
        for number in range(2 * ENABLED_LIMIT)
    ]
    points = [plain_point(register, "line0001:5") for register in registers]
    chosen = select_points(points, None)
    assert sum(chosen.values()) == ENABLED_LIMIT
    assert {key for key, on in chosen.items() if on} == {
        p.point_id for p in points if p.enabled
    }
