"""News of alarms, as tests make them."""

from typing import Any

from custom_components.plantroom.engine.alarms.life import AlarmNews
from custom_components.plantroom.engine.alarms.models import (
    AlarmOrigin,
    Condition,
    Severity,
)
from tests.site import AT


def news(condition: Condition = Condition.OFFNORMAL, **facts: Any) -> AlarmNews:
    """Return what a rule says of a point of n:1; facts: number for another alarm."""
    number = facts.pop("number", 1)
    wanted = {
        "alarm_id": f"rule:{number}",
        "origin": AlarmOrigin.RULE,
        "device_id": "n:1",
        "point_id": f"n:1:analog-input,{number}",
        "name": "Room",
        "severity": Severity.HIGH,
        "text": f"Room is {condition}",
        "at": AT,
        "ack_required": condition is not Condition.NORMAL,
    }
    return AlarmNews(condition=condition, **wanted | facts)
