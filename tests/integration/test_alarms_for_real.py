"""Alarms of a real BACnet device in Home Assistant, the engine here or in a server."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from custom_components.plantroom.alarms import EVENT_ALARM
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from tests.simulators.building import Building
from tests.site import site_of, until

from .entries import plantroom_entry, subentry
from .office import entity_id_of
from .real_building import in_haste, keep_nothing
from .server_entries import server_entry
from .server_process import server_process

AHU = 1001
FROST = "binary-input,4"
LIST = "todo.plantroom_alarms"

type Facts = dict[str, Any]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a device that was asked in vain have its own stack's time-out."""
    return True


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give up soon, and keep nothing that a later run would find."""
    in_haste(monkeypatch)
    keep_nothing(monkeypatch, tmp_path / "engine")


@pytest.fixture
async def building(socket_enabled: None) -> AsyncIterator[Building]:
    """Run an air handler that watches for frost, its physics at rest."""
    async with Building(profile="office", only=(AHU,), speed=0) as started:
        yield started


@pytest.fixture
def told(hass: HomeAssistant) -> list[Facts]:
    """Return what Home Assistant was told of the frost."""
    heard: list[Facts] = []

    @callback
    def hear(event: Event[Facts]) -> None:
        if event.data["alarm_id"].endswith(FROST):
            heard.append(event.data)

    hass.bus.async_listen(EVENT_ALARM, hear)
    return heard


def kinds(told: list[Facts]) -> list[str]:
    return [facts["kind"] for facts in told]


def frost(building: Building, on: bool) -> None:
    building.set(AHU, FROST, "presentValue", on)


def events_of(building: Building) -> Any:
    events = building.device(AHU).events
    assert events is not None
    return events


def direct_entry(hass: HomeAssistant, building: Building) -> Any:
    """Return an entry that hears the device's notifications."""
    network = BacnetNetworkConfig(
        network_id="n", name="Building", address="127.0.0.1/8", port=building.port
    )
    found = FoundDevice(network_id="n", instance=AHU, address="", name="AHU-1")
    entry = plantroom_entry(hass, networks=[network], devices=[found])
    kept = subentry(entry, f"device:n:{AHU}")
    hass.config_entries.async_update_subentry(
        entry, kept, data={**kept.data, "notification_classes": None}
    )
    return entry


async def opened(hass: HomeAssistant, building: Building, entry: Any) -> None:
    """Set an entry up; return when the device tells us of its events."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    client = entry.runtime_data.client
    await until(lambda: client.mirror.points_of(f"n:{AHU}"), 30)
    await until(lambda: events_of(building).notification_class.recipientList, 30)
    await hass.async_block_till_done()


def shown(hass: HomeAssistant, key: str) -> Any:
    return hass.states.get(entity_id_of(hass, f"n:{AHU}:-{key}"))


async def test_life_of_an_alarm_from_the_device_to_the_list_and_back(
    hass: HomeAssistant, building: Building, told: list[Facts]
) -> None:
    entry = direct_entry(hass, building)
    await opened(hass, building, entry)
    ada = await hass.auth.async_create_user("Ada")
    frost(building, True)
    await until(lambda: kinds(told) == ["raised"])
    assert shown(hass, "alarm_event").attributes["event_type"] == "raised"
    await until(lambda: shown(hass, "alarm").state == "on")
    raised = told[0]
    assert (raised["device"], raised["condition"], raised["origin"]) == (
        "AHU-1", "offnormal", "device",
    )  # fmt: skip
    assert abs(dt_util.utcnow() - dt_util.parse_datetime(raised["raised_at"])).days == 0
    assert raised["entity_id"] == entity_id_of(hass, f"n:{AHU}:{FROST}")

    await hass.services.async_call(
        "todo",
        "update_item",
        {"item": raised["alarm_id"], "status": "completed"},
        target={"entity_id": LIST},
        blocking=True,
        context=Context(user_id=ada.id),
    )
    await until(lambda: kinds(told) == ["raised", "acknowledged"])
    assert told[1]["actor"] == "Ada"
    states = events_of(building).states.values()
    assert [s.acknowledged_by for s in states if s.acknowledged_by] == ["Ada"]

    frost(building, False)
    await until(lambda: kinds(told)[2:] == ["cleared"])
    await until(lambda: shown(hass, "alarm").state == "off")
    await until(lambda: hass.states.get(LIST).state == "0")
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_device_that_refuses_is_quoted_to_the_person_who_ticked(
    hass: HomeAssistant,
    building: Building,
    told: list[Facts],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = direct_entry(hass, building)
    await opened(hass, building, entry)
    frost(building, True)
    await until(lambda: kinds(told) == ["raised"])
    events = events_of(building)
    monkeypatch.setattr(
        events, "acknowledge", lambda *_: "invalidEventState", raising=True
    )
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            "todo",
            "update_item",
            {"item": told[0]["alarm_id"], "status": "completed"},
            target={"entity_id": LIST},
            blocking=True,
        )
    assert caught.value.translation_key == "device_refused"
    assert "invalid-event-state" in str(caught.value)
    await until(lambda: hass.states.get(LIST).state == "1")
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_alarm_raised_while_nothing_ran_is_told_on_return(
    hass: HomeAssistant, building: Building, told: list[Facts]
) -> None:
    entry = direct_entry(hass, building)
    await opened(hass, building, entry)
    frost(building, True)
    await until(lambda: kinds(told) == ["raised"])
    assert await hass.config_entries.async_unload(entry.entry_id)
    # Nobody hears these: the device alone knows of the second alarm
    frost(building, False)
    frost(building, True)
    await opened(hass, building, entry)
    # Unheard, the device says both once more: that the first is over may come before
    await until(lambda: len(told) > 1 and told[-1]["state"] == "active")
    numbers = [facts["number"] for facts in told]
    assert numbers == sorted(set(numbers))
    await until(lambda: shown(hass, "alarm").state == "on")
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_server_tells_what_happened_while_home_assistant_was_away_and_once(
    hass: HomeAssistant,
    building: Building,
    told: list[Facts],
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    async with server_process(tmp_path / "server") as server:
        site = site_of(building, AHU, notification_classes=None)
        entry = await server_entry(hass, server, site)
        await opened(hass, building, entry)
        frost(building, True)
        await until(lambda: kinds(told) == ["raised"])
        assert await hass.config_entries.async_unload(entry.entry_id)

        # The server hears all of it, and keeps it over its own end
        outcomes = events_of(building).outcomes
        at = dt_util.utcnow()
        for count, on in enumerate((False, True, False), start=1):
            await until(lambda count=count: len(outcomes) == count)
            frost(building, on)
        await until(lambda: len(outcomes) == 4)
        assert set(outcomes) == {"confirmed"}
        await server.stop(number)
        await server.start()

        await hass.config_entries.async_setup(entry.entry_id)
        await until(lambda: len(told) >= 4, 30)
        assert kinds(told)[:4] == ["raised", "cleared", "raised", "cleared"]
        assert [facts["number"] for facts in told[:4]] == [1, 2, 3, 4]
        assert [facts["replayed"] for facts in told[:4]] == [False, True, True, True]
        again = dt_util.parse_datetime(told[2]["raised_at"])
        assert again >= at.replace(microsecond=0)
        attributes = shown(hass, "alarm_event").attributes
        assert attributes["number"] == told[-1]["number"]
        assert await hass.config_entries.async_unload(entry.entry_id)
