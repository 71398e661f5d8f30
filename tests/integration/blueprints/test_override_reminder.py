"""Override left on: people are reminded, and a tap or the time gives the point back."""

from typing import Any

from .home import Home
from .phone import Phone

BLUEPRINT = "override_reminder"
POINT = "analog-value,1"


async def reminded(home: Home, **inputs: Any) -> tuple[Phone, str]:
    """Return Ada's phone and the tag of its reminder, eight hours after a write."""
    phone = await home.hire("Ada")
    entity_id = home.opened.entity_id(POINT)
    await home.automate(
        BLUEPRINT, points=[entity_id], phones=[phone.device_id], **inputs
    )
    await home.write(POINT, 23)
    await home.opened.until(lambda: home.attributes(POINT).get("priority") == 8)
    await home.settle()
    await home.pass_time(hours=7.9)
    assert not phone.told
    await home.pass_time(hours=0.2)
    tag = f"plantroom_override_{entity_id}"
    await home.opened.until(lambda: tag in phone.shown)
    await home.settle()
    return phone, tag


async def test_tap_gives_the_point_back_in_the_name_of_who_tapped(home: Home):
    phone, tag = await reminded(home)
    assert "for 8.0 hours" in phone.shown[tag]["message"]
    await phone.tap(phone.shown[tag], "Give back now")
    await home.opened.until(lambda: home.slot(POINT) is None)
    await home.opened.until(lambda: not phone.shown)
    released = [row for row in await home.audit() if row["action"] == "release"]
    assert {row["actor"] for row in released} == {"Ada"}
    assert "override_reminder.yaml" in released[0]["via"]


async def test_point_is_given_back_without_an_answer_when_chosen(home: Home):
    phone, _ = await reminded(home, release_after=1)
    await home.pass_time(hours=0.9)
    assert home.slot(POINT) == 23
    await home.pass_time(hours=0.2)
    await home.opened.until(lambda: home.slot(POINT) is None)
    await home.pass_time(seconds=6)
    await home.opened.until(lambda: not phone.shown)


async def test_keep_reminds_again_and_gives_nothing_back(home: Home):
    phone, tag = await reminded(home, release_after=1)
    await phone.tap(phone.shown[tag], "Keep")
    await home.settle()
    await home.pass_time(hours=7)
    assert (home.slot(POINT), len(phone.told)) == (23, 1)
    await home.pass_time(hours=1.1)
    await home.opened.until(lambda: len(phone.told) == 2)
    assert "for 16.0 hours" in phone.shown[tag]["message"]


async def test_somebody_stronger_is_only_told_of(home: Home):
    phone = await home.hire("Ada")
    entity_id = home.opened.entity_id(POINT)
    await home.automate(BLUEPRINT, points=[entity_id], phones=[phone.device_id])
    await home.write(POINT, 24, priority=6, allow_reserved=True)
    await home.opened.until(lambda: home.attributes(POINT).get("overridden"))
    await home.settle()
    await home.pass_time(hours=8.1)
    await home.opened.until(lambda: phone.shown)
    (push,) = phone.shown.values()
    assert "priority 6" in push["message"]
    assert [b["title"] for b in push["data"]["actions"]] == ["Keep, remind again"]


async def test_write_that_ends_by_itself_is_left_out(home: Home):
    phone = await home.hire("Ada")
    entity_id = home.opened.entity_id(POINT)
    await home.automate(BLUEPRINT, points=[entity_id], phones=[phone.device_id])
    await home.write(POINT, 23, duration={"hours": 20})
    await home.opened.until(lambda: "override_until" in home.attributes(POINT))
    await home.settle()
    await home.pass_time(hours=8.1)
    assert not phone.told
