"""What an event notification says of its object's values, by the standard's names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...models import PointValue
from ..names.enumerations import RELIABILITIES
from ..names.event_names import (
    LIFE_SAFETY_MODES,
    LIFE_SAFETY_OPERATIONS,
    LIFE_SAFETY_STATES,
    TIMER_STATES,
    TIMER_TRANSITIONS,
)
from ..octets.encoding import Element, Tagged
from ..octets.tags import ApplicationTag, MalformedFrameError
from .event_value_readers import (
    Read,
    named,
    read_any,
    read_date_time,
    read_discrete,
    read_flags,
    read_new_value,
    read_object_reference,
    read_property_values,
    read_reference,
    read_state,
    read_time_stamp,
    shown,
    typed,
)
from .object_names import clean_text

MOST_FACTS: Final = 24

_COMPLEX: Final = 6
_EXTENDED: Final = 9
_CHANGE_OF_RELIABILITY: Final = 19
_PROPERTY_VALUES_TAG: Final = 2

type _Parts = tuple[tuple[str, Read] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """What a notification's values say.

    value: of what the object watches, None where it does not say. facts: all of it by
    the standard's names, "exceeded-limit" say; "status-flags" are the names of those
    that are set.
    """

    value: PointValue = None
    facts: Mapping[str, PointValue] = field(default_factory=dict)


def facts_of(event_values: Tagged | None) -> EventFacts:
    """Return what values say, as far as they can be read; never raises.

    The choice among them is the event type's (BACnetNotificationParameters, clause 21).
    """
    if event_values is None or not isinstance(event_values.content, tuple):
        return EventFacts()
    choice, content = event_values.tag, event_values.content
    if choice == _COMPLEX:
        return EventFacts(facts=_fit(_properties(content)))
    if choice == _EXTENDED:
        return EventFacts(facts=_fit(_extended(content)))
    if choice not in _PARTS:
        return EventFacts(facts=_fit(_unknown(content)))
    facts = _by_parts(_PARTS[choice], content)
    value = facts.get(_VALUE_NAMES.get(choice, ""))
    if choice == _CHANGE_OF_RELIABILITY:
        facts |= _of_reliability(content)
        value = facts.get("present-value")
    return EventFacts(value=value, facts=_fit(facts))


def _by_parts(parts: _Parts, content: tuple[Element, ...]) -> dict[str, PointValue]:
    facts: dict[str, PointValue] = {}
    for element in content:
        if not isinstance(element, Tagged) or element.tag >= len(parts):
            continue
        part = parts[element.tag]
        if part is None:
            continue
        name, read = part
        try:
            facts.setdefault(name, read(element.content))
        except MalformedFrameError:
            continue
    return facts


def _properties(content: tuple[Element, ...]) -> dict[str, PointValue]:
    try:
        return read_property_values(content)
    except MalformedFrameError:
        return {}


def _of_reliability(content: tuple[Element, ...]) -> dict[str, PointValue]:
    for element in content:
        match element:
            case Tagged(tag=tag, content=tuple() as parts) if (
                tag == _PROPERTY_VALUES_TAG
            ):
                return _properties(parts)
    return {}


def _extended(content: tuple[Element, ...]) -> dict[str, PointValue]:
    """Return a vendor's own event: whose, which, and its parameters by number."""
    facts = _by_parts(
        (("vendor-id", _UNSIGNED), ("extended-event-type", _UNSIGNED)), content
    )
    for element in content:
        match element:
            case Tagged(tag=2, content=tuple() as parts):
                for number, part in enumerate(parts[:MOST_FACTS], 1):
                    facts[f"parameter-{number}"] = shown(part)
    return facts


