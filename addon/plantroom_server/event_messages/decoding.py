"""An event's octets as what our device is told, or the reason why they are nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
    LocalDeviceFacts,
    LocalType,
    LocalValue,
    ObjectKey,
)
from custom_components.plantroom.engine.models import StatusFlags

from . import schema
from .models import (
    Define,
    Delete,
    Describe,
    MalformedEventError,
    Measured,
    Message,
    Show,
    Shown,
)
from .units import units_of

LARGEST_EVENT_OCTETS: Final = 256 * 1024
LARGEST_INSTANCE: Final = 4194302
MOST_STATES: Final = 65535
# A REAL has single precision (clause 20.2.6)
LARGEST_REAL: Final = 3.4028234663852886e38
MEASUREMENT: Final = "MeasurementRecorded"
_VALUE_TYPES: Final = {
    "analog": frozenset({"real", "unsigned", "signed"}),
    "binary": frozenset({"boolean", "enumerated", "unsigned"}),
    "multi": frozenset({"unsigned", "enumerated", "signed"}),
}


def decode(event_type: str, data: bytes, offset: int = 0) -> Message:
    """Return what an event asks for; raises MalformedEventError.

    offset: added to the instance of every object.
    """
    if len(data) > LARGEST_EVENT_OCTETS:
        raise MalformedEventError("too-large", f"{len(data)} octets are too many")
    if event_type == MEASUREMENT:
        return _measured(_strict(_MEASUREMENT, data))
    envelope = _strict(_ENVELOPE, data)
    name = _type_name(event_type, envelope.message_type)
    decoder, make = _MESSAGES[name]
    return make(_strict(decoder, envelope.payload), _utc(envelope.timestamp), offset)


def fitting_value(key: ObjectKey, value: bool | float, states: int) -> LocalValue:
    """Return a value as an object of that type holds it; raises MalformedEventError.

    states: how many a multi-state object has, 0 when nobody said.
    """
    if key.type.is_analog:
        if isinstance(value, bool) or not abs(value) <= LARGEST_REAL:
            raise _misfit(key, value, "takes a number of single precision")
        return float(value)
    if key.type.is_binary:
        if value not in {0, 1}:
            raise _misfit(key, value, "takes true, false, 0 or 1")
        return bool(value)
    whole = not isinstance(value, bool) and value % 1 == 0
    if not whole or not 1 <= value <= MOST_STATES or (states and value > states):
        raise _misfit(key, value, f"takes a state from 1 to {states or 'its last'}")
    return int(value)


def _type_name(event_type: str, message_type: str | None) -> str:
    named = event_type if event_type in _MESSAGES else None
    if named is not None and message_type not in {None, named}:
        raise MalformedEventError(
            "type-mismatch", f"event type {event_type} holds a {message_type}"
        )
    name = named or message_type
    if name is None or name not in _MESSAGES:
        raise MalformedEventError("unknown-type", f"unknown type {event_type}")
    return name


def _strict[T](decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw) -> T:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as err:
        raise MalformedEventError("invalid-field", str(err)) from err
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as err:
        raise MalformedEventError("invalid-json", str(err)) from err


def _define(sent: schema.ObjectDefinition, at: datetime, offset: int) -> Define:
    key = _key(sent.object_type, sent.object_instance, offset)
    if sent.present_value_type not in _VALUE_TYPES[sent.object_type.split("-")[0]]:
        raise MalformedEventError(
            "type-does-not-fit", f"{key.type} holds no {sent.present_value_type}"
        )
    units, disagree = units_of(sent.units, sent.units_text)
    states = _states(key, sent)
    count = len(states) or _state_count(key, sent)
    initial = sent.initial_value
    definition = LocalDefinition(
        key=key,
        name=sent.object_name,
        description=sent.description or "",
        units=units,
        cov_increment=sent.cov_increment,
        minimum=_finite("minPresentValue", sent.min_present_value),
        maximum=_finite("maxPresentValue", sent.max_present_value),
        resolution=sent.resolution,
        states=states,
        commandable=bool(sent.priority_array),
        initial=None if initial is None else fitting_value(key, initial, count),
    )
    _check_limits(definition)
    flags = None
    if sent.out_of_service is not None:
        flags = StatusFlags(out_of_service=sent.out_of_service)
    shown = Shown(
        flags=flags, reliability=sent.reliability, event_state=sent.event_state
    )
    return Define(at=at, definition=definition, shown=shown, units_disagree=disagree)


def _show(sent: schema.ValueUpdate, at: datetime, offset: int) -> Show:
    key = _key(sent.object_type, sent.object_instance, offset)
    if sent.present_value is None and sent.priority is None:
        raise MalformedEventError("no-value", "null releases nothing without priority")
    source_at = _utc(sent.source_timestamp) if sent.source_timestamp else None
    return Show(
        at=source_at or at,
        source_at=source_at,
        key=key,
        value=sent.present_value,
        priority=sent.priority,
        releases=sent.present_value is None,
        shown=_shown(sent),
    )


def _shown(sent: schema.ValueUpdate) -> Shown:
    flags = None
    if sent.status_flags is not None:
        flags = StatusFlags(
            in_alarm=sent.status_flags.in_alarm,
            fault=sent.status_flags.fault,
            overridden=sent.status_flags.overridden,
            out_of_service=sent.status_flags.out_of_service,
        )
    reliability = sent.reliability
    if reliability is None and sent.quality is not None:
        bad = sent.quality == "bad"
        reliability = "unreliable-other" if bad else "no-fault-detected"
    return Shown(flags=flags, reliability=reliability, event_state=sent.event_state)


def _delete(sent: schema.ObjectDelete, at: datetime, offset: int) -> Delete:
    key = _key(sent.object_type, sent.object_instance, offset)
    return Delete(at=at, key=key, reason=sent.reason or "")


def _describe(sent: schema.DeviceConfig, at: datetime, _offset: int) -> Describe:
    return Describe(
        at=at,
        facts=LocalDeviceFacts(
            name=sent.device_name or "",
            description=sent.device_description or "",
            location=sent.location or "",
            model=sent.model_name or "",
            vendor=sent.vendor_name or "",
            software=sent.application_software_version or "",
        ),
    )


def _measured(sent: schema.MeasurementRecorded) -> Measured:
    value = _finite("value", sent.value)
    units, _ = units_of(None, sent.unit)
    return Measured(
        at=_utc(sent.timestamp), sensor=sent.sensor_id, value=value or 0.0, units=units
    )


def _key(object_type: str, instance: int, offset: int) -> ObjectKey:
    if instance + offset > LARGEST_INSTANCE:
        raise MalformedEventError(
            "invalid-field", f"instance {instance} + {offset} is too large"
        )
    return ObjectKey(LocalType(object_type), instance + offset)


def _states(key: ObjectKey, sent: schema.ObjectDefinition) -> tuple[str, ...]:
    if key.type.is_binary:
        if sent.inactive_text is None and sent.active_text is None:
            return ()
        return (sent.inactive_text or "inactive", sent.active_text or "active")
    return () if key.type.is_analog else tuple(sent.state_texts or ())


def _state_count(key: ObjectKey, sent: schema.ObjectDefinition) -> int:
    if key.type.is_analog or key.type.is_binary or sent.max_present_value is None:
        return 0
    return int(_finite("maxPresentValue", sent.max_present_value) or 0)


def _check_limits(definition: LocalDefinition) -> None:
    low, high = definition.minimum, definition.maximum
    if low is not None and high is not None and low > high:
        raise MalformedEventError("invalid-field", "minPresentValue is above the max")


def _finite(name: str, value: float | None) -> float | None:
    if value is None:
        return None
    if not abs(value) <= LARGEST_REAL:
        raise MalformedEventError("invalid-field", f"{name} is not of single precision")
    return float(value)


def _misfit(key: ObjectKey, value: object, text: str) -> MalformedEventError:
    return MalformedEventError(
        "value-does-not-fit", f"{key.type} {key.instance} {text}, not {value}"
    )


def _utc(at: datetime) -> datetime:
    """Return a moment in UTC; one without an offset is taken to be so already."""
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as err:
        raise MalformedEventError("invalid-field", "a time out of range") from err


_ENVELOPE: Final = msgspec.json.Decoder(schema.Envelope)
_MEASUREMENT: Final = msgspec.json.Decoder(schema.MeasurementRecorded)
_MESSAGES: Final[
    dict[str, tuple[msgspec.json.Decoder[Any], Callable[[Any, datetime, int], Message]]]
] = {
    "ObjectDefinition": (msgspec.json.Decoder(schema.ObjectDefinition), _define),
    "ValueUpdate": (msgspec.json.Decoder(schema.ValueUpdate), _show),
    "ObjectDelete": (msgspec.json.Decoder(schema.ObjectDelete), _delete),
    "DeviceConfig": (msgspec.json.Decoder(schema.DeviceConfig), _describe),
}
KNOWN_TYPES: Final = (*_MESSAGES, MEASUREMENT)
