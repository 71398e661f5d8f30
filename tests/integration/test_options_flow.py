"""The options about alarms: each taken by the running engine at once."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.alarms.configuration import AlarmRoute
from custom_components.plantroom.engine.alarms.models import Severity

from .fake_engine import World
from .flow_steps import Walk, field
from .office import open_office

LIMITS: dict[str, Any] = {
    "default_severity": "high",
    "silent_severity": "critical",
    "silent_seconds": {"hours": 0, "minutes": 2, "seconds": 0},
    "flood_alarms": 5,
    "flood_seconds": {"hours": 0, "minutes": 0, "seconds": 30},
    "journal_days": 90,
    "audit_days": 400,
    "client_gone_seconds": {"hours": 0, "minutes": 10, "seconds": 0},
}


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> ConfigEntry:
    """Run the office in a house of a person, a pager and a phone."""

    async def notify(_: ServiceCall) -> None:
        """Take no notice."""

    hass.states.async_set("person.ann", "home", {"friendly_name": "Ann"})
    hass.states.async_set("notify.pager", "unknown", {"friendly_name": "Pager"})
    phone = MockConfigEntry(
        domain="mobile_app", title="Ann's phone", data={"device_name": "Pixel 12"}
    )
    phone.add_to_hass(hass)
    for service in ("mobile_app_pixel_12", "send_message", "notify"):
        hass.services.async_register("notify", service, notify)
    opened, _ = await open_office(hass, world)
    return opened


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through options flows."""
    return Walk(hass, hass.config_entries.options)


async def ask(hass: HomeAssistant, entry: ConfigEntry, walk: Walk, step: str) -> Any:
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == ["routing", "limits"]
    return await walk.choose(menu, step)


async def test_alarms_are_routed_to_persons_and_phones_by_their_severity(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    form = await ask(hass, entry, walk, "routing")
    assert [str(key) for key in form["data_schema"].schema] == [
        "critical",
        "high",
        "medium",
        "low",
    ]
    offered = field(form, "critical")[1].config["options"]
    assert {each["value"]: each["label"] for each in offered} == {
        "notify.mobile_app_pixel_12": "Ann's phone (notify.mobile_app_pixel_12)",
        "notify.pager": "Pager (notify.pager)",
        "person.ann": "Ann (person.ann)",
    }
    everybody = ["person.ann", "notify.mobile_app_pixel_12"]
    done = await walk.answer(form, {"critical": everybody, "low": []})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert world.running[0].site.alarming.routes == (
        AlarmRoute(severity=Severity.CRITICAL, targets=tuple(everybody)),
    )
    assert len(world.connections) == 1

    # Who moved out is still shown, so that it can be taken out.
    hass.states.async_remove("person.ann")
    form = await ask(hass, entry, walk, "routing")
    assert field(form, "critical")[0].default() == everybody
    await walk.answer(form, {"critical": ["notify.pager"]})
    await hass.async_block_till_done()
    (route,) = world.running[0].site.alarming.routes
    assert route.targets == ("notify.pager",)


async def test_flood_and_retention_change_without_a_reload(
    hass: HomeAssistant, world: World, entry: ConfigEntry, walk: Walk
) -> None:
    form = await ask(hass, entry, walk, "limits")
    assert field(form, "flood_alarms")[0].default() == 20
    assert field(form, "audit_days")[0].default() == 730
    assert field(form, "silent_severity")[0].default() == "none"
    assert world.running[0].site.alarming.silent_severity is None
    await walk.answer(form, LIMITS)
    await hass.async_block_till_done()
    site = world.running[0].site
    assert site.alarming.flood_alarms == 5
    assert site.alarming.flood_seconds == 30
    assert site.alarming.journal_days == 90
    assert site.alarming.silent_severity is Severity.CRITICAL
    assert site.alarming.silent_seconds == 120
    assert site.audit.keep_days == 400
    assert site.leases.client_gone_seconds == 600
    assert len(world.connections) == 1
    form = await ask(hass, entry, walk, "limits")
    assert field(form, "flood_seconds")[0].default() == LIMITS["flood_seconds"]


async def test_a_new_alarm_begins_with_the_severity_chosen(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    await walk.answer(await ask(hass, entry, walk, "limits"), LIMITS)
    flows = Walk(hass, hass.config_entries.subentries)
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "alarm_rule"), context={"source": "user"}
    )
    form = await flows.choose(menu, "by_device")
    form = await flows.answer(form, {"device": "cafe0001:1001"})
    kinds = await flows.answer(form, {"point": "cafe0001:1001:analog-input,1"})
    form = await flows.choose(kinds, "high")
    assert field(form, "severity")[0].default() == "high"


async def test_a_time_that_makes_no_sense_is_refused_at_its_field(
    hass: HomeAssistant, entry: ConfigEntry, walk: Walk
) -> None:
    form = await ask(hass, entry, walk, "limits")
    nothing = {"hours": 0, "minutes": 0, "seconds": 0}
    refused = await walk.answer(form, {**LIMITS, "flood_seconds": nothing})
    assert refused["errors"] == {"flood_seconds": "bad_flood_seconds"}
    refused = await walk.answer(refused, {**LIMITS, "client_gone_seconds": nothing})
    assert refused["errors"] == {"client_gone_seconds": "bad_client_gone_seconds"}
    too_long = {"hours": 200, "minutes": 0, "seconds": 0}
    refused = await walk.answer(refused, {**LIMITS, "silent_seconds": too_long})
    assert refused["errors"] == {"silent_seconds": "bad_silent_seconds"}
    assert not entry.options
