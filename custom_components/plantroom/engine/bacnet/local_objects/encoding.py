"""What an object shows, in octets."""

import math
import struct
from collections.abc import Iterable
from typing import Final

from ...models import StatusFlags
from ..names.enumerations import EVENT_STATES, RELIABILITIES
from ..octets.encoding import BitString, Enumerated, ObjectId, encode_primitive
from .models import LocalType, LocalValue, ObjectKey

OBJECT_TYPE_NUMBERS: Final[dict[LocalType, int]] = {
    LocalType.ANALOG_INPUT: 0,
    LocalType.ANALOG_OUTPUT: 1,
    LocalType.ANALOG_VALUE: 2,
    LocalType.BINARY_INPUT: 3,
    LocalType.BINARY_OUTPUT: 4,
    LocalType.BINARY_VALUE: 5,
    LocalType.MULTI_STATE_INPUT: 13,
    LocalType.MULTI_STATE_OUTPUT: 14,
    LocalType.MULTI_STATE_VALUE: 19,
}

NULL: Final = b"\x00"
_TAGGED_REAL: Final = struct.Struct(">Bf")
_REAL_TAG: Final = 0x44
_INACTIVE: Final = b"\x91\x00"
_ACTIVE: Final = b"\x91\x01"
_NORMAL: Final = 0
_UNRELIABLE_OTHER: Final = 7


def object_id_of_key(key: ObjectKey) -> ObjectId:
    """Return the identifier of an object."""
    return ObjectId(OBJECT_TYPE_NUMBERS[key.type], key.instance)


def object_octets(object_id: ObjectId) -> bytes:
    """Return the four octets of an identifier, without a tag."""
    return (object_id.object_type << 22 | object_id.instance).to_bytes(4)


def encode_value(kind: LocalType, value: LocalValue) -> bytes:
    """Return a present value under the application tag of its object type."""
    if kind.is_analog:
        return encode_real(float(value))
    if kind.is_binary:
        return _ACTIVE if value else _INACTIVE
    return encode_primitive(int(value))


def encode_real(value: float) -> bytes:
    """Return a REAL; a number beyond its range is infinite."""
    try:
        return _TAGGED_REAL.pack(_REAL_TAG, value)
    except OverflowError:
        return _TAGGED_REAL.pack(_REAL_TAG, math.copysign(math.inf, value))


def encode_optional(kind: LocalType, value: LocalValue | None) -> bytes:
    """Return a present value, or NULL for None."""
    return NULL if value is None else encode_value(kind, value)


def encode_flags(flags: StatusFlags) -> bytes:
    """Return BACnetStatusFlags."""
    bits = (
        flags.in_alarm << 7
        | flags.fault << 6
        | flags.overridden << 5
        | flags.out_of_service << 4
    )
    return bytes((0x82, 0x04, bits))


def encode_event_state(name: str) -> bytes:
    """Return BACnetEventState; a name that is none is normal."""
    return encode_primitive(Enumerated(EVENT_STATES.number(name) or _NORMAL))


def encode_reliability(name: str) -> bytes:
    """Return BACnetReliability; a name that is none is unreliable-other."""
    number = RELIABILITIES.number(name)
    return encode_primitive(Enumerated(_UNRELIABLE_OTHER if number is None else number))


def encode_bits(numbers: Iterable[int], length: int) -> bytes:
    """Return a bit string of a length in which these bits are set."""
    chosen = frozenset(numbers)
    return encode_primitive(BitString(tuple(n in chosen for n in range(length))))
