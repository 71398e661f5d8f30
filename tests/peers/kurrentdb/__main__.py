"""The process of the test server.

It prints "ready" whenever it serves. SIGUSR1: drop all connections and serve on.
SIGUSR2: forget everything. SIGTERM: an end in order, which keeps no checkpoint.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import grpc
from kurrentdbclient.protos.v1.gossip_pb2_grpc import add_GossipServicer_to_server
from kurrentdbclient.protos.v1.persistent_pb2_grpc import (
    add_PersistentSubscriptionsServicer_to_server,
)
from kurrentdbclient.protos.v1.streams_pb2_grpc import add_StreamsServicer_to_server

from .access import Access, User
from .log import Log
from .membership import Gossip, server_features
from .persistent import Persistent
from .records import HOST, JOURNAL
from .streams import Streams

OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", 17 * 1024 * 1024),
    # Clients ping every two seconds, which gRPC's own servers would punish
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 100),
    ("grpc.http2.max_ping_strikes", 0),
)


class Node:
    """The server and what it serves; dropped and forgotten on demand."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        folder: Path | None = options.folder
        self._journal = None if folder is None else folder / JOURNAL
        users = json.loads(options.users)
        self._access = Access({name: User(**each) for name, each in users.items()})
        self._log = Log(self._journal)
        self._persistent = Persistent(self._log, self._access)
        self._ticking: asyncio.Task[None] | None = None
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Serve, and say so."""
        self._ticking = asyncio.create_task(self._persistent.run())
        server = self._server = grpc.aio.server(options=OPTIONS)
        for add, servicer in self._services():
            add(servicer, server)
        server.add_generic_rpc_handlers((server_features(),))
        address = f"{HOST}:{self._options.port}"
        if self._options.certificate is None:
            server.add_insecure_port(address)
        else:
            server.add_secure_port(address, self._credentials())
        await server.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    async def stop(self) -> None:
        """Drop all connections."""
        if self._ticking is not None:
            self._ticking.cancel()
        if self._server is not None:
            await self._server.stop(grace=0)

    async def drop(self) -> None:
        """Drop all connections, and serve on."""
        await self.stop()
        await self.start()

    async def forget(self) -> None:
        """Forget everything, and serve on."""
        await self.stop()
        self._log.close()
        if self._journal is not None:
            self._journal.unlink(missing_ok=True)
        self._log = Log(self._journal)
        self._persistent = Persistent(self._log, self._access)
        await self.start()

    def _services(self) -> list[tuple[Callable[..., None], object]]:
        return [
            (add_StreamsServicer_to_server, Streams(self._log, self._access)),
            (add_PersistentSubscriptionsServicer_to_server, self._persistent),
            (add_GossipServicer_to_server, Gossip(HOST, self._options.port)),
        ]

    def _credentials(self) -> grpc.ServerCredentials:
        key, certificate, ca = (
            None if path is None else path.read_bytes()
            for path in (
                self._options.key, self._options.certificate, self._options.client_ca
            )
        )  # fmt: skip
        return grpc.ssl_server_credentials(
            [(key, certificate)], ca, require_client_auth=ca is not None
        )


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    node = Node(options)
    asked: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM):
        loop.add_signal_handler(number, asked.put_nowait, number)
    await node.start()
    while (number := await asked.get()) is not signal.SIGTERM:
        await (node.drop() if number is signal.SIGUSR1 else node.forget())
    await node.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--users", default="{}")
    for name in ("certificate", "key", "client-ca"):
        parser.add_argument(f"--{name}", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(serve(_options()))
