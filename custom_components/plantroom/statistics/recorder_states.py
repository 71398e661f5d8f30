"""For how long the recorder saw what sensors show. For its executor."""

import math
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from homeassistant.components.recorder.history import get_significant_states
from homeassistant.core import HomeAssistant, State

from .hours import HOUR, without

type Times = Iterable[tuple[datetime, datetime]]


def seconds_recorded(
    hass: HomeAssistant, entity_ids: list[str], hour: datetime, away: Times
) -> dict[str, float]:
    """Return for how much of an hour each sensor's state was known to be a number.

    away: when nothing was recorded; what was shown before says nothing of that time.
    """
    end = hour + HOUR
    seen = without(hour, end, away)
    found = get_significant_states(
        hass,
        hour,
        end,
        entity_ids,
        significant_changes_only=False,
        no_attributes=True,
    )
    seconds = dict.fromkeys(entity_ids, 0.0)
    for entity_id, states in found.items():
        seconds[entity_id] = _seconds([s for s in states if isinstance(s, State)], seen)
    return seconds


def _seconds(states: list[State], seen: list[tuple[datetime, datetime]]) -> float:
    """Return for how long a number was shown within times, until the last of them."""
    if not states or not seen:
        return 0.0
    ends = [*(b.last_updated for _, b in pairwise(states)), seen[-1][1]]
    return sum(
        max(0.0, (min(end, b) - max(state.last_updated, a)).total_seconds())
        for state, end in zip(states, ends, strict=True)
        if _is_number(state.state)
        for a, b in seen
    )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
