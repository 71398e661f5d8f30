"""A line that is reached over TCP: Modbus TCP, RTU frames in a TCP stream, or TLS."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from pymodbus.framer import FramerBase, FramerRTU, FramerSocket

from custom_components.plantroom.engine.modbus.configuration import ModbusTransport

from .bus import Bus, Conversation

HOST = "127.0.0.1"
READ_OCTETS = 4096


class SocketLine:
    """Listens on loopback; killed, it refuses connections until it is revived on the same port."""

    def __init__(
        self,
        bus: Bus,
        transport: ModbusTransport,
        *,
        port: int = 0,
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self.port = port
        self._bus = bus
        self._framer: type[FramerBase] = (
            FramerRTU if transport is ModbusTransport.RTU_OVER_TCP else FramerSocket
        )
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """Return how many clients are connected."""
        return len(self._connections)

    async def start(self) -> None:
        """Listen, on the same port as before."""
        if self._server is not None:
            return
        self._server = await asyncio.start_server(
            self._serve, HOST, self.port, ssl=self._tls() if self._tls else None
        )
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection; idempotent."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        await self.drop_connections()
        server.abort_clients()
        await server.wait_closed()

    async def drop_connections(self) -> None:
        """Close every connection; clients may come back at once."""
        for task in tuple(self._connections):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        conversation = Conversation(
            self._bus, self._framer, writer.write, writer.transport.abort
        )
        try:
            while data := await reader.read(READ_OCTETS):
                conversation.received(data)
        except ConnectionError, ssl.SSLError:
            return
        finally:
            self._connections.discard(task)
            await conversation.stop()
            writer.transport.abort()
