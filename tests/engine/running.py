"""A running engine as tests look at it, and a port that somebody else has."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.events import (
    EngineEvent,
)
from custom_components.plantroom.engine.models import (
    NetworkStatus,
    ProblemCode,
    Reading,
)
from custom_components.plantroom.engine.requests import (
    Snapshot,
    WatchRequest,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.site import until


class Running:
    """An engine that is started, and what it said."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.heard: list[EngineEvent] = []
        engine.events.listen(lambda numbered: self.heard.append(numbered.event))

    async def configure(self, site: SiteConfig) -> None:
        await self.engine.call("configure", site)

    async def snapshot(self) -> Snapshot:
        found: Snapshot = await self.engine.call("snapshot")
        return found

    async def watch(self, *point_ids: str) -> None:
        await self.engine.call(
            "watch", WatchRequest(client_id="t", point_ids=point_ids)
        )

    async def until_online(self, *device_ids: str) -> None:
        await until(lambda: {*device_ids} <= self.online())

    def online(self) -> set[str]:
        return {s.device_id for s in self.engine._health.devices() if s.online}

    def reading(self, point_id: str) -> Reading | None:
        return self.engine._points.reading(point_id)

    def network(self, network_id: str = "n") -> NetworkStatus:
        found = {s.network_id: s for s in self.engine._health.networks()}
        return found[network_id]

    def problems(self) -> dict[str, ProblemCode]:
        return {p.subject: p.code for p in self.engine._problems.all()}

    def about(self, device_id: str) -> list[EngineEvent]:
        """Return what was said of a device."""
        return [event for event in self.heard if device_id in str(event)]


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Let another program have the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        yield
