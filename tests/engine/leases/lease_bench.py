"""An engine beside simulated devices, whose leases a test watches."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.leases.configuration import LeaseConfig
from custom_components.plantroom.engine.leases.models import Lease
from custom_components.plantroom.engine.models import WriteRequest, WriteResult
from custom_components.plantroom.engine.requests import AuditQuery, AuditRow
from tests.engine.running import Running
from tests.simulators.building import Building
from tests.site import SiteHost, site_of, until

VAV, BOILER = 2001, 3001
SETPOINT = f"n:{VAV}:analog-value,1"
CURVE = f"n:{BOILER}:integer-value,1"
HOUR = 3600.0
MODULE = "custom_components.plantroom.engine.leases"


@contextmanager
def impatient(stuck_seconds: float = 600.0) -> Iterator[None]:
    """Let failed tries be repeated soon."""
    with (
        patch(f"{MODULE}.attempts.FIRST_SECONDS", 0.05),
        patch(f"{MODULE}.attempts.LONGEST_SECONDS", 0.1),
        patch(f"{MODULE}.attempts.LONGEST_REFUSED_SECONDS", 0.1),
        patch(f"{MODULE}.attempts.STUCK_SECONDS", stuck_seconds),
    ):
        yield


def let_an_hour_pass(engine: Engine) -> None:
    """Let the clock that leases end by jump."""
    leasing = engine._leasing
    leasing.book.clock = lambda: datetime.now(UTC) + timedelta(seconds=HOUR)
    leasing._wake.set()


class LeaseBench(Running):
    """A running engine that serves a room and a boiler."""

    def __init__(self, engine: Engine, building: Building) -> None:
        super().__init__(engine)
        self.building = building

    async def serve(self, gone_seconds: float = 300.0, **facts: Any) -> None:
        site = site_of(self.building, VAV, BOILER, writable=("integer-value,1",))
        leases = LeaseConfig(client_gone_seconds=gone_seconds)
        await self.configure(replace(site, leases=leases, **facts))
        await self.until_online(f"n:{VAV}", f"n:{BOILER}")

    async def write(
        self, value: Any, point_id: str = SETPOINT, **facts: Any
    ) -> WriteResult:
        facts = {"actor": "Ada"} | facts
        request = WriteRequest(point_id=point_id, value=value, **facts)
        result: WriteResult = await self.engine.call("write", request)
        return result

    def slot(self, priority: int = 8) -> Any:
        """Return what the room's setpoint holds at a priority."""
        slots = self.building.get(VAV, "analog-value,1").priority_array
        assert slots is not None
        return slots[priority - 1]

    def curve(self) -> Any:
        return self.building.get(BOILER, "integer-value,1").value

    @property
    def leases(self) -> tuple[Lease, ...]:
        return self.engine._leasing.book.all()

    def let_an_hour_pass(self) -> None:
        """Let the clock that leases end by jump."""
        let_an_hour_pass(self.engine)

    async def until_ended(self, seconds: float = 30) -> None:
        await until(lambda: not self.leases, seconds)

    async def rows(self, *actions: str) -> list[AuditRow]:
        query = AuditQuery(actions=actions)
        return [*reversed(await self.engine.call("audit_log", query))]


@asynccontextmanager
async def running(
    building: Building, folder: Path | None = None
) -> AsyncIterator[LeaseBench]:
    engine = Engine(SiteHost(data_folder=folder))
    await engine.start()
    try:
        yield LeaseBench(engine, building)
    finally:
        await engine.stop()


@asynccontextmanager
async def plant(
    building: Building, folder: Path | None = None, **facts: Any
) -> AsyncIterator[LeaseBench]:
    """Yield an engine that serves the devices."""
    async with running(building, folder) as made:
        await made.serve(**facts)
        yield made