def _unknown(content: tuple[Element, ...]) -> dict[str, PointValue]:
    """Return the parameters of a choice that a later standard has, by their tags."""
    facts: dict[str, PointValue] = {}
    for number, element in enumerate(content[:MOST_FACTS]):
        if isinstance(element, Tagged):
            match element.content:
                case bytes() as octets:
                    facts.setdefault(f"parameter-{element.tag}", shown(octets))
                case (part, *_):
                    facts.setdefault(f"parameter-{element.tag}", shown(part))
        else:
            facts.setdefault(f"parameter-{number}", shown(element))
    return facts


def _fit(facts: Mapping[str, PointValue]) -> dict[str, PointValue]:
    """Return as many facts as an alarm may carry, texts clean and short."""
    return {
        name: clean_text(value) if isinstance(value, str) else value
        for name, value in list(facts.items())[:MOST_FACTS]
    }


_UNSIGNED: Final = typed(ApplicationTag.UNSIGNED)
_SIGNED: Final = typed(ApplicationTag.SIGNED)
_REAL: Final = typed(ApplicationTag.REAL)
_DOUBLE: Final = typed(ApplicationTag.DOUBLE)
_TEXT: Final = typed(ApplicationTag.CHARACTER_STRING)
_BITS: Final = typed(ApplicationTag.BIT_STRING)
_FLAGS: Final = ("status-flags", read_flags)


def _range(number: Read, deadband: Read) -> _Parts:
    return (
        ("exceeding-value", number),
        _FLAGS,
        ("deadband", deadband),
        ("exceeded-limit", number),
    )


# What each choice holds, by context tag
_PARTS: Final[dict[int, _Parts]] = {
    0: (("referenced-bitstring", _BITS), _FLAGS),
    1: (("new-state", read_state), _FLAGS),
    2: (("new-value", read_new_value), _FLAGS),
    3: (("command-value", read_any), _FLAGS, ("feedback-value", read_any)),
    4: (
        ("reference-value", _REAL),
        _FLAGS,
        ("setpoint-value", _REAL),
        ("error-limit", _REAL),
    ),
    5: _range(_REAL, _REAL),
    8: (
        ("new-state", named(LIFE_SAFETY_STATES)),
        ("new-mode", named(LIFE_SAFETY_MODES)),
        _FLAGS,
        ("operation-expected", named(LIFE_SAFETY_OPERATIONS)),
    ),
    10: (
        ("buffer-property", read_reference),
        ("previous-notification", _UNSIGNED),
        ("current-notification", _UNSIGNED),
    ),
    11: (("exceeding-value", _UNSIGNED), _FLAGS, ("exceeded-limit", _UNSIGNED)),
    13: (
        ("access-event", _UNSIGNED),
        _FLAGS,
        ("access-event-tag", _UNSIGNED),
        ("access-event-time", read_time_stamp),
        ("access-credential", read_object_reference),
    ),
    14: _range(_DOUBLE, _DOUBLE),
    15: _range(_SIGNED, _UNSIGNED),
    16: _range(_UNSIGNED, _UNSIGNED),
    17: (("changed-value", _TEXT), _FLAGS, ("alarm-value", _TEXT)),
    18: (("present-value", read_any), ("referenced-flags", read_flags)),
    19: (("reliability", named(RELIABILITIES)), _FLAGS),
    21: (("new-value", read_discrete), _FLAGS),
    22: (
        ("new-state", named(TIMER_STATES)),
        _FLAGS,
        ("update-time", read_date_time),
        ("last-state-change", named(TIMER_TRANSITIONS)),
        ("initial-timeout", _UNSIGNED),
        ("expiration-time", read_date_time),
    ),
}
# Which of them is the value of what the object watches
_VALUE_NAMES: Final = {
    0: "referenced-bitstring",
    1: "new-state",
    2: "new-value",
    3: "feedback-value",
    4: "reference-value",
    5: "exceeding-value",
    8: "new-state",
    10: "current-notification",
    11: "exceeding-value",
    13: "access-event",
    14: "exceeding-value",
    15: "exceeding-value",
    16: "exceeding-value",
    17: "changed-value",
    18: "present-value",
    21: "new-value",
    22: "new-state",
}
