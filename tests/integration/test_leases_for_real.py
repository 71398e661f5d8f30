"""Writing for a while, and who did what: actions against a real engine and real devices."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.websocket_api import current_connection
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import (
    Context,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component

from custom_components.plantroom import host
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.models import FoundDevice
from tests.simulators.building import Building
from tests.site import network_config, until

from .entries import plantroom_entry, subentry
from .office import entity_id_of

VAV = 2001
SETPOINT = f"n:{VAV}:analog-value,1"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine keep nothing that a later run would find."""
    monkeypatch.setattr(f"{host.__name__}.data_folder", lambda _: tmp_path / "engine")


@pytest.fixture
async def building(socket_enabled: None) -> AsyncIterator[Building]:
    async with Building(profile="all", only=(VAV,), speed=0) as made:
        yield made


@pytest.fixture
async def entry(hass: HomeAssistant, building: Building) -> AsyncIterator[ConfigEntry]:
    """Serve a room, and stop at the end."""
    found = FoundDevice(
        network_id="n", instance=VAV, address="127.0.2.1", name="VAV-01"
    )
    made = plantroom_entry(
        hass, networks=(network_config(building.port),), devices=(found,)
    )
    assert await hass.config_entries.async_setup(made.entry_id)
    await until(lambda: _shown(hass) is not None, 30)
    yield made
    if made.state.recoverable:
        await hass.config_entries.async_unload(made.entry_id)


def _shown(hass: HomeAssistant) -> float | None:
    try:
        state = hass.states.get(entity_id_of(hass, SETPOINT))
        return None if state is None else float(state.state)
    except StopIteration, ValueError:
        return None


def slot(building: Building, priority: int = 8) -> Any:
    slots = building.get(VAV, "analog-value,1").priority_array
    assert slots is not None
    return slots[priority - 1]


async def act(
    hass: HomeAssistant, action: str, context: Context | None = None, **data: Any
) -> Any:
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


async def write(hass: HomeAssistant, value: float, **data: Any) -> Any:
    entity_id = entity_id_of(hass, SETPOINT)
    context = data.pop("context", None)
    return await act(
        hass, "write_property", context, entity_id=entity_id, value=value, **data
    )


def attributes(hass: HomeAssistant) -> Any:
    state = hass.states.get(entity_id_of(hass, SETPOINT))
    assert state is not None
    return state.attributes


async def test_value_written_for_a_while_is_shown_and_taken_back(
    hass: HomeAssistant, building: Building, entry: ConfigEntry, hass_admin_user: Any
):
    seen: list[tuple[Any, Any]] = []

    @callback
    def see(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and "override_until" in state.attributes:
            seen.append((slot(building), state.attributes["override_by"]))

    async_track_state_change_event(hass, entity_id_of(hass, SETPOINT), see)
    await write(
        hass, 23.0, duration={"seconds": 2}, context=Context(user_id=hass_admin_user.id)
    )
    await until(lambda: slot(building) is None)
    assert (23.0, hass_admin_user.name) in seen
    await until(lambda: "override_until" not in attributes(hass))
    answer = await act(hass, "audit_log", actions=["lease_start", "lease_end"])
    assert [(r["action"], r["actor"]) for r in answer["rows"]] == [
        ("lease_end", hass_admin_user.name),
        ("lease_start", hass_admin_user.name),
    ]


async def test_release_and_button_end_what_is_written_for_a_while(
    hass: HomeAssistant, building: Building, entry: ConfigEntry
):
    await write(hass, 23.0, duration="01:00:00", priority=10)
    await act(hass, "release", entity_id=entity_id_of(hass, SETPOINT), priority=10)
    assert "override_until" not in attributes(hass)
    await write(hass, 24.0, duration="01:00:00", priority=10)
    button = entity_id_of(hass, f"n:{VAV}:release_commands")
    await hass.services.async_call(
        "button", "press", {"entity_id": button}, blocking=True
    )
    assert slot(building, 10) is None
    assert entry.runtime_data.client.mirror.leases == {}


@pytest.mark.parametrize("duration", ["00:00:00", {"days": 31}])
async def test_duration_is_a_second_to_a_month(
    hass: HomeAssistant, entry: ConfigEntry, duration: Any
):
    with pytest.raises(Exception, match="duration"):
        await write(hass, 23.0, duration=duration)


async def test_point_is_given_back_when_home_assistant_stops(
    hass: HomeAssistant, building: Building, entry: ConfigEntry
):
    await write(hass, 23.0, only_with_home_assistant=True)
    assert attributes(hass)["override_with_home_assistant"] is True
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await until(lambda: slot(building) is None)
    await hass.async_block_till_done()


async def test_point_is_kept_over_a_reload(
    hass: HomeAssistant, building: Building, entry: ConfigEntry
):
    await write(hass, 23.0, only_with_home_assistant=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert slot(building) == 23.0
    assert len(entry.runtime_data.client.mirror.leases) == 1


async def test_automation_is_named_with_who_set_it_off(
    hass: HomeAssistant, building: Building, entry: ConfigEntry, hass_admin_user: Any
):
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "id": "night",
                "alias": "Night setback",
                "triggers": {"trigger": "event", "event_type": "evening"},
                "actions": {
                    "action": "plantroom.write_property",
                    "target": {"entity_id": entity_id_of(hass, SETPOINT)},
                    "data": {"value": 19},
                },
            }
        },
    )
    hass.bus.async_fire("evening")
    await until(lambda: slot(building) == 19.0)
    await hass.async_block_till_done()
    # A person's tap on a notification
    hass.bus.async_fire(
        "mobile_app_notification_action",
        {"action": "NIGHT"},
        context=(tap := Context(user_id=hass_admin_user.id)),
    )
    hass.bus.async_fire("evening", context=Context(parent_id="x", id=tap.id))
    rows: list[Any] = []
    async with asyncio.timeout(60):
        while len(rows) < 4:
            await hass.async_block_till_done()
            rows = (await act(hass, "audit_log", actions=["write"]))["rows"]
    via = "Night setback (automation.night_setback)"
    assert [(row["actor"], row["via"]) for row in rows] == [
        (hass_admin_user.name, via),
        (hass_admin_user.name, via),
        ("Automation", via),
        ("Automation", via),
    ]


