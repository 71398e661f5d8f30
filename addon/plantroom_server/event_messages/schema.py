"""The JSON of events as producers send it; msgspec holds it to this."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

type Instance = Annotated[int, Meta(ge=0, le=4194302)]
type Text255 = Annotated[str, Meta(max_length=255)]
type Text512 = Annotated[str, Meta(max_length=512)]
type Number = int | float
type ObjectTypeName = Literal[
    "analog-input",
    "analog-output",
    "analog-value",
    "binary-input",
    "binary-output",
    "binary-value",
    "multi-state-input",
    "multi-state-output",
    "multi-state-value",
]
type ReliabilityName = Literal[
    "no-fault-detected",
    "no-sensor",
    "over-range",
    "under-range",
    "open-loop",
    "shorted-loop",
    "unreliable-other",
    "communication-failure",
]
type EventStateName = Literal["normal", "fault", "offnormal", "high-limit", "low-limit"]
type ValueType = Literal["real", "unsigned", "signed", "enumerated", "boolean"]


class Envelope(Struct, frozen=True, rename="camel"):
    """What surrounds every message but plain measurements."""

    timestamp: datetime
    source_id: Annotated[str, Meta(min_length=1, max_length=255)]
    payload: Raw
    message_type: str | None = None


class ObjectDefinition(Struct, frozen=True, rename="camel"):
    """An object and all that it is."""

    object_type: ObjectTypeName
    object_instance: Instance
    object_name: Annotated[str, Meta(min_length=1, max_length=255)]
    present_value_type: ValueType
    description: Text512 | None = None
    units: Annotated[int, Meta(ge=0, le=65535)] | None = None
    units_text: Text255 | None = None
    cov_increment: Annotated[float, Meta(ge=0)] | None = None
    min_present_value: Number | None = None
    max_present_value: Number | None = None
    resolution: Annotated[float, Meta(ge=0)] | None = None
    state_texts: Annotated[list[Text255], Meta(max_length=1024)] | None = None
    inactive_text: Text255 | None = None
    active_text: Text255 | None = None
    initial_value: bool | int | float | None = None
    out_of_service: bool | None = None
    reliability: ReliabilityName | None = None
    event_state: EventStateName | None = None
    priority_array: bool | None = None


class SentFlags(Struct, frozen=True, rename="camel"):
    """Status flags; what is left out is not set."""

    in_alarm: bool = False
    fault: bool = False
    overridden: bool = False
    out_of_service: bool = False


class ValueUpdate(Struct, frozen=True, rename="camel"):
    """What an object shows now."""

    object_type: ObjectTypeName
    object_instance: Instance
    present_value: bool | int | float | None
    quality: Literal["good", "uncertain", "bad"] | None = None
    status_flags: SentFlags | None = None
    reliability: ReliabilityName | None = None
    event_state: EventStateName | None = None
    priority: Annotated[int, Meta(ge=1, le=16)] | None = None
    source_timestamp: datetime | None = None


class ObjectDelete(Struct, frozen=True, rename="camel"):
    """An object that is no more."""

    object_type: ObjectTypeName
    object_instance: Instance
    reason: Text512 | None = None


class DeviceConfig(Struct, frozen=True, rename="camel"):
    """What the device says of itself."""

    device_name: Text255 | None = None
    device_description: Text512 | None = None
    location: Text255 | None = None
    model_name: Text255 | None = None
    vendor_name: Text255 | None = None
    application_software_version: Annotated[str, Meta(max_length=64)] | None = None


class MeasurementRecorded(Struct, frozen=True, rename="camel"):
    """A plain measurement, without an envelope."""

    sensor_id: Annotated[str, Meta(min_length=1, max_length=255)]
    value: Number
    timestamp: datetime
    unit: Text255 | None = None
