"""Which BACnet objects are points, and what to read of them."""

from dataclasses import dataclass
from typing import Final

from ...errors import UnknownTargetError
from ...models import Access, PointKind, PointRole
from ..names.number_names import NumberNames
from ..names.property_ids import PropertyId
from ..octets.encoding import ObjectId

DEVICE: Final = 8
WILDCARD_INSTANCE: Final = 4194303
_MOST_TYPES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """An object type whose objects are points.

    access: as long as the object shows no priority array. properties: those that
    describe it, beyond name and description. always_commanded: the standard
    requires a priority array. unit: the one it has without a units property.
    """

    kind: PointKind
    role: PointRole
    access: Access
    properties: tuple[PropertyId, ...] = ()
    always_commanded: bool = False
    unit: str = ""
    limits: tuple[float, float] | None = None


def object_type_name(number: int) -> str:
    """Return the standard's name ("analog-input"), the number as text if unknown."""
    return OBJECT_TYPE_NAMES.name(number)


def reference_of(object_id: ObjectId) -> str:
    """Return "analog-input,1"; a type nobody knows keeps its number: "130,1"."""
    return f"{object_type_name(object_id.object_type)},{object_id.instance}"


def object_id_of(reference: str) -> ObjectId:
    """Return the object of "analog-input,1" or "0,1", or raise UnknownTargetError."""
    name, _, instance = reference.partition(",")
    number = OBJECT_TYPE_NAMES.number(name.strip())
    digits = instance.strip()
    if (
        number is None
        or number >= _MOST_TYPES
        or not (digits.isascii() and digits.isdecimal())
        or len(digits) > len(str(WILDCARD_INSTANCE))
        or int(digits) > WILDCARD_INSTANCE
    ):
        raise UnknownTargetError(f"{reference!r} names no object", target=reference)
    return ObjectId(number, int(digits))


OBJECT_TYPE_NAMES: Final = NumberNames(
    (
        0,
        """
        analog-input analog-output analog-value binary-input binary-output
        binary-value calendar command device event-enrollment file group loop
        multi-state-input multi-state-output notification-class program schedule
        averaging multi-state-value trend-log life-safety-point life-safety-zone
        accumulator pulse-converter event-log global-group trend-log-multiple
        load-control structured-view access-door timer access-credential
        access-point access-rights access-user access-zone credential-data-input
        network-security bitstring-value characterstring-value date-pattern-value
        date-value datetime-pattern-value datetime-value integer-value
        large-analog-value octetstring-value positive-integer-value
        time-pattern-value time-value notification-forwarder alert-enrollment
        channel lighting-output binary-lighting-output network-port elevator-group
        escalator lift staging audit-log audit-reporter color color-temperature
        """,
    ),
)
"""BACnetObjectType of clause 21, with those of the addenda up to 2020."""

_LIMITS = (PropertyId.MIN_PRES_VALUE, PropertyId.MAX_PRES_VALUE)
_NUMBER = (
    PropertyId.UNITS,
    *_LIMITS,
    PropertyId.RESOLUTION,
    PropertyId.COV_INCREMENT,
)
_TEXTS = (PropertyId.INACTIVE_TEXT, PropertyId.ACTIVE_TEXT)
_STATES = (PropertyId.NUMBER_OF_STATES, PropertyId.STATE_TEXT)


def _input(kind: PointKind, *properties: PropertyId) -> ObjectType:
    return ObjectType(
        kind=kind, role=PointRole.INPUT, access=Access.READ_ONLY, properties=properties
    )


def _output(kind: PointKind, *properties: PropertyId) -> ObjectType:
    return ObjectType(
        kind=kind,
        role=PointRole.OUTPUT,
        access=Access.PLAIN,
        properties=(*properties, PropertyId.PRIORITY_ARRAY),
        always_commanded=True,
    )


def _value(kind: PointKind, *properties: PropertyId) -> ObjectType:
    return ObjectType(
        kind=kind,
        role=PointRole.VALUE,
        access=Access.PLAIN,
        properties=(*properties, PropertyId.PRIORITY_ARRAY),
    )


_SHOWN_TEXT = ObjectType(
    kind=PointKind.TEXT, role=PointRole.VALUE, access=Access.READ_ONLY
)

OBJECT_TYPES: Final[dict[int, ObjectType]] = {
    0: _input(PointKind.ANALOG, *_NUMBER, PropertyId.DEVICE_TYPE),
    1: _output(PointKind.ANALOG, *_NUMBER, PropertyId.DEVICE_TYPE),
    2: _value(PointKind.ANALOG, *_NUMBER),
    3: _input(PointKind.BINARY, *_TEXTS, PropertyId.DEVICE_TYPE),
    4: _output(PointKind.BINARY, *_TEXTS, PropertyId.DEVICE_TYPE),
    5: _value(PointKind.BINARY, *_TEXTS),
    12: ObjectType(
        kind=PointKind.ANALOG,
        role=PointRole.LOOP,
        access=Access.READ_ONLY,
        properties=(
            PropertyId.OUTPUT_UNITS,
            PropertyId.MINIMUM_OUTPUT,
            PropertyId.MAXIMUM_OUTPUT,
            PropertyId.COV_INCREMENT,
        ),
    ),
    13: _input(PointKind.MULTI_STATE, *_STATES, PropertyId.DEVICE_TYPE),
    14: _output(PointKind.MULTI_STATE, *_STATES, PropertyId.DEVICE_TYPE),
    19: _value(PointKind.MULTI_STATE, *_STATES),
    23: _input(
        PointKind.COUNTER,
        PropertyId.UNITS,
        PropertyId.MAX_PRES_VALUE,
        PropertyId.SCALE,
        PropertyId.DEVICE_TYPE,
    ),
    24: _input(PointKind.COUNTER, PropertyId.UNITS, PropertyId.COV_INCREMENT),
    39: _SHOWN_TEXT,
    40: _value(PointKind.TEXT),
    41: _SHOWN_TEXT,
    42: _SHOWN_TEXT,
    43: _SHOWN_TEXT,
    44: _SHOWN_TEXT,
    45: _value(PointKind.INTEGER, *_NUMBER),
    46: _value(PointKind.ANALOG, *_NUMBER),
    48: _value(PointKind.INTEGER, *_NUMBER),
    49: _SHOWN_TEXT,
    50: _SHOWN_TEXT,
    54: ObjectType(
        kind=PointKind.ANALOG,
        role=PointRole.OUTPUT,
        access=Access.PLAIN,
        properties=(PropertyId.COV_INCREMENT, PropertyId.PRIORITY_ARRAY),
        always_commanded=True,
        unit="percent",
        limits=(0.0, 100.0),
    ),
    55: _output(PointKind.BINARY),
}
"""Object types that are points, by number; all others are kept as references only."""
