"""Any property's value as JSON can carry it, with names where numbers have one; pure."""

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from ...models import PointValue
from ..names.enumerations import bit_names_of, enumeration_of
from ..octets.date_texts import date_text, time_text
from ..octets.encoding import (
    BitString,
    Constructed,
    Date,
    Element,
    Enumerated,
    ObjectId,
    Primitive,
    Tagged,
    Time,
    walk,
)
from ..octets.rpm import PropertyRef
from ..octets.tags import MalformedFrameError
from .object_types import reference_of

type JsonValue = PointValue | list[object] | dict[str, object]

MOST_NAMED_FLAGS: Final = 4

# Arrays and lists (clause 12) whose single element is a list of one all the same
_LISTS: Final = frozenset(
    {
        3,  # action-text
        7,  # alarm-values
        23,  # date-list
        30,  # device-address-binding
        38,  # exception-schedule
        39,  # fault-values
        53,  # list-of-group-members
        54,  # list-of-object-property-references
        55,  # list-of-session-keys
        76,  # object-list
        87,  # priority-array
        102,  # recipient-list
        110,  # state-text
        116,  # time-synchronization-recipients
        123,  # weekly-schedule
        130,  # event-time-stamps
        152,  # active-cov-subscriptions
        154,  # configuration-files
        209,  # structured-object-list
        210,  # subordinate-annotations
        211,  # subordinate-list
        351,  # event-message-texts
        352,  # event-message-texts-config
        371,  # property-list
        486,  # tags
    }
)


def readable_property(ref: PropertyRef, values: Sequence[Primitive]) -> JsonValue:
    """Return a property's elements as one JSON value.

    An array or list is a list, a priority array one with null where relinquished.
    Flags are a map of names to booleans, longer bit strings a list of the names that
    are set. Enumerated values are names where the property has them, objects
    "analog-input,1", dates and times ISO 8601 with "*" for what is unspecified,
    structures lists of {"tag", "value"}, octets hexadecimal.
    """
    shown: list[object] = [_shown(ref.property_id, value) for value in values]
    if ref.index is None and ref.property_id in _LISTS:
        return shown
    if len(values) == 2 and isinstance(values[0], Date) and isinstance(values[1], Time):
        return f"{date_text(values[0])}T{time_text(values[1])}"
    if len(values) == 1:
        return _shown(ref.property_id, values[0])
    return shown


def _shown(property_id: int, value: Element) -> JsonValue:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        names = enumeration_of(property_id) if isinstance(value, Enumerated) else None
        return int(value) if names is None else names.name(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return _composite(property_id, value)


def _composite(
    property_id: int,
    value: bytes | BitString | ObjectId | Date | Time | Constructed | Tagged,
) -> JsonValue:
    match value:
        case bytes():
            return value.hex()
        case BitString(bits):
            return _bits(bits, bit_names_of(property_id))
        case ObjectId():
            return reference_of(value)
        case Date():
            return date_text(value)
        case Time():
            return time_text(value)
        case Constructed(raw):
            return _structure(property_id, raw)
        case Tagged(tag, content):
            return {"tag": tag, "value": _content(property_id, content)}


def _structure(property_id: int, raw: bytes) -> JsonValue:
    try:
        elements = walk(raw)
    except MalformedFrameError:
        return raw.hex()
    return [_shown(property_id, element) for element in elements]


def _content(property_id: int, content: bytes | tuple[Element, ...]) -> JsonValue:
    if isinstance(content, bytes):
        return content.hex()
    return [_shown(property_id, element) for element in content]


def _bits(bits: tuple[bool, ...], names: tuple[str, ...]) -> JsonValue:
    if not names:
        return list(bits)
    if len(names) <= MOST_NAMED_FLAGS:
        return {name: bool(bit) for name, bit in zip_longest(names, bits[: len(names)])}
    numbers = [number for number, bit in enumerate(bits) if bit]
    return [names[each] if each < len(names) else str(each) for each in numbers]