async def test_person_who_changes_a_device_is_named(
    hass: HomeAssistant, entry: ConfigEntry, hass_admin_user: Any
):
    class Connection:
        user = hass_admin_user

    token = current_connection.set(Connection())  # type: ignore[arg-type]
    item = subentry(entry, f"device:n:{VAV}")
    hass.config_entries.async_update_subentry(
        entry, item, data={**item.data, "poll_seconds": 7.0}
    )
    current_connection.reset(token)
    await hass.async_block_till_done()
    answer = await act(hass, "audit_log", actions="configure")
    (row,) = answer["rows"]
    assert (row["actor"], row["point"], row["detail"], row["new"]) == (
        hass_admin_user.name, f"n:{VAV}", "poll_seconds", 7.0,
    )  # fmt: skip
    answer = await act(hass, "audit_log", actor="Home Assistant")
    assert {row["action"] for row in answer["rows"]} == {"add_network", "add_device"}


async def test_only_administrators_read_or_export_the_log(
    hass: HomeAssistant, entry: ConfigEntry, hass_read_only_user: Any
):
    context = Context(user_id=hass_read_only_user.id)
    for action in ("audit_log", "export_audit_log"):
        with pytest.raises(Unauthorized):
            await act(hass, action, context)


async def test_rows_of_a_device_are_asked_for_and_verified(
    hass: HomeAssistant, entry: ConfigEntry
):
    await write(hass, 23.0)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"n:{VAV}"), entry.entry_id
    )
    assert device is not None
    answer = await act(hass, "audit_log", device_id=device.id, limit=1, verify=True)
    assert [row["verdict"] for row in answer["rows"]] == ["verified"]
    found = answer["verification"]
    assert (found["intact"], found["first"]) == (True, 1)
    again = await act(hass, "audit_log", mark=f"{found['last']}:00")
    assert again["verification"]["reason"] == "mark"
    later = await act(hass, "audit_log", since="2099-01-01 00:00:00")
    assert later["rows"] == []


async def test_log_is_exported_as_csv(
    hass: HomeAssistant, entry: ConfigEntry, tmp_path: Path
):
    for value in (22.0, 23.0, 24.0):
        await write(hass, value)
    answer = await act(hass, "export_audit_log", actions=["write"])
    assert answer["verification"]["intact"]
    rows = [*csv.DictReader(io.StringIO(answer["csv"], newline=""))]
    assert [row["new"] for row in rows] == ["24.0"] * 2 + ["23.0"] * 2 + ["22.0"] * 2
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    file = tmp_path / "audit.csv"
    written = await act(hass, "export_audit_log", path=str(file), limit=3)
    assert (written["rows"], written["path"]) == (3, str(file))
    assert len(file.read_text().splitlines()) == 4
    with pytest.raises(HomeAssistantError, match="could not be written"):
        await act(hass, "export_audit_log", path=str(tmp_path))


async def test_log_is_never_written_where_everybody_could_fetch_it(
    hass: HomeAssistant, entry: ConfigEntry
):
    public = hass.config.path("www")
    hass.config.allowlist_external_dirs = {public}
    for path in ("www/audit.csv", f"{public}/a/../audit.csv", "/etc/audit.csv"):
        with pytest.raises(ServiceValidationError, match="could fetch it"):
            await act(hass, "export_audit_log", path=path)
