"""A part of the simulated building that is served over a wire."""

from dataclasses import dataclass
from typing import Any

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.engine.events import EngineEvent
from custom_components.plantroom.engine.requests import Snapshot
from custom_components.plantroom.mirror import Mirror
from tests.simulators.building import Building
from tests.site import until

VAV = 2001
OVERRIDDEN, IGNORES, REFUSES = 6016, 6017, 6018
ALL = (VAV, OVERRIDDEN, IGNORES, REFUSES)
ROOM = f"n:{VAV}:analog-input,1"
SETPOINT = f"n:{VAV}:analog-value,1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A building, a client that serves some of its devices, and its connection."""

    building: Building
    client: EngineClient
    connection: Connection


def state_of(mirror: Mirror) -> dict[str, Any]:
    """Return all that a mirror knows, as what can be compared."""
    return {
        "cursor": mirror.cursor,
        "networks": mirror.networks,
        "devices": mirror.devices,
        "statuses": mirror.statuses,
        "points": mirror.points,
        "readings": mirror.readings,
        "problems": mirror.problems,
        "alarms": mirror.alarms,
        "alarm_cursor": mirror.alarm_cursor,
        "maintenance": mirror.maintenance,
        "flood": mirror.flood,
        "leases": mirror.leases,
    }


async def assert_mirror_is_right(office: Office) -> None:
    """What the events made of the mirror is what a snapshot says."""
    mirror = office.client.mirror
    while True:
        fresh = Mirror()
        snapshot: Snapshot = await office.connection.call("snapshot")
        fresh.take(snapshot)
        await until(lambda since=fresh.cursor: mirror.cursor >= since)  # type: ignore[misc]
        if mirror.cursor == fresh.cursor:
            break
        # More happened since: what cannot be compared is asked for again
    assert state_of(mirror) == state_of(fresh)


def first(events: list[EngineEvent], kind: type) -> Any:
    return next((event for event in events if isinstance(event, kind)), None)
