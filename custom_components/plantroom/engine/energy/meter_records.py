"""What meters counted, on its way from one engine to another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..checks import require
from ..commands import command
from .metering import Metering

LONGEST_RECORD: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRecord:
    """What one meter counted; record: JSON that only the engine's energy part reads."""

    point_id: str
    record: str

    def __post_init__(self) -> None:
        """Refuse what no engine ever kept."""
        require(":" in self.point_id, "point_id", "must name a point")
        require(len(self.record) <= LONGEST_RECORD, "record", "is too long")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMetersRequest:
    """Go on from what the meters counted in another engine."""

    records: tuple[MeterRecord, ...]


class MeterRecordCommands:
    """How counters go on when the engine moves to another process."""

    _metering: Metering

    @command("meter_records")
    async def meter_records(self) -> tuple[MeterRecord, ...]:
        """Return what every meter has counted up to now."""
        return tuple(_records(await self._metering.records()))

    @command("take_meter_records")
    async def take_meter_records(self, request: TakeMetersRequest) -> None:
        """Count on from these, once their devices are configured.

        Raises StorageError. A device that is configured already counts on its own.
        """
        await self._metering.take_records(
            {each.point_id: each.record for each in request.records}
        )


def _records(records: dict[str, str]) -> Iterator[MeterRecord]:
    for point_id, record in records.items():
        yield MeterRecord(point_id=point_id, record=record)
