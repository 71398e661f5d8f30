"""The engine's networks and devices as Home Assistant's."""

from dataclasses import replace

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.events import (
    DeviceChanged,
    DeviceStatusChanged,
    NetworkStatusChanged,
    PointsChanged,
)
from custom_components.plantroom.engine.models import Health, NetworkStatus

from .entries import BOILER, NETWORK
from .fake_engine import AT, World
from .office import (
    AHU,
    DEVICE,
    OFFLINE,
    SETPOINT,
    TEMPERATURE,
    entity_id_of,
    furnish,
    open_office,
    point,
    state_of,
)

NEW = point("analog-input,7", "AHU-1.ReturnTemp", unit="degrees-celsius")
TUNING = point("analog-value,9", "AHU-1.Gain")
ROUTED = replace(
    DEVICE,
    device_id=BOILER.device_id,
    instance=BOILER.instance,
    name="Boiler",
    address="2001:7",
)


def device_of(hass: HomeAssistant, entry, identifier: str) -> dr.DeviceEntry:
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, identifier), entry.entry_id
    )


async def test_devices_tell_what_they_are_and_hang_below_their_network(hass, world):
    entry, _ = await open_office(hass, world)
    network = device_of(hass, entry, NETWORK.network_id)
    device = device_of(hass, entry, AHU)
    assert network.entry_type is dr.DeviceEntryType.SERVICE
    assert (device.name, device.manufacturer, device.model) == (
        "AHU-1",
        "Vendor",
        "Model",
    )
    assert (device.sw_version, device.serial_number) == ("1.2", "S-1")
    assert device.via_device_id == network.id
    assert entry.subentries[device.config_subentry_id].title == "AHU-1"


async def test_device_never_read_has_its_subentrys_name(hass, world):
    entry, _ = await open_office(hass, world)
    assert device_of(hass, entry, BOILER.device_id).name == "Boiler"
    connectivity = state_of(hass, f"{BOILER.device_id}:connectivity")
    assert connectivity.state == STATE_UNAVAILABLE


async def test_device_behind_a_router_hangs_below_it(hass, world):
    furnish(world)
    world.devices[ROUTED.device_id] = replace(ROUTED, router=DEVICE.address)
    entry, _ = await open_office(hass, world)
    router = device_of(hass, entry, AHU)
    assert device_of(hass, entry, ROUTED.device_id).via_device_id == router.id


async def test_device_behind_an_unknown_router_hangs_below_the_network(hass, world):
    furnish(world)
    world.devices[ROUTED.device_id] = replace(ROUTED, router="10.10.10.1")
    entry, _ = await open_office(hass, world)
    network = device_of(hass, entry, NETWORK.network_id)
    assert device_of(hass, entry, ROUTED.device_id).via_device_id == network.id


async def test_area_is_suggested_only_when_it_exists(hass, world):
    furnish(world)
    world.devices[AHU] = replace(DEVICE, location="Plant room 2")
    world.devices[ROUTED.device_id] = replace(ROUTED, name="Boiler_cellar west")
    areas = ar.async_get(hass)
    areas.async_create("Cellar")
    west = areas.async_create("Cellar West")
    entry, _ = await open_office(hass, world)
    assert device_of(hass, entry, AHU).area_id is None
    assert device_of(hass, entry, ROUTED.device_id).area_id == west.id


async def test_location_that_is_an_area_is_the_area(hass, world):
    furnish(world)
    world.devices[AHU] = replace(DEVICE, location="Cellar")
    cellar = ar.async_get(hass).async_create("Cellar")
    entry, _ = await open_office(hass, world)
    assert device_of(hass, entry, AHU).area_id == cellar.id


async def test_area_is_suggested_to_a_device_that_describes_itself_later(hass, world):
    cellar = ar.async_get(hass).async_create("Cellar")
    entry, engine = await open_office(hass, world)
    described = replace(ROUTED, location="Cellar")
    engine.tell(DeviceChanged(device=described))
    await hass.async_block_till_done()
    device = device_of(hass, entry, ROUTED.device_id)
    assert device.area_id == cellar.id
    dr.async_get(hass).async_update_device(device.id, area_id=None)
    engine.tell(DeviceChanged(device=replace(described, firmware="2.0")))
    await hass.async_block_till_done()
    assert device_of(hass, entry, ROUTED.device_id).area_id is None


async def test_device_that_describes_itself_later_is_updated(hass, world):
    furnish(world, TEMPERATURE, TUNING)
    entry, engine = await open_office(hass, world)
    engine.tell(DeviceChanged(device=replace(DEVICE, name="AHU-North", firmware="2.0")))
    await hass.async_block_till_done()
    device = device_of(hass, entry, AHU)
    assert (device.name, device.sw_version) == ("AHU-North", "2.0")
    registry = er.async_get(hass)
    for item in (TEMPERATURE, TUNING):
        entity = registry.async_get(entity_id_of(hass, item.point_id))
        assert entity.original_name == item.name


