"""A storm of connections leaves those alone who are served."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from plantroom_server import connection_limits

from custom_components.plantroom.engine.errors import ConnectionLostError
from tests.site import until

from .raw_client import answered, call, raw_client
from .running import running_server, wire_to


@pytest.fixture
async def server(tmp_path: Path):
    async with running_server(tmp_path) as started:
        yield started


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let strangers say nothing for as long as a busy machine needs to make them."""
    monkeypatch.setattr(connection_limits, "SILENT_SECONDS", 600.0)


async def connection_from(address: str, port: int):
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))


async def ended(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(30):
        try:
            return await reader.read() == b""
        except ConnectionError:
            return True


@pytest.mark.usefixtures("patient")
async def test_storm_from_one_address_keeps_no_other_out(server):
    async with raw_client(server.port, address="127.0.0.8") as served:
        storm = [await connection_from("127.0.0.7", server.port) for _ in range(200)]
        ends = [asyncio.create_task(ended(reader)) for reader, _ in storm]
        most = connection_limits.MOST_CONNECTIONS_OF_ONE
        await until(lambda: sum(each.done() for each in ends) == 200 - most)
        async with raw_client(server.port, address="127.0.0.9") as other:
            for number, socket in enumerate((served, other)):
                await call(socket, number, "snapshot")
                assert "result" in await answered(socket, number)
        for _, writer in storm:
            writer.close()
        await asyncio.gather(*ends)
        await until(lambda: server._listener.connections == 1)


@pytest.mark.usefixtures("patient")
async def test_no_more_connections_than_there_may_be(server):
    storm = [
        await connection_from(f"127.0.1.{number % 250 + 1}", server.port)
        for number in range(connection_limits.MOST_CONNECTIONS)
    ]
    await until(
        lambda: server._listener.connections == connection_limits.MOST_CONNECTIONS
    )
    async with wire_to(server.port) as wire:
        with pytest.raises(ConnectionLostError):
            await wire.connect()
        for _, writer in storm:
            writer.close()
        await until(lambda: server._listener.connections == 0)
        await wire.connect()


@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", b"GET /plantroom HTTP/1.1\r\nX: ", b"\x00" * 50]
)
async def test_connection_that_leads_nowhere_is_ended(
    server, said: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection_limits, "SILENT_SECONDS", 0.1)
    reader, writer = await connection_from("127.0.0.1", server.port)
    writer.write(said)
    async with asyncio.timeout(30):
        with suppress(ConnectionError):
            await reader.read()
    writer.close()
    await until(lambda: server._listener.connections == 0)


async def test_client_that_was_welcome_stays(server, monkeypatch: pytest.MonkeyPatch):
    async with raw_client(server.port) as socket:
        (protocol,) = server._listener._limits._addresses
        monkeypatch.setattr(connection_limits, "SILENT_SECONDS", 0.1)
        silent, writer = await connection_from("127.0.0.1", server.port)
        assert await ended(silent)
        writer.close()
        # The time of the client is up too, though a busy machine needs it for the Hello
        protocol.transport.get_protocol()._deadline._run()
        await call(socket, 1, "snapshot")
        assert "result" in await answered(socket, 1)
