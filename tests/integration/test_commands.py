"""What a person commands, what came of it, and how it is said."""

from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.plantroom.actor import actor_of
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.errors import (
    ConnectionLostError,
    DeviceOfflineError,
    DeviceRefusedError,
    PlantroomError,
    UnknownTargetError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.models import (
    PointValue,
    Verdict,
    WriteRequest,
    WriteResult,
)

from .fake_engine import World
from .office import (
    AHU,
    FAN,
    LABEL,
    METER,
    MODE,
    SETPOINT,
    TEMPERATURE,
    entity_id_of,
    open_office,
    state_of,
)


def result(verdict: Verdict, **facts: Any):
    def answer(request: WriteRequest) -> WriteResult:
        return WriteResult(
            point_id=request.point_id,
            verdict=verdict,
            requested=request.value,
            **{"priority": request.priority or 8, **facts},
        )

    return answer


def levels(**held: PointValue) -> tuple[PointValue, ...]:
    return tuple(held.get(f"p{number}") for number in range(1, 17))


async def act(hass: HomeAssistant, action: str, subject, **data: Any):
    domain, _, name = action.partition(".")
    response = data.pop("response", False)
    return await hass.services.async_call(
        domain,
        name,
        {"entity_id": entity_id_of(hass, subject.point_id), **data},
        blocking=True,
        return_response=response,
        context=data.pop("context", None),
    )


@pytest.mark.parametrize(
    ("action", "subject", "data", "value", "state"),
    [
        ("number.set_value", SETPOINT, {"value": 22.5}, 22.5, "22.5"),
        ("switch.turn_on", FAN, {}, True, "on"),
        ("switch.turn_off", FAN, {}, False, "off"),
        ("select.select_option", MODE, {"option": "Off (4)"}, 4, "Off (4)"),
        ("text.set_value", LABEL, {"value": "South"}, "South", "South"),
    ],
)
async def test_command_reaches_the_engine_and_shows_what_was_read_back(
    hass, world, action, subject, data, value, state
):
    await open_office(hass, world)
    await act(hass, action, subject, **data)
    (request,) = world.writes
    assert (request.point_id, request.value) == (subject.point_id, value)
    assert request.priority is None
    assert not request.allow_reserved
    assert state_of(hass, subject).state == state


async def test_read_back_shows_the_priority_in_command(hass, world):
    world.write_verdict = result(
        Verdict.VERIFIED, present_value=24.0, priority_array=levels(p8=24.0, p16=20.0)
    )
    await open_office(hass, world)
    await act(hass, "number.set_value", SETPOINT, value=24)
    assert state_of(hass, SETPOINT).state == "24.0"
    assert state_of(hass, SETPOINT).attributes["priority"] == 8


async def test_user_is_the_actor(hass, world, hass_admin_user):
    await open_office(hass, world)
    await hass.services.async_call(
        "switch",
        "turn_on",
        {"entity_id": entity_id_of(hass, FAN.point_id)},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await act(hass, "switch.turn_off", FAN)
    assert [request.actor for request in world.writes] == [
        hass_admin_user.name, "Automation",
    ]  # fmt: skip
    assert await actor_of(hass, Context(user_id="gone")) == "Home Assistant"
    assert await actor_of(hass, None) == "Home Assistant"


async def test_overridden_command_raises_who_overrides(hass, world):
    world.write_verdict = result(
        Verdict.OVERRIDDEN,
        present_value=18.0,
        overridden_by=5,
        priority_array=levels(p5=18.0, p8=22.0),
    )
    await open_office(hass, world)
    with pytest.raises(HomeAssistantError) as raised:
        await act(hass, "number.set_value", SETPOINT, value=22)
    assert raised.value.translation_key == "overridden"
    assert "priority 5 of the device is in command and holds 18.0" in str(raised.value)
    state = state_of(hass, SETPOINT)
    assert (state.state, state.attributes["overridden"]) == ("18.0", True)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("write-access-denied", "Allow it in the controller's own tool"),
        ("value-not-taken", "holds another value"),
        ("present-value-differs", "acts on another one"),
        ("not-released", "still holds a value at that priority"),
        ("device_offline", "is not known"),
        ("network", "its network is down"),
        ("value-out-of-range", "Its device says: value-out-of-range"),
    ],
)
async def test_failed_command_says_why_and_changes_nothing(hass, world, reason, text):
    world.write_verdict = result(Verdict.FAILED, reason=reason)
    await open_office(hass, world)
    with pytest.raises(HomeAssistantError, match=text):
        await act(hass, "number.set_value", SETPOINT, value=22)
    assert state_of(hass, SETPOINT).state == "20.0"


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (DeviceOfflineError("x", device="AHU-1"), HomeAssistantError, "AHU-1 does not"),
        (ConnectionLostError("x"), HomeAssistantError, "not running"),
        (
            DeviceRefusedError("x", device="AHU-1", reason="value-out-of-range"),
            HomeAssistantError,
            "refused: value-out-of-range",
        ),
        (UnknownTargetError("no point"), ServiceValidationError, "no point"),
        (
            WriteRefusedError("x", reason="above_maximum", point="P", value=9, limit=3),
            ServiceValidationError,
            "9 is too high: P takes no more than 3",
        ),
        (
            WriteRefusedError("not today", reason="new_reason", point="P"),
            ServiceValidationError,
            "P was not written: not today",
        ),
        (PlantroomError("odd"), HomeAssistantError, "error: odd"),
    ],
)
async def test_engines_errors_reach_the_person_translated(
    hass, world, error, kind, text
):
    await open_office(hass, world)
    world.failures["write"] = error
    with pytest.raises(HomeAssistantError, match=text) as raised:
        await act(hass, "switch.turn_on", FAN)
    assert type(raised.value) is kind
    assert raised.value.translation_domain == DOMAIN