async def test_new_points_become_entities_at_once(hass, world):
    _, engine = await open_office(hass, world)
    engine.tell(PointsChanged(device_id=AHU, added=(NEW, TUNING)))
    await hass.async_block_till_done()
    engine.read(NEW.point_id, 19.5)
    assert state_of(hass, NEW).state == "19.5"
    assert state_of(hass, TUNING) is None


async def test_points_of_an_empty_device_become_entities_when_it_is_read(hass, world):
    _, engine = await open_office(hass, world)
    late = point("analog-input,1", device_id=BOILER.device_id)
    engine.tell(DeviceChanged(device=ROUTED))
    engine.tell(PointsChanged(device_id=BOILER.device_id, added=(late,)))
    await hass.async_block_till_done()
    assert state_of(hass, late).state == STATE_UNAVAILABLE


async def test_removed_point_is_unavailable_and_comes_back(hass, world):
    _, engine = await open_office(hass, world)
    engine.tell(PointsChanged(device_id=AHU, removed=(TEMPERATURE.point_id,)))
    await hass.async_block_till_done()
    assert state_of(hass, TEMPERATURE).state == STATE_UNAVAILABLE
    engine.tell(PointsChanged(device_id=AHU, added=(TEMPERATURE,)))
    engine.read(TEMPERATURE.point_id, 20.5)
    assert state_of(hass, TEMPERATURE).state == "20.5"


async def test_point_that_changes_its_nature_changes_its_platform(hass, world):
    _, engine = await open_office(hass, world)
    entity_id = entity_id_of(hass, SETPOINT.point_id)
    engine.tell(
        PointsChanged(device_id=AHU, changed=(replace(SETPOINT, access="read_only"),))
    )
    await hass.async_block_till_done()
    assert hass.states.get(entity_id) is None
    assert state_of(hass, SETPOINT).domain == "sensor"


async def test_changed_limits_are_taken_over(hass, world):
    _, engine = await open_office(hass, world)
    engine.tell(
        PointsChanged(device_id=AHU, changed=(replace(SETPOINT, maximum=26.0),))
    )
    await hass.async_block_till_done()
    assert state_of(hass, SETPOINT).attributes["max"] == 26


async def test_chosen_points_are_the_only_entities(hass, world):
    entry, _ = await open_office(hass, world)
    item = next(s for s in entry.subentries.values() if s.title == "AHU-1")
    hass.config_entries.async_update_subentry(
        entry, item, data={**item.data, "points": [SETPOINT.reference]}
    )
    await hass.async_block_till_done()
    device = device_of(hass, entry, AHU)
    entities = er.async_entries_for_device(er.async_get(hass), device.id)
    points = [e.unique_id for e in entities if "," in e.unique_id]
    assert points == [SETPOINT.point_id]


async def test_health_and_devices_of_a_network_are_shown(hass, world):
    _, engine = await open_office(hass, world)
    health = f"{NETWORK.network_id}:network_health"
    assert state_of(hass, health).state == "healthy"
    status = NetworkStatus(
        network_id=NETWORK.network_id,
        health=Health.DOWN,
        since=AT,
        reason="port_in_use",
        devices_online=1,
        devices_total=2,
    )
    engine.tell(NetworkStatusChanged(status=status))
    assert state_of(hass, health).state == "down"
    assert state_of(hass, health).attributes["reason"] == "port_in_use"
    online = state_of(hass, f"{NETWORK.network_id}:devices_online")
    assert (online.state, online.attributes["devices_total"]) == ("1", 2)
    engine.lose()
    assert state_of(hass, health).state == STATE_UNAVAILABLE


async def test_connectivity_says_how_a_device_is_read_or_why_not(hass, world):
    _, engine = await open_office(hass, world)
    connectivity = f"{AHU}:connectivity"
    assert state_of(hass, connectivity).state == "on"
    assert state_of(hass, connectivity).attributes["cov_points"] == 5
    engine.tell(DeviceStatusChanged(status=OFFLINE))
    assert state_of(hass, connectivity).state == "off"
    assert state_of(hass, connectivity).attributes["reason"] == "device_offline"


async def test_events_of_devices_that_are_not_ours_are_ignored(hass, world):
    _, engine = await open_office(hass, world)
    other = replace(DEVICE, device_id="cafe0001:9")
    before = len(er.async_get(hass).entities)
    engine.tell(DeviceChanged(device=other))
    engine.tell(
        PointsChanged(
            device_id="cafe0001:9", added=(point("loop,1", device_id="cafe0001:9"),)
        )
    )
    await hass.async_block_till_done()
    assert len(er.async_get(hass).entities) == before


async def test_device_of_5000_points_stays_within_the_bounds(
    hass: HomeAssistant, world: World
):
    furnish(
        world,
        *(point(f"analog-input,{n}", unit="watts") for n in range(2000)),
        *(point(f"analog-value,{n}") for n in range(3000)),
    )
    await open_office(hass, world)
    points = [e for e in er.async_get(hass).entities.values() if "," in e.unique_id]
    assert len(points) == 500
    assert sum(not e.disabled for e in points) == 250
