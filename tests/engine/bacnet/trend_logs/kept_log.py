"""A log that a test keeps, asked as a device would be, with what may be odd of one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
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
from custom_components.plantroom.engine.bacnet.octets.tags import encode_brackets
from custom_components.plantroom.engine.bacnet.trend_logs.record_reader import Record
from custom_components.plantroom.engine.errors import DeviceRefusedError

LOG = ObjectId(20, 1)
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
POSITION, SEQUENCE, TIME = 3, 6, 7


def stamp(at: datetime) -> tuple[Date, Time]:
    """Return a moment as the device tells it."""
    return (
        Date(at.year, at.month, at.day, at.isoweekday()),
        Time(at.hour, at.minute, at.second, 0),
    )


def minute(number: int) -> datetime:
    """Return when a record was made, one a minute."""
    return BEGIN + timedelta(minutes=number)


def refused(reason: str) -> DeviceRefusedError:
    """Return what a device answers instead."""
    return DeviceRefusedError(reason, device="n:1", reason=reason)


@dataclass(kw_only=True)
class KeptLog:
    """Records numbered from `first` on; `values` are theirs.

    room: how many a reply has room for. refuses: what it does not answer by. trims:
    gives what fits instead of refusing. numbers: tells sequence numbers.
    """

    values: list[float]
    first: int = 1
    room: int = 1000
    refuses: frozenset[int] = frozenset()
    reason: str = "parameter-out-of-range"
    trims: bool = True
    numbers: bool = True
    stuck: bool = False
    asked: list[tuple[int, int]] = field(default_factory=list)
    on_request: Callable[[], None] = lambda: None
    _answer: bytes = b""

    async def request(
        self, service: int, data: bytes, *, urgent: bool = False
    ) -> bytes:
        """Answer a ReadRange."""
        assert service == 26
        assert not urgent
        self.on_request()
        object_id, property_id, wanted = walk(data)
        assert object_id == Tagged(0, encode_context(0, LOG)[1:])
        assert property_id == Tagged(1, bytes((131,)))
        assert isinstance(wanted, Tagged)
        assert isinstance(wanted.content, tuple)
        *reference, count = wanted.content
        assert isinstance(count, Signed)
        self.asked.append((wanted.tag, count))
        if wanted.tag in self.refuses:
            raise refused(self.reason)
        if self.stuck and self._answer:
            return self._answer
        low, high = self._range(wanted.tag, reference, count)
        if high - low > self.room and not self.trims:
            raise refused("abort-segmentation-not-supported")
        self._answer = self._page(wanted.tag, low, min(high, low + self.room))
        return self._answer

    def _range(self, tag: int, reference: list[Element], count: int) -> tuple[int, int]:
        held = len(self.values)
        if tag == TIME:
            newer = [n for n in range(held) if [*stamp(minute(n))] > reference]
            if count < 0:
                older = [n for n in range(held) if [*stamp(minute(n))] < reference]
                return (older[-1], older[-1] + 1) if older else (0, 0)
            return (newer[0], min(newer[0] + count, held)) if newer else (0, 0)
        (number,) = reference
        assert isinstance(number, int)
        low = number - (1 if tag == POSITION else self.first)
        if tag == SEQUENCE and low < 0:
            low += 4_294_967_295
        return (low, min(low + count, held)) if 0 <= low < held else (0, 0)

    def _page(self, tag: int, low: int, high: int) -> bytes:
        items = b"".join(self._record(n) for n in range(low, high))
        last = high == len(self.values) and high > low
        answer = (
            encode_context(0, LOG)
            + encode_context(1, 131)
            + encode_context(3, BitString((low == 0, last, False)))
            + encode_context(4, high - low)
            + encode_context(5, Constructed(items))
        )
        if tag != POSITION and self.numbers and high > low:
            number = self.first + low
            wrapped = number - 4_294_967_295
            answer += encode_context(6, wrapped if wrapped > 0 else number)
        return answer

    def _record(self, number: int) -> bytes:
        date, time = stamp(minute(number))
        opening, closing = encode_brackets(1)
        return (
            encode_context(
                0, Constructed(encode_primitive(date) + encode_primitive(time))
            )
            + opening
            + encode_context(2, self.values[number])
            + closing
        )


def values_of(records: list[Record]) -> list[object]:
    """Return what was logged."""
    return [record[0].value for record in records]
