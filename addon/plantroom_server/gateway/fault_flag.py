"""The fault flag, which says the same as the reliability."""

from dataclasses import replace

from custom_components.plantroom.engine.bacnet.local_objects.models import LocalState
from custom_components.plantroom.engine.models import StatusFlags


def with_fault(
    flags: StatusFlags | None, reliability: str | None, state: LocalState | None
) -> StatusFlags | None:
    """Return status flags whose fault flag agrees with the reliability (clause 12)."""
    if reliability is None or state is None:
        return flags
    fault = reliability != "no-fault-detected"
    if flags is not None:
        return replace(flags, fault=fault or flags.fault)
    return replace(state.flags, fault=fault)
