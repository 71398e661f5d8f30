"""What a present value becomes by commands: priority arrays and limits (clause 19.2)."""

from dataclasses import replace
from typing import Final

from ...errors import ConfigurationError
from .models import LocalDefinition, LocalState, LocalValue

PRIORITIES: Final = 16
LOWEST_PRIORITY: Final = 16
# Kept for the minimum on and off times; nobody else may write there (clause 19.2.3)
MINIMUM_TIME_PRIORITY: Final = 6


def first_state(definition: LocalDefinition) -> LocalState:
    """Return what an object shows that was never told anything."""
    value = fitted(definition, definition.initial)
    if not definition.has_priorities:
        return LocalState(value=value)
    return LocalState(value=value, slots=(None,) * PRIORITIES, relinquish_default=value)


def commanded(
    definition: LocalDefinition,
    state: LocalState,
    value: LocalValue | None,
    priority: int | None,
) -> LocalState:
    """Return what an object shows after a command; None releases a slot.

    Without a priority array the value itself changes. priority None there is the
    relinquish default of a commandable object.
    """
    if not definition.has_priorities:
        return state if value is None else replace(state, value=value)
    if priority is None:
        default = state.relinquish_default if value is None else value
        return _settled(replace(state, relinquish_default=default))
    slots = list(state.slots)
    slots[priority - 1] = value
    return _settled(replace(state, slots=tuple(slots)))


def redefined(definition: LocalDefinition, state: LocalState) -> LocalState:
    """Return what an object shows when what it is has changed: the same if it can."""
    if definition.has_priorities and not state.slots:
        return replace(
            state, slots=(None,) * PRIORITIES, relinquish_default=state.value
        )
    if not definition.has_priorities and state.slots:
        return replace(state, slots=(), relinquish_default=None)
    return state


def fitted(definition: LocalDefinition, value: LocalValue | None) -> LocalValue:
    """Return a value in the object's own type, its least one for None.

    Raises ConfigurationError for one that the object cannot show; limits are for
    clients, a measurement may lie beyond them.
    """
    kind = definition.key.type
    if value is None:
        return 0.0 if kind.is_analog else False if kind.is_binary else 1
    if kind.is_analog:
        return float(value)
    if kind.is_binary:
        if value not in {0, 1}:
            raise ConfigurationError(f"{value} is no binary value", field="value")
        return bool(value)
    states = definition.state_count
    if not 1 <= value <= states or value % 1:
        raise ConfigurationError(f"{value} is no state of 1 to {states}", field="value")
    return int(value)


def within_limits(definition: LocalDefinition, value: LocalValue) -> bool:
    """Return whether a client may command a value (clause 12, Min_Pres_Value)."""
    if not definition.key.type.is_analog:
        return True
    low, high = definition.minimum, definition.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def active_priority(state: LocalState) -> int | None:
    """Return the slot in command, None when nobody commands."""
    for priority, value in enumerate(state.slots, 1):
        if value is not None:
            return priority
    return None


def _settled(state: LocalState) -> LocalState:
    for value in state.slots:
        if value is not None:
            return replace(state, value=value)
    default = state.relinquish_default
    return state if default is None else replace(state, value=default)
