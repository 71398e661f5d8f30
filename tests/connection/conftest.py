"""A wire to a real engine beside the simulated building; one parameter for each wire."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.connection.direct import DirectConnection
from custom_components.plantroom.engine.engine import Engine
from tests.server.running import running_server, wire_to
from tests.simulators.building import Building
from tests.site import SiteHost, site_of, until

from .office import ALL, Office

type OpenWire = Callable[[Path | None], AbstractAsyncContextManager[Connection]]


@asynccontextmanager
async def direct(folder: Path | None) -> AsyncIterator[Connection]:
    """Lend a connection, not connected, and leave nothing running."""
    connection = DirectConnection(Engine(SiteHost(data_folder=folder)))
    try:
        yield connection
    finally:
        await connection.disconnect()


@asynccontextmanager
async def websocket(folder: Path | None) -> AsyncIterator[Connection]:
    """Lend a connection to a server of its own, not connected."""
    assert folder is not None
    async with running_server(folder) as server, wire_to(server.port) as connection:
        yield connection


WIRES: dict[str, OpenWire] = {"direct": direct, "websocket": websocket}


@pytest.fixture(params=WIRES.values(), ids=WIRES.keys())
def wire(request: pytest.FixtureRequest) -> OpenWire:
    """Return what opens one wire; each test runs over every wire."""
    opened: OpenWire = request.param
    return opened


@pytest.fixture
async def connection(wire: OpenWire, tmp_path: Path) -> AsyncIterator[Connection]:
    """Return a connection with an engine of its own, not connected."""
    async with wire(tmp_path) as made:
        yield made


@pytest.fixture
async def building() -> AsyncIterator[Building]:
    """Return a few devices in which no time passes."""
    async with Building(profile="all", only=ALL, speed=0) as made:
        yield made


type OpenOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def office(
    wire: OpenWire, building: Building, tmp_path: Path
) -> AsyncIterator[OpenOffice]:
    """Return what opens an office with devices, all of them known and online."""
    async with AsyncExitStack() as stack:

        async def opened(*instances: int) -> Office:
            connection = await stack.enter_async_context(wire(tmp_path))
            client = EngineClient(connection)
            stack.push_async_callback(client.stop)
            await client.start(site_of(building, *instances))
            await until(
                lambda: (
                    [s.online for s in client.mirror.statuses.values()]
                    == [True] * len(instances)
                )
            )
            return Office(building=building, client=client, connection=connection)

        yield opened
