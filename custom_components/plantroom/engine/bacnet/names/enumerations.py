"""Properties whose numbers and bits have names: how to show them."""

from typing import Final

from ..description.object_types import OBJECT_TYPE_NAMES
from .number_names import NumberNames
from .property_ids import PropertyId
from .service_names import SERVICES
from .units import UNITS


def enumeration_of(property_id: int) -> NumberNames | None:
    """Return the names of an enumerated property's numbers, or None."""
    return _ENUMERATIONS.get(property_id)


def bit_names_of(property_id: int) -> tuple[str, ...]:
    """Return the names of a bit string's bits, () where each is known by its number."""
    return _BIT_NAMES.get(property_id, ())


RELIABILITIES: Final = NumberNames(
    (
        0,
        """
        no-fault-detected no-sensor over-range under-range open-loop shorted-loop
        no-output unreliable-other process-error multi-state-fault
        configuration-error
        """,
    ),
    (
        12,
        """
        communication-failure member-fault monitored-object-fault tripped
        lamp-failure activation-failure renew-dhcp-failure
        renew-fd-registration-failure restart-auto-negotiation-failure
        restart-failure proprietary-command-failure faults-listed
        referenced-object-fault multi-state-out-of-range
        """,
    ),
    unknown="reliability-{}",
)
"""BACnetReliability of clause 21."""

STATUS_FLAGS: Final = ("in-alarm", "fault", "overridden", "out-of-service")
_TRANSITIONS: Final = ("to-offnormal", "to-fault", "to-normal")
EVENT_STATES: Final = NumberNames(
    (0, "normal fault offnormal high-limit low-limit life-safety-alarm"),
    unknown="event-state-{}",
)
NOTIFY_TYPES: Final = NumberNames((0, "alarm event ack-notification"))
POLARITIES: Final = NumberNames((0, "normal reverse"))
_SEGMENTATIONS: Final = NumberNames(
    (0, "segmented-both segmented-transmit segmented-receive no-segmentation")
)
SYSTEM_STATES: Final = NumberNames(
    (
        0,
        """
        operational operational-read-only download-required download-in-progress
        non-operational backup-in-progress
        """,
    ),
    unknown="system-status-{}",
)
_OBJECT_TYPE = 79
_CONTROLLED_VARIABLE_UNITS = 20
_DERIVATIVE_CONSTANT_UNITS = 27
_INTEGRAL_CONSTANT_UNITS = 50
_NOTIFY_TYPE = 72
_POLARITY = 84
_PROPORTIONAL_CONSTANT_UNITS = 94
_SYSTEM_STATUS = 112

_ENUMERATIONS: Final[dict[int, NumberNames]] = {
    _CONTROLLED_VARIABLE_UNITS: UNITS,
    _DERIVATIVE_CONSTANT_UNITS: UNITS,
    PropertyId.EVENT_STATE: EVENT_STATES,
    _INTEGRAL_CONSTANT_UNITS: UNITS,
    _NOTIFY_TYPE: NOTIFY_TYPES,
    _OBJECT_TYPE: OBJECT_TYPE_NAMES,
    PropertyId.OUTPUT_UNITS: UNITS,
    _POLARITY: POLARITIES,
    _PROPORTIONAL_CONSTANT_UNITS: UNITS,
    PropertyId.RELIABILITY: RELIABILITIES,
    PropertyId.SEGMENTATION_SUPPORTED: _SEGMENTATIONS,
    _SYSTEM_STATUS: SYSTEM_STATES,
    PropertyId.UNITS: UNITS,
}

_ACKED_TRANSITIONS = 0
_EVENT_ENABLE = 35
_LIMIT_ENABLE = 52
_OBJECT_TYPES_SUPPORTED = 96


def _in_order(names: NumberNames) -> tuple[str, ...]:
    return tuple(names.name(number) for number in range(max(names.known) + 1))


_BIT_NAMES: Final[dict[int, tuple[str, ...]]] = {
    _ACKED_TRANSITIONS: _TRANSITIONS,
    _EVENT_ENABLE: _TRANSITIONS,
    _LIMIT_ENABLE: ("low-limit", "high-limit"),
    _OBJECT_TYPES_SUPPORTED: _in_order(OBJECT_TYPE_NAMES),
    PropertyId.PROTOCOL_SERVICES_SUPPORTED: _in_order(SERVICES),
    PropertyId.STATUS_FLAGS: STATUS_FLAGS,
}
