"""What can be read of an object of our device, kept encoded until it changes."""

from abc import abstractmethod
from typing import Final, Protocol, override

from ..names.property_ids import PropertyId
from ..octets.encoding import ObjectId, encode_primitive
from .encoding import object_id_of_key
from .models import LocalDefinition, LocalState
from .properties import PROPERTIES, LocalProperty, properties_of
from .refusals import (
    INVALID_ARRAY_INDEX,
    NOT_AN_ARRAY,
    UNKNOWN_PROPERTY,
    RefusedError,
)


class Readable(Protocol):
    """An object as the read services see it."""

    __slots__ = ()

    object_id: ObjectId
    kept: dict[int, bytes]

    @abstractmethod
    def value(self, property_id: int) -> bytes:
        """Return a whole property encoded, or raise RefusedError."""

    @abstractmethod
    def element(self, property_id: int, index: int) -> bytes:
        """Return one element of an array, its length at 0; raises RefusedError."""

    @abstractmethod
    def properties(self, *, required: bool | None) -> list[int]:
        """Return the properties of ALL, REQUIRED or OPTIONAL (clause 15.7.3.1.2).

        required: None for all. Property_List is in none of them.
        """


class ServedObject(Readable):
    """One of LocalObjects; kept holds encoded values, told of each change."""

    __slots__ = ("_table", "definition", "kept", "object_id", "state")

    def __init__(self, definition: LocalDefinition, state: LocalState) -> None:
        """Take what it is and shows."""
        self.object_id = object_id_of_key(definition.key)
        self.kept: dict[int, bytes] = {}
        self._table = PROPERTIES[definition.key.type]
        self.definition = definition
        self.state = state

    def redefine(self, definition: LocalDefinition, state: LocalState) -> None:
        """Take what it is from now on."""
        self.kept.clear()
        self.definition = definition
        self.state = state

    def show(self, state: LocalState) -> None:
        """Take what it shows from now on."""
        kept = self.kept
        if kept:
            for property_id in _SHOWN:
                kept.pop(property_id, None)
        self.state = state

    @override
    def value(self, property_id: int) -> bytes:
        known = self.kept.get(property_id)
        if known is not None:
            return known
        found = self._property(property_id)
        if found.elements is not None:
            octets = b"".join(found.elements(self.definition, self.state))
        elif found.encode is not None:
            octets = found.encode(self.definition, self.state)
        else:
            raise RefusedError(UNKNOWN_PROPERTY)
        self.kept[property_id] = octets
        return octets

    @override
    def element(self, property_id: int, index: int) -> bytes:
        found = self._property(property_id)
        if found.elements is None:
            raise RefusedError(NOT_AN_ARRAY)
        return element_of(found.elements(self.definition, self.state), index)

    @override
    def properties(self, *, required: bool | None) -> list[int]:
        return [
            number
            for number in properties_of(self.definition)
            if number != PropertyId.PROPERTY_LIST
            and required in {None, self._table[number].required}
        ]

    def _property(self, property_id: int) -> LocalProperty:
        found = self._table.get(property_id)
        if found is None or not found.present(self.definition):
            raise RefusedError(UNKNOWN_PROPERTY)
        return found


def element_of(elements: tuple[bytes, ...], index: int) -> bytes:
    """Return an element of an array, its length at 0; raises RefusedError."""
    if index == 0:
        return encode_primitive(len(elements))
    if index > len(elements):
        raise RefusedError(INVALID_ARRAY_INDEX)
    return elements[index - 1]


_SHOWN: Final = tuple(
    dict.fromkeys(
        number
        for table in PROPERTIES.values()
        for number, each in table.items()
        if each.shown
    )
)
