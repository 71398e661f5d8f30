"""What a client asks when it moves an engine's work to another machine."""

from ..connection.base import Connection
from ..engine.energy.meter_records import MeterRecord, TakeMetersRequest
from ..engine.interfaces import HostInterface


class EngineMoveCalls:
    """The commands about the machine, and about what goes along to another, typed."""

    _connection: Connection

    async def interfaces(self) -> tuple[HostInterface, ...]:
        """Return the IPv4 addresses of the engine's machine, loopback last."""
        found: tuple[HostInterface, ...] = await self._connection.call("interfaces")
        return found

    async def meter_records(self) -> tuple[MeterRecord, ...]:
        """Return what every meter has counted up to now."""
        found: tuple[MeterRecord, ...] = await self._connection.call("meter_records")
        return found

    async def take_meter_records(self, records: tuple[MeterRecord, ...]) -> None:
        """Let meters whose devices are not configured yet count on from these."""
        await self._connection.call(
            "take_meter_records", TakeMetersRequest(records=records)
        )
