"""How to read each sort of value in an event notification; all raise MalformedFrameError."""

from collections.abc import Callable
from typing import Final

from ...models import PointValue
from ..names.enumerations import (
    EVENT_STATES,
    NOTIFY_TYPES,
    POLARITIES,
    RELIABILITIES,
    STATUS_FLAGS,
    SYSTEM_STATES,
)
from ..names.event_names import (
    EVENT_TYPES,
    LIFE_SAFETY_MODES,
    LIFE_SAFETY_OPERATIONS,
    LIFE_SAFETY_STATES,
    TIMER_STATES,
)
from ..names.number_names import NumberNames
from ..names.property_ids import PROPERTIES
from ..names.units import UNITS
from ..octets.date_texts import date_text, time_text
from ..octets.encoding import (
    BitString,
    Constructed,
    Date,
    Element,
    ObjectId,
    Tagged,
    Time,
    decode_primitive,
)
from ..octets.tags import ApplicationTag, MalformedFrameError
from ..octets.time_stamps import decode_time_stamp, time_stamp_text
from .object_types import reference_of

type Content = bytes | tuple[Element, ...]
type Read = Callable[[Content], PointValue]

_MOST_OCTETS: Final = 8
_STATE_BOOLEAN: Final = 0
_STATE_BINARY: Final = 1
_STATE_INTEGER: Final = 41
# Choices of BACnetPropertyStates (clause 21) whose numbers have names here
_STATE_NAMES: Final[dict[int, NumberNames]] = {
    2: EVENT_TYPES,
    3: POLARITIES,
    7: RELIABILITIES,
    8: EVENT_STATES,
    9: SYSTEM_STATES,
    10: UNITS,
    12: LIFE_SAFETY_MODES,
    13: LIFE_SAFETY_STATES,
    22: LIFE_SAFETY_OPERATIONS,
    25: NOTIFY_TYPES,
    38: TIMER_STATES,
}


def typed(tag: ApplicationTag) -> Read:
    """Return what reads a value of an application type."""

    def read(content: Content) -> PointValue:
        return shown(decode_primitive(tag, _octets(content)))

    return read


def named(names: NumberNames) -> Read:
    """Return what reads an enumeration's number as its name."""

    def read(content: Content) -> PointValue:
        return names.name(_number(content))

    return read


def read_flags(content: Content) -> PointValue:
    """Return the names of the status flags that are set, "" for none."""
    value = decode_primitive(ApplicationTag.BIT_STRING, _octets(content))
    if not isinstance(value, BitString):
        raise MalformedFrameError("status flags that are no bits")
    pairs = zip(STATUS_FLAGS, value.bits, strict=False)
    return " ".join(name for name, is_set in pairs if is_set)


def read_any(content: Content) -> PointValue:
    """Return the first value within brackets, whatever its type."""
    if isinstance(content, bytes) or not content:
        raise MalformedFrameError("a value is missing")
    return shown(content[0])


def read_new_value(content: Content) -> PointValue:
    """Return what a CHANGE_OF_VALUE is about: bits, or a real."""
    match content:
        case (Tagged(tag=0, content=bytes() as octets),):
            return shown(decode_primitive(ApplicationTag.BIT_STRING, octets))
        case (Tagged(tag=1, content=bytes() as octets),):
            return shown(decode_primitive(ApplicationTag.REAL, octets))
    raise MalformedFrameError("a change of value without a value")


def read_state(content: Content) -> PointValue:
    """Return a BACnetPropertyStates: a boolean, a name, or a number."""
    match content:
        case (Tagged(tag=tag, content=bytes() as octets),):
            return _state(tag, octets)
    raise MalformedFrameError("a change of state without a state")


def read_time_stamp(content: Content) -> PointValue:
    """Return a time stamp's text."""
    if isinstance(content, bytes) or len(content) != 1:
        raise MalformedFrameError("a time stamp is missing")
    return time_stamp_text(decode_time_stamp(content[0]))


def read_date_time(content: Content) -> PointValue:
    """Return date and time as ISO 8601."""
    match content:
        case (Date() as date, Time() as time):
            return f"{date_text(date)}T{time_text(time)}"
    raise MalformedFrameError("date and time are missing")


def read_discrete(content: Content) -> PointValue:
    """Return what a CHANGE_OF_DISCRETE_VALUE is about: any primitive, or a date-time."""
    match content:
        case (Tagged(tag=0, content=tuple() as parts),):
            return read_date_time(parts)
    return read_any(content)


def read_reference(content: Content) -> PointValue:
    """Return the object, and the property if it says one, that a reference is to.

    As in BACnetDeviceObjectPropertyReference (clause 21).
    """
    match content:
        case (
            Tagged(tag=0, content=bytes() as octets),
            Tagged(tag=1, content=bytes() as number),
            *_,
        ):
            return f"{_object(octets)} {PROPERTIES.name(_number(number))}"
    raise MalformedFrameError("a reference is missing")


def read_object_reference(content: Content) -> PointValue:
    """Return the object of a BACnetDeviceObjectReference (clause 21)."""
    match content:
        case (*_, Tagged(tag=1, content=bytes() as octets)):
            return _object(octets)
    raise MalformedFrameError("a reference is missing")


def read_property_values(content: Content) -> dict[str, PointValue]:
    """Return values by property's name from a list of BACnetPropertyValue."""
    if isinstance(content, bytes):
        raise MalformedFrameError("a list is missing")
    values: dict[str, PointValue] = {}
    name = ""
    for element in content:
        match element:
            case Tagged(tag=0, content=bytes() as octets):
                name = PROPERTIES.name(_number(octets))
            case Tagged(tag=2, content=tuple() as parts) if name and parts:
                values[name] = shown(parts[0])
                name = ""
    return values


def shown(value: Element) -> PointValue:
    """Return a primitive as a point's value, structures as hexadecimal text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value)
    return _text_of(value)


def _text_of(
    value: bytes | BitString | ObjectId | Date | Time | Constructed | Tagged,
) -> str | None:
    match value:
        case BitString(bits):
            return "".join(str(int(bit)) for bit in bits)
        case ObjectId():
            return reference_of(value)
        case Date():
            return date_text(value)
        case Time():
            return time_text(value)
        case bytes():
            return value.hex()
        case Constructed(raw):
            return raw.hex()
    return None


def _state(tag: int, octets: bytes) -> PointValue:
    if tag in (_STATE_BOOLEAN, _STATE_BINARY):
        return bool(_number(octets))
    if tag == _STATE_INTEGER:
        return shown(decode_primitive(ApplicationTag.SIGNED, octets))
    names = _STATE_NAMES.get(tag)
    return _number(octets) if names is None else names.name(_number(octets))


def _object(octets: bytes) -> str:
    value = decode_primitive(ApplicationTag.OBJECT_ID, octets)
    if not isinstance(value, ObjectId):
        raise MalformedFrameError("a reference to no object")
    return reference_of(value)


def _octets(content: Content) -> bytes:
    if not isinstance(content, bytes):
        raise MalformedFrameError("a value has parts")
    return content


def _number(content: Content) -> int:
    octets = _octets(content)
    if not 0 < len(octets) <= _MOST_OCTETS:
        raise MalformedFrameError("a number of impossible length")
    return int.from_bytes(octets)
