"""ReadRange in octets (clause 15.8): a part of a list, such as a log's records."""

from typing import Final, NamedTuple

from .encoding import (
    Date,
    Element,
    ObjectId,
    Signed,
    Tagged,
    Time,
    encode_context,
    encode_primitive,
    walk,
)
from .parameters import Parameters
from .tags import MalformedFrameError, encode_brackets

READ_RANGE: Final = 26
MOST_COUNT: Final = 32_767
LARGEST_UNSIGNED: Final = 0xFFFF_FFFF

_BY_POSITION, _BY_SEQUENCE_NUMBER, _BY_TIME = 3, 6, 7
_ITEM_DATA = 5
_FLAGS = 3


class ByPosition(NamedTuple):
    """Items from a position on, the first one being 1."""

    position: int


class BySequenceNumber(NamedTuple):
    """Items from a sequence number on."""

    number: int


class ByTime(NamedTuple):
    """Items newer than a moment, or older ones with a negative count."""

    date: Date
    time: Time


type RangeStart = ByPosition | BySequenceNumber | ByTime


class RangePage(NamedTuple):
    """What a device gave of a range.

    last: the list ends here. first_number: of the first item, None when not given.
    """

    items: tuple[Element, ...]
    last: bool
    first_number: int | None


def encode_read_range(
    object_id: ObjectId, property_id: int, start: RangeStart, count: int
) -> bytes:
    """Return the service data of a request for `count` items, before start if negative."""
    match start:
        case ByPosition(position):
            tag, reference = _BY_POSITION, encode_primitive(position)
        case BySequenceNumber(number):
            tag, reference = _BY_SEQUENCE_NUMBER, encode_primitive(number)
        case ByTime(date, time):
            tag, reference = _BY_TIME, encode_primitive(date) + encode_primitive(time)
    opening, closing = encode_brackets(tag)
    return (
        encode_context(0, object_id)
        + encode_context(1, property_id)
        + opening
        + reference
        + encode_primitive(Signed(count))
        + closing
    )


def decode_range_page(body: bytes) -> RangePage:
    """Return what an acknowledgement holds, or raise MalformedFrameError."""
    parameters = Parameters(walk(body))
    flags = parameters.bits(_FLAGS)
    if len(flags) < _FLAGS:
        raise MalformedFrameError("a range without its flags")
    items = parameters.elements(_ITEM_DATA) if _ITEM_DATA in parameters else ()
    return RangePage(
        items=items,
        last=flags[1],
        first_number=parameters.unsigned(6) if 6 in parameters else None,
    )


def records_of(page: RangePage) -> tuple[tuple[Tagged, ...], ...]:
    """Return the items that are constructed, each of which begins with its tag 0."""
    records: list[list[Tagged]] = []
    for element in page.items:
        if not isinstance(element, Tagged):
            raise MalformedFrameError("a log record with something else in it")
        if element.tag == 0:
            records.append([])
        elif not records:
            raise MalformedFrameError("a log record without its time")
        records[-1].append(element)
    return tuple(map(tuple, records))
