"""A device's recipient lists, shown and changed by dialogue, and read back from it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from bacpypes3.basetypes import (
    DaysOfWeek,
    Destination,
    EventTransitionBits,
    Recipient,
)
from bacpypes3.primitivedata import ObjectIdentifier, Time, Unsigned
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.plantroom import leaving
from custom_components.plantroom.const import DOMAIN

from .entries import data_of, subentry
from .flow_steps import labels
from .real_building import (
    AHU,
    DEVICE_ID,
    OpenBuilding,
    in_haste,
    keep_nothing,
    open_building,
)

OWN = 4194000
UNIQUE_ID = f"device:{DEVICE_ID}"


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a device that was asked in vain have its own stack's time-out."""
    return True


@pytest.fixture
async def opened(
    hass: HomeAssistant,
    socket_enabled: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[OpenBuilding]:
    """Run the air handler beside Home Assistant."""
    in_haste(monkeypatch)
    keep_nothing(monkeypatch, tmp_path)
    async with open_building(hass) as running:
        yield running


def workstation(instance: int = 77) -> Any:
    """Return a recipient that somebody else entered."""
    return Destination(
        validDays=DaysOfWeek([1] * 7),
        fromTime=Time((0, 0, 0, 0)),
        toTime=Time((23, 59, 59, 99)),
        recipient=Recipient(device=ObjectIdentifier(("device", instance))),
        processIdentifier=Unsigned(5),
        issueConfirmedNotifications=False,
        transitions=EventTransitionBits([1, 1, 1]),
    )


def notification_class(opened: OpenBuilding) -> Any:
    return opened.building.device(AHU).events.notification_class


def recipients(opened: OpenBuilding) -> list[int]:
    """Return whom the device tells, as it has it."""
    listed = notification_class(opened).recipientList
    return [int(each.recipient.device[1]) for each in listed]


async def ask(opened: OpenBuilding) -> Any:
    menu = await opened.hass.config_entries.subentries.async_init(
        (opened.entry.entry_id, "bacnet_device"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(opened.entry, UNIQUE_ID).subentry_id,
        },
    )
    return await opened.walk.choose(menu, "alarms")


async def choose(opened: OpenBuilding, answers: dict[str, Any]) -> None:
    done = await opened.walk.answer(await ask(opened), answers)
    assert done["reason"] == "reconfigure_successful"
    await opened.hass.async_block_till_done()


async def test_the_list_is_shown_as_it_is_and_we_enter_beside_the_others(
    opened: OpenBuilding,
) -> None:
    notification_class(opened).recipientList = [workstation()]
    form = await ask(opened)
    assert labels(form, "classes") == ["1 Alarms: tells device 77"]
    assert form["description_placeholders"]["classes"].endswith("tells device 77")
    nothing = await opened.walk.answer(form, {"hearing": "choice", "classes": []})
    assert nothing["errors"] == {"classes": "no_class_chosen"}
    engine = opened.entry.runtime_data.client
    await opened.walk.answer(nothing, {"hearing": "choice", "classes": ["1"]})
    await opened.until(lambda: recipients(opened) == [77, OWN])
    assert opened.entry.runtime_data.client is engine

    # An alarm of the device is here without being asked for.
    opened.set("binary-input,4", True)
    await opened.raised(f"{DEVICE_ID}:binary-input,4")
    form = await ask(opened)
    assert labels(form, "classes") == ["1 Alarms: tells device 77, this system"]


async def test_all_classes_are_entered_and_left_again(opened: OpenBuilding) -> None:
    notification_class(opened).recipientList = [workstation()]
    await choose(opened, {"hearing": "all"})
    assert data_of(opened.entry, UNIQUE_ID)["notification_classes"] is None
    await opened.until(lambda: recipients(opened) == [77, OWN])
    await choose(opened, {"hearing": "ask"})
    await opened.until(lambda: recipients(opened) == [77])
    await choose(opened, {"hearing": "all"})
    await opened.until(lambda: recipients(opened) == [77, OWN])
    # Removed with the device
    kept = subentry(opened.entry, UNIQUE_ID)
    opened.hass.config_entries.async_remove_subentry(opened.entry, kept.subentry_id)
    await opened.hass.async_block_till_done()
    await opened.until(lambda: recipients(opened) == [77])


async def test_the_lists_are_left_when_plantroom_is_removed(
    opened: OpenBuilding, caplog: pytest.LogCaptureFixture
) -> None:
    notification_class(opened).recipientList = [workstation()]
    await choose(opened, {"hearing": "all"})
    await opened.until(lambda: recipients(opened) == [77, OWN])
    await opened.hass.config_entries.async_remove(opened.entry.entry_id)
    assert recipients(opened) == [77]
    assert "keep us in their" not in caplog.text


async def test_a_silent_device_does_not_hold_up_the_removal(
    opened: OpenBuilding,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(leaving, "ONLINE_SECONDS", 0.5)
    await choose(opened, {"hearing": "all"})
    await opened.until(lambda: recipients(opened) == [OWN])
    opened.building.unplug(AHU)
    await opened.hass.config_entries.async_remove(opened.entry.entry_id)
    assert opened.hass.config_entries.async_entries(DOMAIN) == []
    assert "keep us in their lists" in caplog.text


async def test_alarms_that_nobody_wants_are_no_alarms_here(
    opened: OpenBuilding,
) -> None:
    await choose(opened, {"hearing": "all"})
    await opened.until(lambda: recipients(opened) == [OWN])
    opened.set("binary-input,4", True)
    alarm_id = f"{DEVICE_ID}:binary-input,4"
    await opened.raised(alarm_id)
    await choose(opened, {"hearing": "ignore"})
    await opened.until(lambda: alarm_id not in opened.mirror.alarms)
    await opened.until(lambda: recipients(opened) == [])


async def test_a_device_that_refuses_becomes_a_repair(opened: OpenBuilding) -> None:
    notification_class(opened).decide_writes(refused=True)
    await choose(opened, {"hearing": "all"})
    issue_id = f"{opened.entry.entry_id}_alarms_refused_{DEVICE_ID}"
    issues = ir.async_get(opened.hass)
    await opened.until(lambda: issues.async_get_issue(DOMAIN, issue_id))
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["name"] == "AHU-1"
    await choose(opened, {"hearing": "ask"})
    await opened.until(lambda: issues.async_get_issue(DOMAIN, issue_id) is None)


async def test_a_device_that_does_not_answer_can_still_be_set(
    opened: OpenBuilding,
) -> None:
    opened.building.unplug(AHU)
    form = await ask(opened)
    assert "classes" not in form["data_schema"].schema
    assert "could not be read" in form["description_placeholders"]["classes"]
    done = await opened.walk.answer(form, {"hearing": "all"})
    assert done["reason"] == "reconfigure_successful"
