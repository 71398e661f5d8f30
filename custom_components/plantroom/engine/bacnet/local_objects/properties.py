"""The properties of the nine object types and how each is encoded (clause 12)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..names.property_ids import PropertyId
from ..octets.encoding import Enumerated, encode_primitive
from .commanding import active_priority
from .encoding import (
    NULL,
    OBJECT_TYPE_NUMBERS,
    encode_event_state,
    encode_flags,
    encode_optional,
    encode_real,
    encode_reliability,
    encode_value,
    object_id_of_key,
)
from .models import LocalDefinition, LocalState, LocalType

type Encoder = Callable[[LocalDefinition, LocalState], bytes]
type ElementsEncoder = Callable[[LocalDefinition, LocalState], tuple[bytes, ...]]
type Presence = Callable[[LocalDefinition], bool]


def _always(_definition: LocalDefinition) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalProperty:
    """A property of an object type.

    encode: of one value. elements: of an array. required: by the standard. shown:
    whether it changes with the object's state. present: whether an object has it.
    """

    encode: Encoder | None = None
    elements: ElementsEncoder | None = None
    required: bool = True
    shown: bool = False
    present: Presence = _always


def properties_of(definition: LocalDefinition) -> list[int]:
    """Return the properties that an object has, Property_List among them."""
    table = PROPERTIES[definition.key.type]
    return [number for number, each in table.items() if each.present(definition)]


def property_list(properties: list[int]) -> tuple[bytes, ...]:
    """Return the elements of Property_List of all properties (clause 12.1.1.4.1)."""
    return tuple(
        encode_primitive(Enumerated(number))
        for number in properties
        if number not in NOT_LISTED
    )


NOT_LISTED: Final = frozenset(
    (
        PropertyId.OBJECT_IDENTIFIER,
        PropertyId.OBJECT_NAME,
        PropertyId.OBJECT_TYPE,
        PropertyId.PROPERTY_LIST,
    )
)


def _present_value(definition: LocalDefinition, state: LocalState) -> bytes:
    return encode_value(definition.key.type, state.value)


def _priority_array(
    definition: LocalDefinition, state: LocalState
) -> tuple[bytes, ...]:
    return tuple(encode_optional(definition.key.type, each) for each in state.slots)


def _relinquish_default(definition: LocalDefinition, state: LocalState) -> bytes:
    default = state.relinquish_default
    return encode_value(
        definition.key.type, state.value if default is None else default
    )


def _current_command_priority(_: LocalDefinition, state: LocalState) -> bytes:
    priority = active_priority(state)
    return NULL if priority is None else encode_primitive(priority)


def _number(
    read: Callable[[LocalDefinition], float | None], *, required: bool = False
) -> LocalProperty:
    """Return a REAL that an object has when its definition names it."""
    return LocalProperty(
        encode=lambda definition, _: encode_real(read(definition) or 0.0),
        required=required,
        present=lambda definition: required or read(definition) is not None,
    )


def _state_text(index: int) -> LocalProperty:
    """Return Inactive_Text or Active_Text, which an object has both or neither of."""
    return LocalProperty(
        encode=lambda definition, _: encode_primitive(definition.states[index]),
        required=False,
        present=lambda definition: len(definition.states) == 2,
    )


_COMMON: Final[dict[int, LocalProperty]] = {
    PropertyId.OBJECT_IDENTIFIER: LocalProperty(
        encode=lambda definition, _: encode_primitive(object_id_of_key(definition.key))
    ),
    PropertyId.OBJECT_NAME: LocalProperty(
        encode=lambda definition, _: encode_primitive(definition.name)
    ),
    PropertyId.OBJECT_TYPE: LocalProperty(
        encode=lambda definition, _: encode_primitive(
            Enumerated(OBJECT_TYPE_NUMBERS[definition.key.type])
        )
    ),
    PropertyId.PRESENT_VALUE: LocalProperty(encode=_present_value, shown=True),
    PropertyId.STATUS_FLAGS: LocalProperty(
        encode=lambda _, state: encode_flags(state.flags), shown=True
    ),
    PropertyId.EVENT_STATE: LocalProperty(
        encode=lambda _, state: encode_event_state(state.event_state), shown=True
    ),
    PropertyId.OUT_OF_SERVICE: LocalProperty(
        encode=lambda _, state: encode_primitive(state.flags.out_of_service),
        shown=True,
    ),
    PropertyId.RELIABILITY: LocalProperty(
        encode=lambda _, state: encode_reliability(state.reliability),
        required=False,
        shown=True,
    ),
    PropertyId.DESCRIPTION: LocalProperty(
        encode=lambda definition, _: encode_primitive(definition.description),
        required=False,
    ),
}

_ANALOG: Final[dict[int, LocalProperty]] = {
    PropertyId.UNITS: LocalProperty(
        encode=lambda definition, _: encode_primitive(Enumerated(definition.units))
    ),
    PropertyId.MIN_PRES_VALUE: _number(lambda definition: definition.minimum),
    PropertyId.MAX_PRES_VALUE: _number(lambda definition: definition.maximum),
    PropertyId.RESOLUTION: _number(lambda definition: definition.resolution),
    PropertyId.COV_INCREMENT: _number(
        lambda definition: definition.cov_increment, required=True
    ),
}

_POLARITY: Final[dict[int, LocalProperty]] = {
    PropertyId.POLARITY: LocalProperty(
        encode=lambda _definition, _state: encode_primitive(Enumerated(0))
    )
}

_BINARY: Final[dict[int, LocalProperty]] = {
    PropertyId.INACTIVE_TEXT: _state_text(0),
    PropertyId.ACTIVE_TEXT: _state_text(1),
}

_MULTI_STATE: Final[dict[int, LocalProperty]] = {
    PropertyId.NUMBER_OF_STATES: LocalProperty(
        encode=lambda definition, _: encode_primitive(definition.state_count)
    ),
    PropertyId.STATE_TEXT: LocalProperty(
        elements=lambda definition, _: tuple(map(encode_primitive, definition.states)),
        required=False,
        present=lambda definition: bool(definition.states),
    ),
}


def _commandable(*, required: bool) -> dict[int, LocalProperty]:
    def present(definition: LocalDefinition) -> bool:
        return definition.has_priorities

    return {
        PropertyId.PRIORITY_ARRAY: LocalProperty(
            elements=_priority_array, required=required, shown=True, present=present
        ),
        PropertyId.RELINQUISH_DEFAULT: LocalProperty(
            encode=_relinquish_default, required=required, shown=True, present=present
        ),
        PropertyId.CURRENT_COMMAND_PRIORITY: LocalProperty(
            encode=_current_command_priority,
            required=False,
            shown=True,
            present=present,
        ),
    }


def _of_type(kind: LocalType) -> dict[int, LocalProperty]:
    table = dict(_COMMON)
    if kind.is_analog:
        table |= _ANALOG
    elif kind.is_binary:
        table |= _BINARY if kind is LocalType.BINARY_VALUE else _POLARITY | _BINARY
    else:
        table |= _MULTI_STATE
    if not kind.endswith("input"):
        table |= _commandable(required=kind.is_output)
    table[PropertyId.PROPERTY_LIST] = LocalProperty(
        elements=lambda definition, _: property_list(properties_of(definition))
    )
    return table


PROPERTIES: Final[dict[LocalType, dict[int, LocalProperty]]] = {
    kind: _of_type(kind) for kind in LocalType
}
"""What each object type may have, in the order in which it is told."""
