"""The action that lists the open alarms."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import probatio
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from .action_targets import ATTR_CONFIG_ENTRY_ID, entry_target
from .alarm_facts import alarm_facts
from .alarm_filters import CONF_SEVERITY, AlarmFilter, filter_fields
from .alarm_places import AlarmPlaces
from .alarm_rights import Actor, acting, may
from .alarm_subjects import alarm_subject
from .alarm_summary import SITE, subjects_of
from .engine.alarms.models import Alarm, AlarmState, Severity, rank_of
from .runtime import PlantroomConfigEntry

MOST_LISTED: Final = 1000

LIST_SCHEMA: Final = probatio.Schema(
    {
        **filter_fields(include_quiet=True),
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Optional(ATTR_DEVICE_ID): cv.string,
        probatio.Optional("alarm_id"): probatio.All(probatio.EnsureList(), [cv.string]),
        probatio.Optional("state"): probatio.All(
            probatio.EnsureList(), [probatio.In([state.value for state in AlarmState])]
        ),
        probatio.Optional("limit", default=100): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=MOST_LISTED)
        ),
    }
)


async def list_alarms(call: ServiceCall) -> ServiceResponse:
    """Return the open alarms that the person may see, severest and newest first."""
    entry, subject = _entry_and_subject(call)
    actor = await acting(call.hass, call.context, None)
    runtime = entry.runtime_data
    places, mirror = AlarmPlaces(call.hass, runtime.adapter), runtime.client.mirror
    wanted = AlarmFilter.of(call.data)
    alarms = sorted(_chosen(call, entry, subject, actor), key=_order)
    found = [alarm_facts(alarm, places.of(alarm), mirror) for alarm in alarms]
    found = [facts for facts in found if wanted.passes(facts)]
    counts = Counter(facts[CONF_SEVERITY] for facts in found)
    response: dict[str, Any] = {
        "count": len(found),
        "by_severity": {severity.value: counts[severity] for severity in Severity},
        "alarms": found[: call.data["limit"]],
    }
    return response


def _entry_and_subject(call: ServiceCall) -> tuple[PlantroomConfigEntry, str]:
    if ATTR_DEVICE_ID in call.data:
        return alarm_subject(call.hass, call.data[ATTR_DEVICE_ID])
    return entry_target(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID)), SITE


def _chosen(
    call: ServiceCall, entry: PlantroomConfigEntry, subject: str, actor: Actor
) -> Iterator[Alarm]:
    """Yield the alarms asked for that the person may see."""
    ids, states = call.data.get("alarm_id"), call.data.get("state")
    seen: dict[str, bool] = {}
    for alarm in entry.runtime_data.client.mirror.alarms.values():
        if subject not in subjects_of(alarm.device_id):
            continue
        if ids is not None and alarm.alarm_id not in ids:
            continue
        if states is not None and alarm.state not in states:
            continue
        device_id = alarm.device_id
        if device_id not in seen:
            seen[device_id] = may(call.hass, entry, actor, device_id, POLICY_READ)
        if seen[device_id]:
            yield alarm


def _order(alarm: Alarm) -> tuple[int, float]:
    return -rank_of(alarm.severity), -alarm.raised_at.timestamp()
