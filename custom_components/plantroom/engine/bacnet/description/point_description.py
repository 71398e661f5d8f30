"""A point made of what its object says of itself; pure."""

from dataclasses import dataclass

from ...models import Access, Point, PointKind
from ..names.property_ids import PropertyId
from ..names.units import unit_name
from ..octets.encoding import ObjectId
from ..octets.rpm import PropertyRef
from .object_names import binary_texts, state_texts
from .object_types import OBJECT_TYPES, ObjectType, reference_of
from .property_results import UNKNOWN_OBJECT, UNKNOWN_PROPERTY, ObjectProperties

_LAST_PRIORITY = 16
_ALL_TYPES = (PropertyId.OBJECT_NAME, PropertyId.DESCRIPTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    minimum: float | None = None
    maximum: float | None = None


def description_refs(object_id: ObjectId) -> list[PropertyRef]:
    """Return the properties that describe an object of one of OBJECT_TYPES.

    Of the priority array only the last element: it proves that there is one.
    """
    object_type = OBJECT_TYPES[object_id.object_type]
    return [
        PropertyRef(
            *object_id,
            property_id,
            _LAST_PRIORITY if property_id is PropertyId.PRIORITY_ARRAY else None,
        )
        for property_id in (*_ALL_TYPES, *object_type.properties)
    ]


def describe_point(
    device_id: str, object_id: ObjectId, name: str, properties: ObjectProperties
) -> Point:
    """Return the point that an object of one of OBJECT_TYPES is; the name is given."""
    object_type = OBJECT_TYPES[object_id.object_type]
    reference = reference_of(object_id)
    scale = properties.scale()
    limits = _limits(object_type, properties, scale)
    return Point(
        point_id=f"{device_id}:{reference}",
        device_id=device_id,
        reference=reference,
        kind=object_type.kind,
        role=object_type.role,
        access=_access(object_type, properties),
        name=name,
        description=properties.text(PropertyId.DESCRIPTION),
        unit=_unit(object_type, properties),
        states=_states(object_type, properties),
        minimum=limits.minimum,
        maximum=limits.maximum,
        resolution=_above_zero(properties.number(PropertyId.RESOLUTION)),
        cov_increment=_cov_increment(properties),
        device_type=properties.text(PropertyId.DEVICE_TYPE),
        scale=scale,
    )


def _access(object_type: ObjectType, properties: ObjectProperties) -> Access:
    if PropertyId.PRIORITY_ARRAY not in object_type.properties:
        return object_type.access
    error = properties.error(PropertyId.PRIORITY_ARRAY)
    if not error:
        return Access.COMMANDABLE
    absent = error in {UNKNOWN_PROPERTY, UNKNOWN_OBJECT}
    if object_type.always_commanded and not absent:
        return Access.COMMANDABLE
    return object_type.access


def _unit(object_type: ObjectType, properties: ObjectProperties) -> str:
    number = properties.whole(
        PropertyId.OUTPUT_UNITS
        if PropertyId.OUTPUT_UNITS in object_type.properties
        else PropertyId.UNITS
    )
    return object_type.unit if number is None else unit_name(number)


def _states(object_type: ObjectType, properties: ObjectProperties) -> tuple[str, ...]:
    if object_type.kind is PointKind.BINARY:
        return binary_texts(
            properties.text(PropertyId.INACTIVE_TEXT),
            properties.text(PropertyId.ACTIVE_TEXT),
        )
    if object_type.kind is PointKind.MULTI_STATE:
        return state_texts(
            properties.values(PropertyId.STATE_TEXT),
            properties.whole(PropertyId.NUMBER_OF_STATES),
        )
    return ()


def _limits(
    object_type: ObjectType, properties: ObjectProperties, scale: float
) -> _Limits:
    """Return limits where they leave room; equal ones are what nobody filled in."""
    if object_type.limits is not None:
        minimum, maximum = object_type.limits
        return _Limits(minimum=minimum, maximum=maximum)
    low = properties.number(PropertyId.MIN_PRES_VALUE)
    high = properties.number(PropertyId.MAX_PRES_VALUE)
    if PropertyId.MINIMUM_OUTPUT in object_type.properties:
        low = properties.number(PropertyId.MINIMUM_OUTPUT)
        high = properties.number(PropertyId.MAXIMUM_OUTPUT)
    if low is not None and high is not None and low >= high:
        return _Limits()
    return _Limits(
        minimum=None if low is None else low * scale,
        maximum=None if high is None else high * scale,
    )


def _above_zero(number: float | None) -> float | None:
    return number if number is not None and number > 0 else None


def _cov_increment(properties: ObjectProperties) -> float | None:
    increment = properties.number(PropertyId.COV_INCREMENT)
    return increment if increment is not None and increment >= 0 else None
