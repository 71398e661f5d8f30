"""What people and automations do to alarms, in whose name, and what they may not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import device_registry as dr
from probatio import Invalid

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.alarms.requests import (
    AcknowledgeRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)
from custom_components.plantroom.engine.errors import DeviceRefusedError

from .entries import NETWORK
from .fake_alarms import alarm_of
from .fake_engine import World
from .office import AHU, TEMPERATURE, entity_id_of, open_office

NOW = datetime.now(UTC)
HOT = alarm_of(TEMPERATURE.point_id, "Supply temperature", NOW, value=92.4)
OTHER = replace(
    HOT,
    alarm_id="rule:boiler",
    device_id="cafe0001:1002",
    point_id="cafe0001:1002:analog-input,1",
    severity=Severity.CRITICAL,
    raised_at=NOW - timedelta(hours=1),
)
SEEN = replace(HOT, alarm_id="rule:seen", state=AlarmState.ACKNOWLEDGED)


@pytest.fixture
async def office(hass: HomeAssistant, world: World) -> World:
    for alarm in (HOT, OTHER, SEEN):
        world.alarms.happen(TransitionKind.RAISED, alarm, NOW)
    await open_office(hass, world)
    # The first one is the owner, who may do everything
    await hass.auth.async_create_user("Owner")
    return world


async def person(hass: HomeAssistant, name: str, group: str = GROUP_ID_USER) -> User:
    return await hass.auth.async_create_user(name, group_ids=[group])


async def act(
    hass: HomeAssistant, name: str, user: User | None = None, **data: Any
) -> None:
    await hass.services.async_call(
        DOMAIN,
        name,
        data,
        blocking=True,
        context=Context(user_id=None if user is None else user.id),
    )


async def listed(
    hass: HomeAssistant, user: User | None = None, **data: Any
) -> dict[str, Any]:
    response = await hass.services.async_call(
        DOMAIN,
        "list_alarms",
        data,
        blocking=True,
        return_response=True,
        context=Context(user_id=None if user is None else user.id),
    )
    assert response is not None
    return dict(response)


def device_id(hass: HomeAssistant, name: str = "") -> str:
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, name or entry.entry_id), entry.entry_id
    )
    assert device is not None
    return device.id


async def test_alarm_is_acknowledged_in_the_name_of_the_person(hass, office):
    ada = await person(hass, "Ada")
    await act(
        hass, "acknowledge_alarm", ada, alarm_id=HOT.alarm_id, comment="on my way"
    )
    assert office.alarms.asked == [
        AcknowledgeRequest(alarm_id=HOT.alarm_id, actor="Ada", comment="on my way")
    ]


async def test_automation_acts_for_itself_or_for_who_tapped(hass, office):
    bea = await person(hass, "Bea")
    await act(hass, "acknowledge_alarm", alarm_id=HOT.alarm_id)
    await act(hass, "acknowledge_alarm", alarm_id=OTHER.alarm_id, user_id=bea.id)
    assert [deed.actor for deed in office.alarms.asked] == ["Automation", "Bea"]


async def test_person_cannot_act_for_another(hass, office):
    ada, bea = await person(hass, "Ada"), await person(hass, "Bea")
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "acknowledge_alarm", ada, alarm_id=HOT.alarm_id, user_id=bea.id)
    assert caught.value.translation_key == "in_own_name_only"
    await act(hass, "acknowledge_alarm", ada, alarm_id=HOT.alarm_id, user_id=ada.id)
    assert [deed.actor for deed in office.alarms.asked] == ["Ada"]


async def test_who_is_not_a_user_any_more_does_nothing(hass, office):
    gone = await person(hass, "Gone")
    await hass.auth.async_deactivate_user(gone)
    for user_id in (gone.id, "nobody"):
        with pytest.raises(UnknownUser):
            await act(hass, "acknowledge_alarm", alarm_id=HOT.alarm_id, user_id=user_id)
    assert office.alarms.asked == []


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("acknowledge_alarm", {"alarm_id": HOT.alarm_id}),
        ("acknowledge_alarm", {"alarm_id": "rule:nobody-knows"}),
        ("shelve_alarm", {"alarm_id": HOT.alarm_id, "duration": {"hours": 1}}),
        ("unshelve_alarm", {"alarm_id": HOT.alarm_id}),
    ],
)
async def test_who_may_only_look_does_nothing(hass, office, action, data):
    guest = await person(hass, "Guest", GROUP_ID_READ_ONLY)
    with pytest.raises(Unauthorized):
        await act(hass, action, guest, **data)
    with pytest.raises(Unauthorized):
        await act(
            hass, "set_maintenance", guest, device_id=device_id(hass), active=True
        )
    assert office.alarms.asked == []
    assert (await listed(hass, guest))["count"] == 3


async def test_who_may_not_see_a_devices_alarms_is_not_listed_them(hass, office):
    user = await person(hass, "Tenant")
    seen = entity_id_of(hass, f"{AHU}:-alarm_event")
    user.groups[0].policy = {"entities": {"entity_ids": {seen: {"read": True}}}}
    user.invalidate_cache()
    found = await listed(hass, user)
    assert {alarm["alarm_id"] for alarm in found["alarms"]} == {
        HOT.alarm_id, SEEN.alarm_id,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (AHU, [HOT.alarm_id]),
        (NETWORK.network_id, [HOT.alarm_id, OTHER.alarm_id]),
        ("", [HOT.alarm_id, OTHER.alarm_id]),
    ],
)
async def test_all_that_wait_below_a_device_are_acknowledged(
    hass, office, name, expected
):
    await act(hass, "acknowledge_alarm", device_id=device_id(hass, name))
    assert [deed.alarm_id for deed in office.alarms.asked] == expected


async def test_refusal_of_one_device_keeps_the_others_from_nothing(hass, office):
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "acknowledge_alarm", alarm_id=["rule:unknown", OTHER.alarm_id])
    assert caught.value.translation_key == "unknown_target"
    assert office.alarms.asked[-1].alarm_id == OTHER.alarm_id


async def test_refusal_of_the_device_is_said_with_its_reason(hass, office):
    office.failures["acknowledge_alarm"] = DeviceRefusedError(
        "no", device="1001", reason="invalid-time-stamp"
    )
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "acknowledge_alarm", alarm_id=HOT.alarm_id)
    assert caught.value.translation_key == "device_refused"
    assert "invalid-time-stamp" in str(caught.value)


async def test_alarm_is_shelved_and_taken_off(hass, office):
    ada = await person(hass, "Ada")
    await act(
        hass,
        "shelve_alarm",
        ada,
        alarm_id=[HOT.alarm_id, "rule:not-open"],
        duration={"hours": 2},
        comment="sensor ordered",
    )
    await act(hass, "unshelve_alarm", ada, alarm_id=HOT.alarm_id)
    shelf = ShelveRequest(
        alarm_id=HOT.alarm_id, seconds=7200.0, actor="Ada", comment="sensor ordered"
    )
    assert office.alarms.asked == [
        shelf,
        replace(shelf, alarm_id="rule:not-open"),
        UnshelveRequest(alarm_id=HOT.alarm_id, actor="Ada"),
    ]


@pytest.mark.parametrize("name", [AHU, NETWORK.network_id, ""])
async def test_maintenance_is_of_a_device_a_network_or_the_site(hass, office, name):
    ada = await person(hass, "Ada")
    device = device_id(hass, name)
    await act(hass, "set_maintenance", ada, device_id=device, active=True)
    await act(
        hass,
        "set_maintenance",
        ada,
        device_id=device,
        active=True,
        duration={"hours": 8},
        comment="filter",
    )
    await act(hass, "set_maintenance", device_id=device, active=False)
    without_end, with_end, ended = office.alarms.asked
    assert without_end == MaintenanceRequest(subject=name, active=True, actor="Ada")
    assert with_end.until - datetime.now(UTC) > timedelta(hours=7)
    assert (with_end.subject, with_end.comment) == (name, "filter")
    assert (ended.active, ended.actor) == (False, "Automation")


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("acknowledge_alarm", {}),
        ("acknowledge_alarm", {"alarm_id": "a", "device_id": "b"}),
        ("acknowledge_alarm", {"alarm_id": []}),
        ("shelve_alarm", {"alarm_id": "a", "duration": {"days": 31}}),
        ("shelve_alarm", {"alarm_id": "a", "duration": {"seconds": 0}}),
        ("shelve_alarm", {"alarm_id": "a"}),
        ("set_maintenance", {"active": True}),
    ],
)
async def test_what_makes_no_sense_is_refused(hass, office, action, data):
    with pytest.raises(Invalid):
        await act(hass, action, **data)
    assert office.alarms.asked == []


async def test_list_is_severest_first_and_counts(hass, office):
    found = await listed(hass)
    assert [alarm["alarm_id"] for alarm in found["alarms"]] == [
        OTHER.alarm_id, HOT.alarm_id, SEEN.alarm_id,
    ]  # fmt: skip
    assert found["count"] == 3
    assert found["by_severity"] == {"low": 0, "medium": 0, "high": 2, "critical": 1}
    shown = found["alarms"][1]
    assert (shown["device"], shown["value_text"], shown["state"]) == (
        "AHU-1", "92.4 °C", "active",
    )  # fmt: skip
    assert shown["raised_at"] == NOW.isoformat()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"severity": "critical"}, {OTHER.alarm_id}),
        ({"state": "acknowledged"}, {SEEN.alarm_id}),
        ({"state": ["cleared"]}, set()),
        ({"alarm_id": [HOT.alarm_id, "rule:x"]}, {HOT.alarm_id}),
        ({"limit": 1}, {OTHER.alarm_id}),
    ],
)
async def test_list_is_filtered(hass, office, filters, expected):
    found = await listed(hass, **filters)
    assert {alarm["alarm_id"] for alarm in found["alarms"]} == expected


async def test_list_is_of_a_device_and_leaves_out_quiet_ones_when_asked(hass, world):
    shelved = replace(HOT, shelved_until=NOW + timedelta(hours=1))
    over = replace(
        HOT, alarm_id="rule:o", state=AlarmState.CLEARED, condition=Condition.NORMAL
    )
    for alarm in (shelved, over, OTHER):
        world.alarms.happen(TransitionKind.RAISED, alarm, NOW)
    await open_office(hass, world)
    here = device_id(hass, AHU)
    assert (await listed(hass, device_id=here))["count"] == 2
    loud = await listed(hass, device_id=here, include_quiet=False)
    assert [alarm["alarm_id"] for alarm in loud["alarms"]] == ["rule:o"]


async def test_device_that_is_not_ours_is_refused(hass, office):
    with pytest.raises(ServiceValidationError):
        await act(hass, "set_maintenance", device_id="somewhere", active=True)