async def test_write_property_answers_with_the_verdict(hass, world):
    world.write_verdict = result(
        Verdict.OVERRIDDEN,
        present_value=18.0,
        overridden_by=5,
        priority_array=levels(p5=18.0, p9=22.0),
        seconds=0.2,
    )
    await open_office(hass, world)
    answer = await act(
        hass,
        "plantroom.write_property",
        SETPOINT,
        value="22",
        priority=9,
        response=True,
    )
    assert answer[entity_id_of(hass, SETPOINT.point_id)] == {
        "verdict": "overridden",
        "present_value": 18.0,
        "priority": 9,
        "overridden_by": 5,
        "priority_array": [*levels(p5=18.0, p9=22.0)],
        "reason": "",
        "seconds": 0.2,
    }


async def test_write_property_without_a_listener_raises_instead(hass, world):
    world.write_verdict = result(Verdict.FAILED, reason="value-not-taken")
    await open_office(hass, world)
    with pytest.raises(HomeAssistantError, match="holds another value"):
        await act(hass, "plantroom.write_property", SETPOINT, value=22)


@pytest.mark.parametrize(
    ("subject", "given", "value"),
    [
        (SETPOINT, "21,5", 21.5),
        (FAN, "Running", True),
        (MODE, "Cool", 3),
        (MODE, 2, 2),
        (LABEL, 5, "5"),
    ],
)
async def test_write_property_understands_what_people_type(
    hass, world, subject, given, value
):
    await open_office(hass, world)
    await act(hass, "plantroom.write_property", subject, value=given)
    assert world.writes[0].value == value


@pytest.mark.parametrize(
    ("subject", "given"), [(SETPOINT, "warm"), (FAN, "maybe"), (MODE, "Dry")]
)
async def test_write_property_refuses_nonsense(hass, world, subject, given):
    await open_office(hass, world)
    with pytest.raises(
        ServiceValidationError, match=f"does not take the value {given}"
    ):
        await act(hass, "plantroom.write_property", subject, value=given)
    assert world.writes == []


async def test_reserved_priority_has_to_be_meant(hass, world):
    await open_office(hass, world)
    await act(
        hass,
        "plantroom.write_property",
        FAN,
        value=True,
        priority=1,
        allow_reserved=True,
    )
    assert (world.writes[0].priority, world.writes[0].allow_reserved) == (1, True)


async def test_release_takes_our_value_away(hass, world):
    world.write_verdict = result(
        Verdict.VERIFIED, present_value=19.0, priority_array=levels()
    )
    await open_office(hass, world)
    answer = await act(hass, "plantroom.release", SETPOINT, response=True)
    assert world.writes[0].value is None
    assert next(iter(answer.values()))["verdict"] == "verified"
    assert "priority" not in state_of(hass, SETPOINT).attributes


async def test_points_that_are_only_read_are_not_written(hass, world):
    await open_office(hass, world)
    await act(hass, "plantroom.write_property", METER, value=0)
    assert world.writes == []


async def test_button_releases_what_we_command_or_would(hass, world):
    _, engine = await open_office(hass, world)
    engine.read(SETPOINT.point_id, 22.0, priority=8)
    engine.read(FAN.point_id, True, priority=5)
    engine.read(MODE.point_id, 2, priority=16)
    engine.read(TEMPERATURE.point_id, 21.0, priority=8)
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id_of(hass, f"{AHU}:release_commands")},
        blocking=True,
    )
    assert [(w.point_id, w.value, w.priority) for w in world.writes] == [
        (SETPOINT.point_id, None, None), (FAN.point_id, None, None),
    ]  # fmt: skip


async def test_button_names_what_it_could_not_release(
    hass: HomeAssistant, world: World
):
    world.write_verdict = result(Verdict.FAILED, reason="not-released")
    _, engine = await open_office(hass, world)
    engine.read(SETPOINT.point_id, 22.0, priority=8)
    with pytest.raises(HomeAssistantError, match=SETPOINT.name):
        await hass.services.async_call(
            "button",
            "press",
            {"entity_id": entity_id_of(hass, f"{AHU}:release_commands")},
            blocking=True,
        )
