"""Actions about alarms, each in the name of whom it is done for."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Final

import probatio
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .action_targets import ATTR_CONFIG_ENTRY_ID, entry_target
from .actor import via_of
from .alarm_list import LIST_SCHEMA, list_alarms
from .alarm_rights import acting, require
from .alarm_subjects import alarm_subject, device_of
from .alarm_summary import needs_note, subjects_of
from .const import DOMAIN
from .engine.alarms.requests import (
    AcknowledgeRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)
from .engine.errors import PlantroomError
from .error_translation import translated_errors
from .runtime import PlantroomConfigEntry

ATTR_ALARM_ID: Final = "alarm_id"
ATTR_USER_ID: Final = "user_id"
MOST_SHELVED: Final = timedelta(days=30)

_WHO: Final = {
    probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
    probatio.Optional("comment", default=""): cv.string,
    probatio.Optional(ATTR_USER_ID): cv.string,
}
_ALARM_IDS: Final = probatio.All(
    probatio.EnsureList(), probatio.Length(min=1), [cv.string]
)
_DURATION: Final = probatio.All(
    cv.positive_time_period,
    probatio.Range(min=timedelta(seconds=1), max=MOST_SHELVED),
)
_ACKNOWLEDGE: Final = probatio.All(
    probatio.Schema(
        {
            probatio.Exclusive(ATTR_ALARM_ID, "which"): _ALARM_IDS,
            probatio.Exclusive(ATTR_DEVICE_ID, "which"): cv.string,
            **_WHO,
        }
    ),
    cv.has_at_least_one_key(ATTR_ALARM_ID, ATTR_DEVICE_ID),
)
_SHELVE: Final = probatio.Schema(
    {
        probatio.Required(ATTR_ALARM_ID): _ALARM_IDS,
        probatio.Required("duration"): _DURATION,
        **_WHO,
    }
)
_UNSHELVE: Final = probatio.Schema(
    {probatio.Required(ATTR_ALARM_ID): _ALARM_IDS, **_WHO}
)
_MAINTENANCE: Final = probatio.Schema(
    {
        probatio.Required(ATTR_DEVICE_ID): cv.string,
        probatio.Required("active"): cv.boolean,
        probatio.Optional("duration"): cv.positive_time_period,
        **_WHO,
    }
)


@callback
def register(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    for name, handler, schema in (
        ("acknowledge_alarm", _acknowledge, _ACKNOWLEDGE),
        ("shelve_alarm", _shelve, _SHELVE),
        ("unshelve_alarm", _unshelve, _UNSHELVE),
        ("set_maintenance", _set_maintenance, _MAINTENANCE),
    ):
        hass.services.async_register(DOMAIN, name, handler, schema)
    hass.services.async_register(
        DOMAIN,
        "list_alarms",
        list_alarms,
        LIST_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


@translated_errors
async def _acknowledge(call: ServiceCall) -> None:
    entry, alarm_ids = _to_acknowledge(call)
    client = entry.runtime_data.client

    async def act(alarm_id: str, actor: str) -> None:
        await client.acknowledge_alarm(
            AcknowledgeRequest(
                alarm_id=alarm_id,
                actor=actor,
                comment=call.data["comment"],
                via=via_of(call.hass, call.context),
            )
        )

    await _each(call, entry, alarm_ids, act)


@translated_errors
async def _shelve(call: ServiceCall) -> None:
    entry = entry_target(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID))

    async def act(alarm_id: str, actor: str) -> None:
        await entry.runtime_data.client.shelve_alarm(
            ShelveRequest(
                alarm_id=alarm_id,
                seconds=call.data["duration"].total_seconds(),
                actor=actor,
                comment=call.data["comment"],
                via=via_of(call.hass, call.context),
            )
        )

    await _each(call, entry, call.data[ATTR_ALARM_ID], act)


@translated_errors
async def _unshelve(call: ServiceCall) -> None:
    entry = entry_target(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID))

    async def act(alarm_id: str, actor: str) -> None:
        await entry.runtime_data.client.unshelve_alarm(
            UnshelveRequest(
                alarm_id=alarm_id,
                actor=actor,
                comment=call.data["comment"],
                via=via_of(call.hass, call.context),
            )
        )

    await _each(call, entry, call.data[ATTR_ALARM_ID], act)


@translated_errors
async def _set_maintenance(call: ServiceCall) -> None:
    entry, subject = alarm_subject(call.hass, call.data[ATTR_DEVICE_ID])
    actor = await acting(call.hass, call.context, call.data.get(ATTR_USER_ID))
    require(call.hass, entry, actor, subject, POLICY_CONTROL)
    duration: timedelta | None = call.data.get("duration")
    await entry.runtime_data.client.set_maintenance(
        MaintenanceRequest(
            subject=subject,
            active=call.data["active"],
            until=dt_util.utcnow() + duration if duration else None,
            actor=actor.name,
            comment=call.data["comment"],
            via=via_of(call.hass, call.context),
        )
    )


def _to_acknowledge(call: ServiceCall) -> tuple[PlantroomConfigEntry, list[str]]:
    """Return the alarms named, or all below a device that wait for somebody."""
    if ATTR_ALARM_ID in call.data:
        entry = entry_target(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID))
        return entry, call.data[ATTR_ALARM_ID]
    entry, subject = alarm_subject(call.hass, call.data[ATTR_DEVICE_ID])
    return entry, [
        alarm.alarm_id
        for alarm in entry.runtime_data.client.mirror.alarms.values()
        if needs_note(alarm) and subject in subjects_of(alarm.device_id)
    ]


async def _each(
    call: ServiceCall,
    entry: PlantroomConfigEntry,
    alarm_ids: Iterable[str],
    act: Callable[[str, str], Awaitable[None]],
) -> None:
    """Do it to each alarm in the name of who may; raise the first refusal at the end."""
    actor = await acting(call.hass, call.context, call.data.get(ATTR_USER_ID))
    wanted = tuple(dict.fromkeys(alarm_ids))
    for device_id in {device_of(entry, alarm_id) for alarm_id in wanted}:
        require(call.hass, entry, actor, device_id, POLICY_CONTROL)
    refusals: list[PlantroomError] = []
    for alarm_id in wanted:
        try:
            await act(alarm_id, actor.name)
        except PlantroomError as err:
            refusals.append(err)
    if refusals:
        raise refusals[0]
