"""Critical alarm until acknowledged: again and again, and loud, until somebody takes note."""

from typing import Any

from .home import FROST_ALARM, Home
from .phone import Phone

BLUEPRINT = "critical_until_acknowledged"
TAG = f"plantroom_critical_{FROST_ALARM}"


async def told_of_frost(home: Home, **inputs: Any) -> Phone:
    """Return Ada's phone, which was told of the frost once."""
    phone = await home.hire("Ada")
    await home.automate(BLUEPRINT, phones=[phone.device_id], interval=5, **inputs)
    await home.frost(True)
    await home.opened.until(lambda: TAG in phone.shown)
    return phone


async def test_alarm_is_repeated_until_it_is_acknowledged(home: Home):
    phone = await told_of_frost(home)
    await home.settle()
    assert len(phone.told) == 1
    await home.pass_time(minutes=5.1)
    await home.opened.until(lambda: len(phone.told) == 2)
    assert phone.shown[TAG]["title"] == "Alarm: AHU-1 (2)"
    await home.settle()
    await phone.tap(phone.shown[TAG], "Acknowledge")
    await home.opened.until(lambda: home.acknowledged_by() == ["Ada"])
    await home.opened.until(lambda: not phone.shown)
    count = len(phone.told)
    await home.pass_time(minutes=11)
    assert len(phone.told) == count


async def test_alarm_is_loud_on_both_kinds_of_phones(home: Home):
    phone = await told_of_frost(home, volume=80, full_volume=True)
    data = phone.shown[TAG]["data"]
    assert data["push"]["sound"] == {"name": "default", "critical": 1, "volume": 0.8}
    assert (data["channel"], data["priority"], data["ttl"]) == (
        "alarm_stream_max", "high", 0,
    )  # fmt: skip


async def test_alarm_can_be_quiet(home: Home):
    phone = await told_of_frost(home, loud=False)
    data = phone.shown[TAG]["data"]
    assert data["push"] == {"interruption-level": "time-sensitive"}
    assert data["channel"] == "Plantroom alarms"


async def test_alarm_that_is_over_is_repeated_unless_told_otherwise(home: Home):
    phone = await told_of_frost(home)
    await home.settle()
    await home.frost(False)
    await home.pass_time(minutes=5.1)
    await home.opened.until(lambda: len(phone.told) == 2)
    assert phone.shown[TAG]["title"].startswith("Over, not acknowledged: AHU-1")


async def test_repeating_ends_with_the_alarm_when_chosen(home: Home):
    phone = await told_of_frost(home, ends_when_over=True)
    await home.settle()
    await home.frost(False)
    await home.pass_time(minutes=5.1)
    await home.opened.until(lambda: not phone.shown)


async def test_repeating_goes_on_after_a_restart(home: Home):
    phone = await told_of_frost(home)
    count = len(phone.told)
    await home.restart(f"automation.{BLUEPRINT}")
    await home.pass_time(seconds=2)
    await home.opened.until(lambda: len(phone.told) > count)
    assert phone.shown[TAG]["title"] == "Alarm: AHU-1"
