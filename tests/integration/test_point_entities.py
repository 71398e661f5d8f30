"""What a point's entity shows on each platform, and when it may be trusted."""

from dataclasses import replace

import pytest
from homeassistant.const import (
    EVENT_STATE_CHANGED,
    EVENT_STATE_REPORTED,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    EntityCategory,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.engine.events import (
    DeviceStatusChanged,
    PointsChanged,
)
from custom_components.plantroom.engine.models import Access, StatusFlags

from .fake_engine import World
from .office import (
    AHU,
    FAN,
    FILTER,
    LABEL,
    METER,
    MODE,
    OFFLINE,
    ONLINE,
    POINTS,
    SETPOINT,
    STAGE,
    TEMPERATURE,
    entity_id_of,
    furnish,
    open_office,
    point,
    reading,
    settle,
    state_of,
)


async def test_each_point_is_shown_on_the_platform_that_fits_it(hass, world):
    await open_office(hass, world)
    shown = {p.point_id: state_of(hass, p) for p in POINTS}
    assert {p.name: shown[p.point_id].entity_id.partition(".")[0] for p in POINTS} == {
        "AHU-1.SupplyTemp": "sensor",
        "AHU-1.SupplySetpoint": "number",
        "AHU-1.Fan": "switch",
        "AHU-1.Filter alarm": "binary_sensor",
        "AHU-1.Mode": "select",
        "AHU-1.Stage": "sensor",
        "AHU-1.Energy": "sensor",
        "AHU-1.Label": "text",
    }
    assert [shown[p.point_id].state for p in POINTS] == [
        "21.4", "20.0", "off", "on", "Heat", "Low", "1234", "North",
    ]  # fmt: skip


async def test_names_lose_the_devices_own(hass, world):
    await open_office(hass, world)
    state = state_of(hass, TEMPERATURE)
    assert state.entity_id == "sensor.ahu_1_supplytemp"
    assert state.attributes["friendly_name"] == "AHU-1 SupplyTemp"


async def test_number_takes_limits_and_step_of_its_point(hass, world):
    await open_office(hass, world)
    attributes = state_of(hass, SETPOINT).attributes
    assert (attributes["min"], attributes["max"], attributes["step"]) == (16, 30, 0.5)
    assert attributes["unit_of_measurement"] == "°C"


async def test_number_is_shown_to_a_tenth_of_its_step(hass, world):
    furnish(world)
    world.readings[SETPOINT.point_id] = reading(21.387654)
    await open_office(hass, world)
    assert state_of(hass, SETPOINT).state == "21.39"


async def test_energy_counts_up(hass, world):
    await open_office(hass, world)
    attributes = state_of(hass, METER).attributes
    assert attributes["device_class"] == "energy"
    assert attributes["state_class"] == "total_increasing"


async def test_binary_sensor_tells_the_devices_own_word(hass, world):
    await open_office(hass, world)
    attributes = state_of(hass, FILTER).attributes
    assert attributes["state_text"] == "Dirty"
    assert attributes["device_class"] == "problem"


async def test_equal_state_texts_stay_apart(hass, world):
    _, engine = await open_office(hass, world)
    assert state_of(hass, MODE).attributes["options"] == [
        "Off", "Heat", "Cool", "Off (4)",
    ]  # fmt: skip
    engine.read(MODE.point_id, 4)
    assert state_of(hass, MODE).state == "Off (4)"


@pytest.mark.parametrize(
    ("subject", "value"),
    [
        (MODE, 0),
        (MODE, 5),
        (STAGE, True),
        (TEMPERATURE, float("nan")),
        (TEMPERATURE, "cold"),
        (SETPOINT, None),
        (FILTER, "on"),
    ],
)
async def test_value_that_makes_no_sense_is_unknown(hass, world, subject, value):
    _, engine = await open_office(hass, world)
    engine.read(subject.point_id, value)
    assert state_of(hass, subject).state == STATE_UNKNOWN


async def test_enabled_entities_are_watched_and_others_not(hass, world):
    furnish(world, *POINTS, tuning := point("analog-value,9", "Loop gain"))
    _, engine = await open_office(hass, world)
    await settle()
    assert set(engine.watched) == {p.point_id for p in POINTS}
    entity = er.async_get(hass).async_get(entity_id_of(hass, tuning.point_id))
    assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert entity.entity_category is EntityCategory.CONFIG


async def test_reading_is_shown_at_once_and_an_equal_one_writes_nothing(hass, world):
    _, engine = await open_office(hass, world)
    written = []

    @callback
    def keep(event: Event) -> None:
        written.append(event)

    @callback
    def every(_: object) -> bool:
        return True

    for name in (EVENT_STATE_CHANGED, EVENT_STATE_REPORTED):
        hass.bus.async_listen(name, keep, event_filter=every)
    engine.read(TEMPERATURE.point_id, 22.5)
    engine.read(TEMPERATURE.point_id, 22.5, source="poll")
    assert state_of(hass, TEMPERATURE).state == "22.5"
    await hass.async_block_till_done()
    assert len(written) == 1


async def test_device_that_goes_takes_its_points_along(hass, world):
    _, engine = await open_office(hass, world)
    engine.tell(DeviceStatusChanged(status=OFFLINE))
    assert state_of(hass, TEMPERATURE).state == STATE_UNAVAILABLE
    engine.tell(DeviceStatusChanged(status=ONLINE))
    assert state_of(hass, TEMPERATURE).state == "21.4"


async def test_engine_that_goes_takes_everything_along(hass, world):
    _, engine = await open_office(hass, world)
    engine.lose()
    assert state_of(hass, TEMPERATURE).state == STATE_UNAVAILABLE
    assert state_of(hass, f"{AHU}:connectivity").state == STATE_UNAVAILABLE


async def test_point_without_reading_yet_is_unknown(hass, world):
    furnish(world)
    del world.readings[TEMPERATURE.point_id]
    await open_office(hass, world)
    assert state_of(hass, TEMPERATURE).state == STATE_UNKNOWN


@pytest.mark.parametrize(
    "facts",
    [
        {"flags": StatusFlags(fault=True)},
        {"reliability": "open-loop"},
        {"error": "unknown-object"},
    ],
)
async def test_value_that_cannot_be_relied_on_is_unavailable(hass, world, facts):
    _, engine = await open_office(hass, world)
    engine.read(TEMPERATURE.point_id, 21.0, **facts)
    assert state_of(hass, TEMPERATURE).state == STATE_UNAVAILABLE


async def test_setpoint_in_fault_can_still_be_commanded(hass, world):
    _, engine = await open_office(hass, world)
    engine.read(
        SETPOINT.point_id, 20.0, flags=StatusFlags(fault=True), reliability="no-output"
    )
    state = state_of(hass, SETPOINT)
    assert state.state == "20.0"
    assert state.attributes["reliability"] == "no-output"


async def test_value_set_by_hand_out_of_service_is_shown_and_said(hass, world):
    _, engine = await open_office(hass, world)
    flags = StatusFlags(out_of_service=True, in_alarm=True, fault=True)
    engine.read(TEMPERATURE.point_id, 50.0, flags=flags, reliability="open-loop")
    state = state_of(hass, TEMPERATURE)
    assert state.state == "50.0"
    assert state.attributes["out_of_service"] is True
    assert state.attributes["in_alarm"] is True
    assert state.attributes["reliability"] == "open-loop"


async def test_healthy_point_has_its_reference_and_nothing_else(hass, world):
    await open_office(hass, world)
    standard = {
        "device_class", "friendly_name", "state_class", "unit_of_measurement",
    }  # fmt: skip
    attributes = state_of(hass, TEMPERATURE).attributes
    assert set(attributes) - standard == {"bacnet_object"}
    assert attributes["bacnet_object"] == "analog-input,1"


async def test_override_is_said_and_counted(hass, world):
    _, engine = await open_office(hass, world)
    count = f"{AHU}:overridden_points"
    assert state_of(hass, count).state == "0"
    engine.read(SETPOINT.point_id, 25.0, priority=5)
    engine.read(FAN.point_id, True, flags=StatusFlags(overridden=True))
    assert state_of(hass, SETPOINT).attributes["overridden"] is True
    assert state_of(hass, SETPOINT).attributes["priority"] == 5
    assert state_of(hass, count).state == "2"
    assert state_of(hass, count).attributes["points"] == [SETPOINT.name, FAN.name]
    engine.read(SETPOINT.point_id, 25.0, priority=8)
    assert "overridden" not in state_of(hass, SETPOINT).attributes
    assert state_of(hass, count).state == "1"


async def test_removed_entity_counts_no_override(hass, world):
    _, engine = await open_office(hass, world)
    engine.read(SETPOINT.point_id, 25.0, priority=5)
    er.async_get(hass).async_remove(entity_id_of(hass, SETPOINT.point_id))
    await hass.async_block_till_done()
    assert state_of(hass, f"{AHU}:overridden_points").state == "0"


async def test_descriptions_name_the_entities_when_asked(hass, world):
    furnish(world, replace(TEMPERATURE, description="Supply air temperature"))
    await open_office(hass, world, name_source="description")
    name = state_of(hass, TEMPERATURE).attributes["friendly_name"]
    assert name == "AHU-1 Supply air temperature"


async def test_renamed_point_renames_its_entity_but_not_a_persons_name(
    hass: HomeAssistant, world: World
):
    _, engine = await open_office(hass, world)
    registry = er.async_get(hass)
    own_name = entity_id_of(hass, SETPOINT.point_id)
    registry.async_update_entity(own_name, name="My setpoint")
    engine.tell(
        PointsChanged(
            device_id=AHU,
            changed=(
                replace(TEMPERATURE, name="AHU-1.DischargeTemp"),
                replace(SETPOINT, name="AHU-1.DischargeSetpoint"),
            ),
        )
    )
    await hass.async_block_till_done()
    entity_id = entity_id_of(hass, TEMPERATURE.point_id)
    assert registry.async_get(entity_id).original_name == "DischargeTemp"
    assert hass.states.get(own_name).attributes["friendly_name"].endswith("My setpoint")


async def test_entity_id_changes_in_place(hass: HomeAssistant, world: World):
    _, engine = await open_office(hass, world)
    await settle()
    watched = engine.watched
    old = entity_id_of(hass, TEMPERATURE.point_id)
    er.async_get(hass).async_update_entity(old, new_entity_id="sensor.supply")
    await hass.async_block_till_done()
    await settle()
    engine.read(TEMPERATURE.point_id, 19.0)
    assert hass.states.get("sensor.supply").state == "19.0"
    assert hass.states.get(old) is None
    assert set(engine.watched) == set(watched) != set()


async def test_plain_value_is_read_until_a_person_allows_writes(hass, world):
    plain = replace(SETPOINT, access=Access.PLAIN)
    furnish(world, plain)
    entry, _ = await open_office(hass, world)
    assert state_of(hass, plain).domain == "sensor"
    item = next(s for s in entry.subentries.values() if s.title == "AHU-1")
    hass.config_entries.async_update_subentry(
        entry, item, data={**item.data, "writable": [plain.reference]}
    )
    await hass.async_block_till_done()
    assert state_of(hass, plain).domain == "number"
    assert (
        len(
            [
                e
                for e in er.async_get(hass).entities.values()
                if e.unique_id == plain.point_id
            ]
        )
        == 1
    )


async def test_text_that_is_only_read_is_a_sensor(hass, world):
    furnish(world, replace(LABEL, access=Access.PLAIN, description="Name"))
    await open_office(hass, world)
    assert state_of(hass, LABEL).domain == "sensor"
    assert state_of(hass, LABEL).state == "North"


async def test_text_longer_than_a_state_is_cut(hass, world):
    _, engine = await open_office(hass, world)
    engine.read(LABEL.point_id, "x" * 300)
    assert state_of(hass, LABEL).state == "x" * 255


async def test_reading_of_a_reloaded_entry_is_shown_again(hass, world):
    entry, _ = await open_office(hass, world)
    world.readings[TEMPERATURE.point_id] = reading(18.0)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert state_of(hass, TEMPERATURE).state == "18.0"
