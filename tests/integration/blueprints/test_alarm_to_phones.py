"""Alarm to phones: told, tapped, acknowledged at the device in the person's name."""

from typing import Any

import pytest
from homeassistant.core import ServiceCall

from ..real_building import AHU
from .home import FROST_ALARM, Home
from .phone import Phone

BLUEPRINT = "alarm_to_phones"
TAG = f"plantroom_{FROST_ALARM}"


async def told_of_frost(home: Home, **inputs: Any) -> Phone:
    """Return Ada's phone, which was told of the frost."""
    phone = await home.hire("Ada")
    await home.automate(BLUEPRINT, phones=[phone.device_id], **inputs)
    await home.frost(True)
    await home.opened.until(lambda: TAG in phone.shown)
    return phone


def kinds(home: Home) -> list[str]:
    return [facts["kind"] for facts in home.alarms]


async def test_tap_acknowledges_at_the_device_in_the_name_of_who_tapped(home: Home):
    phone = await told_of_frost(home)
    push = phone.shown[TAG]
    assert push["title"] == "Critical alarm: AHU-1"
    assert push["message"] == home.alarms[0]["text"]
    await phone.tap(push, "Acknowledge")
    await home.opened.until(lambda: home.acknowledged_by() == ["Ada"])
    await home.opened.until(lambda: not phone.shown)
    assert kinds(home) == ["raised", "acknowledged"]
    assert home.alarms[1]["actor"] == "Ada"


async def test_reply_becomes_the_comment(home: Home):
    phone = await told_of_frost(home)
    await phone.tap(phone.shown[TAG], "Acknowledge, saying", reply_text="On my way")
    await home.opened.until(lambda: "acknowledged" in kinds(home))
    assert (home.alarms[1]["actor"], home.alarms[1]["comment"]) == ("Ada", "On my way")


async def test_shelve_ends_the_notification_for_as_long_as_chosen(home: Home):
    phone = await told_of_frost(home, shelve_hours=2)
    await phone.tap(phone.shown[TAG], "Shelve for 2 h")
    await home.opened.until(lambda: "shelved" in kinds(home))
    assert home.alarms[-1]["actor"] == "Ada"
    # The clock goes on from 8 o'clock while all is set up
    assert home.alarms[-1]["shelved_until"].startswith("2026-11-23T10:0")
    await home.opened.until(lambda: not phone.shown)


async def test_refusal_of_the_device_is_told_and_can_be_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    phone = await told_of_frost(home)
    events: Any = home.opened.building.device(AHU).events
    with monkeypatch.context() as patched:
        patched.setattr(events, "acknowledge", lambda *_: "invalidEventState")
        await phone.tap(phone.shown[TAG], "Acknowledge")
        await home.opened.until(lambda: phone.shown[TAG]["title"] == "Not done: AHU-1")
    await phone.tap(phone.shown[TAG], "Acknowledge")
    await home.opened.until(lambda: home.acknowledged_by() == ["Ada"])


async def test_alarm_that_is_over_says_so_until_somebody_takes_note(home: Home):
    phone = await told_of_frost(home)
    await home.frost(False)
    await home.opened.until(lambda: phone.shown[TAG]["title"] == "Over: AHU-1")
    await phone.tap(phone.shown[TAG], "Acknowledge")
    await home.opened.until(lambda: not phone.shown)
    assert kinds(home) == ["raised", "cleared", "acknowledged"]


async def test_second_person_is_told_when_nobody_takes_note(home: Home):
    second = await home.hire("Bea")
    first = await told_of_frost(
        home, second_phones=[second.device_id], escalate_after=10
    )
    await home.pass_time(minutes=9)
    assert not second.told
    await home.pass_time(minutes=1.1)
    await home.opened.until(lambda: TAG in second.shown)
    await second.tap(second.shown[TAG], "Acknowledge")
    await home.opened.until(lambda: home.acknowledged_by() == ["Bea"])
    await home.opened.until(lambda: not first.shown and not second.shown)


async def test_second_person_sleeps_when_the_first_takes_note(home: Home):
    second = await home.hire("Bea")
    first = await told_of_frost(
        home, second_phones=[second.device_id], escalate_after=10
    )
    await first.tap(first.shown[TAG], "Acknowledge")
    await home.opened.until(lambda: not first.shown)
    await home.pass_time(minutes=11)
    assert not second.shown


async def test_escalation_goes_on_after_a_restart(home: Home):
    second = await home.hire("Bea")
    first = await told_of_frost(
        home, second_phones=[second.device_id], escalate_after=10
    )
    await home.restart(f"automation.{BLUEPRINT}")
    await home.pass_time(seconds=2)
    count = len(first.told)
    await home.pass_time(minutes=8)
    assert not second.told
    await home.pass_time(minutes=4)
    await home.opened.until(lambda: TAG in second.shown)
    assert len(first.told) == count


async def test_alarm_outside_working_hours_waits_for_them(home: Home):
    hours = await home.make_schedule(monday=[{"from": "09:00:00", "to": "17:00:00"}])
    phone, second = await home.hire("Ada"), await home.hire("Bea")
    await home.automate(
        BLUEPRINT,
        phones=[phone.device_id],
        second_phones=[second.device_id],
        hours=[hours],
        critical_always=False,
    )
    await home.frost(True)
    await home.settle()
    assert not phone.told
    await home.pass_time(hours=1, minutes=1)
    await home.opened.until(lambda: TAG in phone.shown)
    # From when the first was told, not from when the alarm came
    await home.pass_time(minutes=13)
    assert not second.told
    await home.pass_time(minutes=3)
    await home.opened.until(lambda: TAG in second.shown)


async def test_critical_alarm_does_not_wait_for_working_hours(home: Home):
    hours = await home.make_schedule(monday=[{"from": "09:00:00", "to": "17:00:00"}])
    await told_of_frost(home, hours=[hours])


async def test_whom_the_options_name_is_told_on_their_phones(home: Home):
    phone = await home.hire("Cem")
    await home.route(critical=["person.cem", "notify.gone"])
    await home.automate(BLUEPRINT)
    await home.frost(True)
    await home.opened.until(lambda: TAG in phone.shown)
    await phone.tap(phone.shown[TAG], "Shelve")
    await home.opened.until(lambda: not phone.shown)


async def test_what_has_no_buttons_gets_the_text(home: Home):
    mails: list[ServiceCall] = []
    home.hass.services.async_register("notify", "mail", mails.append)
    await home.route(critical=["notify.mail"])
    await home.automate(BLUEPRINT)
    await home.frost(True)
    await home.opened.until(lambda: mails)
    assert mails[0].data == {
        "title": "Critical alarm: AHU-1",
        "message": home.alarms[0]["text"],
    }


async def test_alarm_elsewhere_is_not_told(home: Home):
    phone = await home.hire("Ada")
    await home.automate(
        BLUEPRINT,
        phones=[phone.device_id],
        where={"entity_id": ["event.of_another_device"]},
    )
    await home.frost(True)
    await home.settle()
    assert not phone.told
