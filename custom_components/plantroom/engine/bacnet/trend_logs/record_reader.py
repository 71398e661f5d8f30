"""Reading a log's records page by page, however the device lets them be read."""

import logging
from collections.abc import Sequence
from typing import Final

from ...errors import DeviceRefusedError, MalformedReplyError
from ..description.object_types import reference_of
from ..event_pages import Asks
from ..names.property_ids import PropertyId
from ..octets.encoding import Date, ObjectId, Tagged, Time
from ..octets.log_records import (
    LogRecord,
    decode_log_multiple_record,
    decode_log_record,
)
from ..octets.read_range import (
    LARGEST_UNSIGNED,
    READ_RANGE,
    ByPosition,
    BySequenceNumber,
    ByTime,
    RangePage,
    RangeStart,
    decode_range_page,
    encode_read_range,
    records_of,
)
from ..octets.tags import MalformedFrameError
from ..reading.device_limits import RPM_REFUSED, TOO_LONG_REASONS
from .device_clock import seconds_of

_LOGGER = logging.getLogger(__name__)

MOST_RECORDS: Final = 100_000
MOST_PAGES: Final = 5000
HEADER_OCTETS: Final = 40
# A time stamp takes 14 octets, a REAL under its tags 7, status flags 3
RECORD_OCTETS: Final = 24
COLUMN_OCTETS: Final = 6
NO_READ_RANGE: Final = RPM_REFUSED
TREND_LOG: Final = 20
TREND_LOG_MULTIPLE: Final = 27

type Stamp = tuple[Date, Time]
type Record = tuple[LogRecord, ...]


class RecordReader:
    """Reads one log of one device; a record has a LogRecord for each column wanted."""

    def __init__(
        self,
        device: Asks,
        name: str,
        log: ObjectId,
        max_apdu: int,
        *,
        wanted: Sequence[int] = (0,),
        columns: int = 1,
    ) -> None:
        """Take the device, what to call it, and the log.

        wanted: which of a Trend Log Multiple's columns; columns: how many it has.
        """
        self._device = device
        self._name = f"{name} {reference_of(log)}"
        self._log = log
        self._wanted = tuple(wanted)
        octets = RECORD_OCTETS + COLUMN_OCTETS * (columns - 1)
        self._count = max(1, (max_apdu - HEADER_OCTETS) // octets)

    async def before(self, stamp: Stamp) -> list[Record]:
        """Return the one record before a moment, none where the device refuses."""
        try:
            page = await self._ask(ByTime(*stamp), -1)
        except DeviceRefusedError as err:
            if err.reason == NO_READ_RANGE:
                raise
            return []
        return self._records(page)

    async def since(self, stamp: Stamp, *, held: int, until: Stamp) -> list[Record]:
        """Return the records newer than a moment, oldest first; raises DeviceError.

        held: how many records the log has, for devices that know positions alone.
        until: later ones are not needed, and may be missing.
        """
        try:
            page = await self._page(ByTime(*stamp))
        except DeviceRefusedError as err:
            if err.reason == NO_READ_RANGE:
                raise
            _LOGGER.debug("%s is read by position: %s", self._name, err)
            return await self._by_position(stamp, held)
        return await self._following(page, until)

    async def _following(self, page: RangePage, until: Stamp) -> list[Record]:
        """Return the records of a page and of those after it."""
        found = self._records(page)
        for _ in range(MOST_PAGES):
            if page.last or not page.items or len(found) >= MOST_RECORDS:
                break
            if found and _is_before(until, found[-1][0][:2]):
                break
            before, page = page, await self._next_page(page, found)
            if page.items == before.items:
                raise MalformedReplyError(
                    f"{self._name} gives the same records for ever", device=self._name
                )
            found += self._records(page)
        return found

    async def _by_position(self, stamp: Stamp, held: int) -> list[Record]:
        """Return records from the newest back to the first before a moment.

        New ones may push others to lower positions meanwhile: some come twice.
        """
        pages: list[list[Record]] = []
        high = held
        while high > 0 and len(pages) < MOST_PAGES:
            low = max(1, high - self._count + 1)
            records = await self._window(low, high)
            pages.append(records)
            if not records or _is_before(records[0][0][:2], stamp):
                break
            high = low - 1
        return [record for page in reversed(pages) for record in page]

    async def _window(self, low: int, high: int) -> list[Record]:
        """Return the records at positions from low to high."""
        found: list[Record] = []
        at = low
        while at <= high:
            page = await self._page(ByPosition(at), high - at + 1)
            given = len(self._split(page))
            if not given:
                break
            found += self._records(page)
            at += given
        return found

    async def _next_page(self, page: RangePage, found: Sequence[Record]) -> RangePage:
        """Return the page after one; by time where sequence numbers do not help."""
        stamp = found[-1][0][:2] if found else None
        if page.first_number is not None or stamp is None:
            number = (page.first_number or 0) + len(self._split(page))
            # After the largest number comes 1
            excess = max(0, number - LARGEST_UNSIGNED)
            try:
                return await self._page(BySequenceNumber(excess or number))
            except DeviceRefusedError:
                if stamp is None:
                    raise
        return await self._page(ByTime(*stamp))

    async def _page(self, start: RangeStart, most: int | None = None) -> RangePage:
        """Return a page, of fewer records where the device cannot send as many."""
        while True:
            count = self._count if most is None else min(self._count, most)
            try:
                return await self._ask(start, count)
            except DeviceRefusedError as err:
                if err.reason not in TOO_LONG_REASONS or count == 1:
                    raise
                self._count = count // 2

    async def _ask(self, start: RangeStart, count: int) -> RangePage:
        octets = await self._device.request(
            READ_RANGE,
            encode_read_range(self._log, PropertyId.LOG_BUFFER, start, count),
        )
        try:
            return decode_range_page(octets)
        except MalformedFrameError as err:
            raise self._malformed(err) from err

    def _records(self, page: RangePage) -> list[Record]:
        """Return the records of a page but those that cannot be decoded."""
        found: list[Record] = []
        for raw in self._split(page):
            try:
                found.append(self._decoded(raw))
            except MalformedFrameError as err:
                _LOGGER.debug("A record of %s is left out: %s", self._name, err)
        return found

    def _decoded(self, raw: Sequence[Tagged]) -> Record:
        if self._log.object_type == TREND_LOG_MULTIPLE:
            return tuple(decode_log_multiple_record(raw, n) for n in self._wanted)
        return (decode_log_record(raw),)

    def _split(self, page: RangePage) -> tuple[tuple[Tagged, ...], ...]:
        try:
            return records_of(page)
        except MalformedFrameError as err:
            raise self._malformed(err) from err

    def _malformed(self, err: MalformedFrameError) -> MalformedReplyError:
        return MalformedReplyError(
            f"{self._name} cannot be decoded: {err}", device=self._name
        )


def _is_before(stamp: Stamp, other: Stamp) -> bool:
    at, limit = seconds_of(*stamp), seconds_of(*other)
    return at is not None and limit is not None and at < limit
