"""What automations and people are given of an alarm, as plain data."""

from datetime import datetime
from typing import Any

from .alarm_places import AlarmPlace
from .alarm_summary import needs_note
from .engine.alarms.models import Alarm, AlarmState, AlarmTransition
from .engine.alarms.texts import shown_value
from .mirror import Mirror


def alarm_facts(alarm: Alarm, place: AlarmPlace, mirror: Mirror) -> dict[str, Any]:
    """Return all that there is to know of an alarm as it stands; times as ISO 8601."""
    return {
        "alarm_id": alarm.alarm_id,
        "name": alarm.name,
        "text": alarm.text,
        "severity": alarm.severity.value,
        "state": alarm.state.value,
        "condition": alarm.condition.value,
        "value": alarm.value,
        "value_text": shown_value(mirror.points.get(alarm.point_id), alarm.value),
        "raised_at": _iso(alarm.raised_at),
        "changed_at": _iso(alarm.changed_at),
        "device_time": alarm.device_time.text if alarm.device_time else "",
        "device": place.device,
        "device_id": place.device_id,
        "area": place.area,
        "area_id": place.area_id,
        "network": place.network,
        "entity_id": place.entity_id,
        "targets": [*alarm.targets],
        "occurrences": alarm.occurrences,
        "needs_acknowledgement": needs_note(alarm),
        "acknowledged_at": _iso(alarm.acknowledged_at),
        "acknowledged_by": alarm.acknowledged_by,
        "quiet": alarm.is_quiet or alarm.informative,
        "flooded": alarm.flooded,
        "suppressed": alarm.suppressed,
        "shelved_until": _iso(alarm.shelved_until),
        "informative": alarm.informative,
        "origin": alarm.origin.value,
        "notification_type": alarm.event_type,
        "priority": alarm.priority,
        "comment": alarm.comment,
    }


def transition_facts(
    transition: AlarmTransition, place: AlarmPlace, mirror: Mirror, *, replayed: bool
) -> dict[str, Any]:
    """Return what happened to an alarm and how it is then; replayed: told late."""
    alarm = transition.alarm
    now = mirror.alarms.get(alarm.alarm_id)
    return {
        **alarm_facts(alarm, place, mirror),
        "number": transition.number,
        "kind": transition.kind.value,
        "at": _iso(transition.at),
        "from_condition": transition.from_condition.value,
        "state_now": (AlarmState.NORMAL if now is None else now.state).value,
        "actor": transition.actor,
        "comment": transition.comment,
        "replayed": replayed,
    }


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
