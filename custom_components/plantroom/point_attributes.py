"""What a reading says beside its value, kept small: only what is not normal."""

from collections.abc import Sequence
from typing import Any, Final

from .engine.leases.models import Lease
from .engine.models import Point, PointValue, Protocol, Reading, StatusFlags
from .point_values import shown_switch

ATTR_REFERENCE: Final = {
    Protocol.BACNET: "bacnet_object",
    Protocol.MODBUS: "modbus_point",
}
ATTR_STATE_TEXT: Final = "state_text"

_RELIABLE: Final = frozenset({"", "no-fault-detected"})
_NO_FLAGS: Final = StatusFlags()
_TEXTS_OF_BINARY: Final = 2


def is_reliable(reading: Reading) -> bool:
    """Return whether a value may be used.

    Out of service, value and reliability are what a person set to try something.
    """
    if reading.flags.out_of_service:
        return True
    return not reading.flags.fault and reading.reliability in _RELIABLE


def is_overridden(reading: Reading, priority: int) -> bool:
    """Return whether something stronger than our priority commands the point."""
    stronger = reading.priority is not None and reading.priority < priority
    return stronger or reading.flags.overridden


def point_attributes(
    point: Point, reading: Reading | None, protocol: Protocol, priority: int
) -> dict[str, Any]:
    """Return the attributes of a point's entity; priority: the one we write at."""
    attributes: dict[str, Any] = {ATTR_REFERENCE[protocol]: point.reference}
    if reading is None:
        return attributes
    if reading.flags != _NO_FLAGS:
        attributes |= _flag_attributes(reading.flags)
    if reading.reliability not in _RELIABLE:
        attributes["reliability"] = reading.reliability
    if reading.priority is not None:
        attributes["priority"] = reading.priority
    if is_overridden(reading, priority):
        attributes["overridden"] = True
    if text := _state_text(point, reading.value):
        attributes[ATTR_STATE_TEXT] = text
    return attributes


def lease_attributes(leases: Sequence[Lease]) -> dict[str, Any]:
    """Return what is to be known of writes that end by themselves, {} without any.

    leases: of one point. Of several the first to end counts.
    """
    if not leases:
        return {}
    ends = [lease.until for lease in leases if lease.until is not None]
    attributes: dict[str, Any] = {
        "override_by": ", ".join(sorted({each.actor for each in leases if each.actor}))
    }
    if ends:
        attributes["override_until"] = min(ends).isoformat(timespec="seconds")
    if any(lease.bound for lease in leases):
        attributes["override_with_home_assistant"] = True
    if any(lease.ending for lease in leases):
        attributes["override_overdue"] = True
    return attributes


def _flag_attributes(flags: StatusFlags) -> dict[str, bool]:
    raised = {
        "in_alarm": flags.in_alarm,
        "fault": flags.fault,
        "out_of_service": flags.out_of_service,
    }
    return {name: True for name, is_raised in raised.items() if is_raised}


def _state_text(point: Point, value: PointValue) -> str:
    """Return the device's own word for an on or off value, "" without one."""
    active = shown_switch(value)
    if len(point.states) != _TEXTS_OF_BINARY or active is None:
        return ""
    return point.states[active]
