"""WriteProperty and WritePropertyMultiple taken apart (clauses 15.9 and 15.10)."""

from typing import Final, NamedTuple

from ..octets.encoding import Element, ObjectId, Primitive, Tagged, walk
from ..octets.parameters import Parameters
from ..octets.tags import MalformedFrameError
from .refusals import REJECT_MISSING_PARAMETER, REJECT_OUT_OF_RANGE, RejectedError

MOST_WRITES: Final = 2000
_PRIORITIES: Final = range(1, 17)
_VALUE_OF_ONE: Final = 3
_VALUE_OF_MANY: Final = 2


class PropertyWrite(NamedTuple):
    """One property and what it is to be; priority as sent, None without one.

    values: as many as the value has elements; what is constructed stays Tagged.
    """

    object_id: ObjectId
    property_id: int
    array_index: int | None
    values: tuple[Primitive | Tagged, ...]
    priority: int | None


def decode_write_property(body: bytes) -> PropertyWrite:
    """Return what is asked for; raises MalformedFrameError, RejectedError."""
    asked = Parameters(walk(body))
    for tag in (0, 1, _VALUE_OF_ONE):
        if tag not in asked:
            raise RejectedError(REJECT_MISSING_PARAMETER)
    return PropertyWrite(
        object_id=asked.object_id(0),
        property_id=asked.unsigned(1),
        array_index=asked.unsigned(2) if 2 in asked else None,
        values=asked.elements(_VALUE_OF_ONE),
        priority=_priority(asked, 4),
    )


def decode_write_property_multiple(body: bytes) -> tuple[PropertyWrite, ...]:
    """Return what is asked for, in order; raises MalformedFrameError, RejectedError."""
    elements = walk(body)
    if not elements or len(elements) % 2:
        raise RejectedError(REJECT_MISSING_PARAMETER)
    writes: list[PropertyWrite] = []
    for named, listed in zip(elements[::2], elements[1::2], strict=True):
        object_id = Parameters((named,)).object_id(0)
        if not isinstance(listed, Tagged) or listed.tag != 1:
            raise MalformedFrameError("an object without its list of properties")
        for part in _parts(listed):
            writes.append(_one_of_many(object_id, part))
            if len(writes) > MOST_WRITES:
                raise RejectedError(REJECT_OUT_OF_RANGE)
    return tuple(writes)


def _parts(listed: Tagged) -> list[list[Element]]:
    """Return the parameters of each property: it begins with context tag 0."""
    if not isinstance(listed.content, tuple) or not listed.content:
        raise RejectedError(REJECT_MISSING_PARAMETER)
    parts: list[list[Element]] = []
    for element in listed.content:
        if not isinstance(element, Tagged):
            raise MalformedFrameError("a property without its tag")
        if element.tag == 0:
            parts.append([])
        if not parts:
            raise RejectedError(REJECT_MISSING_PARAMETER)
        parts[-1].append(element)
    return parts


def _one_of_many(object_id: ObjectId, part: list[Element]) -> PropertyWrite:
    asked = Parameters(part)
    if _VALUE_OF_MANY not in asked:
        raise RejectedError(REJECT_MISSING_PARAMETER)
    return PropertyWrite(
        object_id=object_id,
        property_id=asked.unsigned(0),
        array_index=asked.unsigned(1) if 1 in asked else None,
        values=asked.elements(_VALUE_OF_MANY),
        priority=_priority(asked, 3),
    )


def _priority(asked: Parameters, tag: int) -> int | None:
    if tag not in asked:
        return None
    priority = asked.unsigned(tag)
    if priority not in _PRIORITIES:
        raise RejectedError(REJECT_OUT_OF_RANGE)
    return priority
