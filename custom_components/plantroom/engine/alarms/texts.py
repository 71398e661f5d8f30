"""What an alarm says to people: a template's fields filled with what is known; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..bacnet.names.unit_symbols import symbol_of
from ..checks import require
from ..models import Point, PointKind, PointValue

FIELDS = (
    "name",
    "device",
    "value",
    "other",
    "other_value",
    "high",
    "low",
    "tolerance",
    "condition",
)
LONGEST_TEXT = 400

_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmWords:
    """How the house speaks of alarms; where it says nothing, the engine's own English.

    texts: templates by a rule's kind, or "high_limit", "low_limit", "fault", "normal",
    "silent"; "device_fault" and its like, by the condition, for what a device tells
    without a text. names: what people call points and devices, by id.
    """

    texts: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be filled in."""
        for template in self.texts.values():
            wrong = unknown_fields(template)
            require(not wrong, "texts", f"have no field {', '.join(wrong)}")


def unknown_fields(template: str) -> list[str]:
    """Return the names in braces that fill_in() knows nothing of."""
    return [name for name in _FIELD.findall(template) if name not in FIELDS]


def fill_in(template: str, facts: Mapping[str, str]) -> str:
    """Return a template with its fields filled in, "?" for what is not known."""
    text = _FIELD.sub(lambda match: facts.get(match[1], "") or "?", template)
    return text[:LONGEST_TEXT]


def shown_value(point: Point | None, value: PointValue) -> str:
    """Return a value as people read it: with its unit, or as its state's text."""
    if value is None:
        return ""
    if point is None:
        return str(value)
    if point.kind in (PointKind.BINARY, PointKind.MULTI_STATE):
        return _state_text(point, value)
    if isinstance(value, float):
        return with_unit(point, f"{value:.6g}")
    return with_unit(point, str(value))


def with_unit(point: Point | None, number: str) -> str:
    """Return a number with a point's unit behind it."""
    unit = symbol_of(point.unit) if point is not None and point.unit else None
    return f"{number} {unit}" if unit else number


def _state_text(point: Point, value: PointValue) -> str:
    if not isinstance(value, int):
        return str(value)
    index = int(value) if isinstance(value, bool) else value - 1
    if point.kind is PointKind.BINARY:
        index = int(bool(value))
    if 0 <= index < len(point.states) and point.states[index]:
        return point.states[index]
    if point.kind is PointKind.BINARY:
        return "on" if value else "off"
    return str(value)
