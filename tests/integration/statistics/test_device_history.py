"""A person asks for a device's past in its dialogue, or by an action."""

from typing import Any

import pytest
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from custom_components.plantroom.const import CONF_BACKFILL, DOMAIN
from custom_components.plantroom.engine.errors import DeviceOfflineError

from ..entries import AIR_HANDLER, BOILER, data_of, plantroom_entry, subentry
from ..fake_engine import World
from ..flow_steps import Walk
from ..office import AHU, METER, TEMPERATURE, open_office
from .home import Home
from .test_backfill import Logs, entry_of, log_of

UNIQUE_ID = f"device:{AHU}"


def registry_id(hass: HomeAssistant) -> str:
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, AHU), entry.entry_id
    )
    assert device is not None
    return device.id


async def open_history(home: Home) -> Any:
    entry = entry_of(home)
    flows = home.hass.config_entries.subentries
    result = await entry.start_subentry_reconfigure_flow(
        home.hass, subentry(entry, UNIQUE_ID).subentry_id
    )
    return await flows.async_configure(result["flow_id"], {"next_step_id": "history"})


async def finish(home: Home, step: Any) -> Any:
    flows = home.hass.config_entries.subentries
    step = await flows.async_configure(step["flow_id"], {})
    assert step["type"] == "progress"
    await home.settle()
    return await flows.async_configure(step["flow_id"])


async def test_dialogue_says_what_is_kept_and_what_came_of_it(home: Home):
    logs = Logs(home)
    await home.run_to(2, hour=1)
    step = await open_history(home)
    assert step["description_placeholders"] == {
        "device": "AHU-1",
        "logs": "2",
        "records": "200",
    }
    end = await finish(home, step)
    assert end["reason"] == "history_filled"
    assert end["description_placeholders"]["statistics"] == "2"
    assert min(await home.statistics(TEMPERATURE.point_id)) == logs.begin
    end = await finish(home, await open_history(home))
    assert end["reason"] == "history_known"


async def test_dialogue_says_that_it_is_too_early(home: Home):
    Logs(home)
    end = await finish(home, await open_history(home))
    assert end["reason"] == "history_too_early"


async def test_dialogue_says_why_the_logs_cannot_be_read(home: Home):
    Logs(home)
    await home.run_to(2, hour=1)
    step = await open_history(home)
    home.world.failures["hours"] = DeviceOfflineError("No answer", device_id=AHU)
    end = await finish(home, step)
    assert end["reason"] == "history_failed"
    assert end["description_placeholders"]["reason"]


async def test_dialogue_says_that_there_are_no_logs(home: Home):
    home.world.trend_logs = {AHU: (log_of(METER.point_id, records=0),)}
    assert (await open_history(home))["reason"] == "no_trend_logs"


async def test_action_returns_what_was_filled_in(home: Home):
    logs = Logs(home)
    await home.run_to(2, hour=1)
    said = await home.hass.services.async_call(
        DOMAIN,
        "backfill_history",
        {"device_id": registry_id(home.hass)},
        blocking=True,
        return_response=True,
    )
    assert said["statistics"] == 2
    assert said["begins"] == logs.begin.isoformat()
    assert said["waiting"] == []


async def test_action_needs_a_recorder(hass: HomeAssistant, world: World):
    await open_office(hass, world)
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            DOMAIN,
            "backfill_history",
            {"device_id": registry_id(hass)},
            blocking=True,
        )
    assert caught.value.translation_key == "no_recorder"


@pytest.mark.parametrize("wanted", [True, False])
async def test_flow_that_adds_devices_keeps_the_wish(
    recorder_mock: Recorder, hass: HomeAssistant, world: World, walk: Walk, wanted: bool
):
    world.found = [AIR_HANDLER, BOILER]
    entry = plantroom_entry(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    flows = hass.config_entries.subentries
    step = await flows.async_init(
        (entry.entry_id, "bacnet_device"), context={"source": "user"}
    )
    step = await flows.async_configure(step["flow_id"], {"next_step_id": "by_address"})
    step = await flows.async_configure(step["flow_id"], {"instance": 1001})
    assert step["step_id"] == "devices"
    choice = {"devices": [f"1001@{AIR_HANDLER.address}"], CONF_BACKFILL: wanted}
    await flows.async_configure(step["flow_id"], choice)
    await hass.async_block_till_done()
    assert data_of(entry, UNIQUE_ID).get(CONF_BACKFILL, False) is wanted
    # The recorder must not end while it is asked
    assert await hass.config_entries.async_unload(entry.entry_id)
    await recorder_mock.async_block_till_done()
