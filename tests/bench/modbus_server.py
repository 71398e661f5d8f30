"""Modbus TCP devices whose registers differ at every read, fast enough for any client.

python -m tests.bench.modbus_server --devices 100

Prints one JSON object: port and hosts. Every address of a device is an input and a
holding register that changes at every request. Ends with its standard input.
"""

import argparse
import asyncio
import json
import sys
from struct import Struct
from typing import override

from tests.bench.cores import pin

REGISTERS = 1 << 16
READS = (3, 4)
ILLEGAL_FUNCTION = 1

_REQUEST = Struct(">HHHBBHH")
_HEAD = Struct(">HHHBBB")
# Twice, so that a window from any register on is one slice
_PAGE = b"".join(number.to_bytes(2, "big") for number in range(REGISTERS)) * 2


def words(first: int, count: int, turn: int) -> bytes:
    """Return what registers hold at a turn: their own number, and the turn added."""
    begin = 2 * ((first + turn) % REGISTERS)
    return _PAGE[begin : begin + 2 * count]


class ModbusPeer(asyncio.Protocol):
    """Answers one client's reads; several requests may come in one segment."""

    def __init__(self) -> None:
        self._turn = 0
        self._transport: asyncio.WriteTransport | None = None
        self._rest = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        data = self._rest + data
        while len(data) >= _REQUEST.size:
            number, _, _, unit, function, first, count = _REQUEST.unpack_from(data)
            data = data[_REQUEST.size :]
            self._turn += 1
            self._transport.write(
                _reply(number, unit, function, words(first, count, self._turn))
            )
        self._rest = data


def _reply(number: int, unit: int, function: int, content: bytes) -> bytes:
    if function not in READS:
        return _HEAD.pack(number, 0, 3, unit, function | 0x80, ILLEGAL_FUNCTION)
    size = len(content)
    return _HEAD.pack(number, 0, size + 3, unit, function, size) + content


async def serve(devices: int) -> None:
    """Serve on as many addresses of 127.0.0.0/8, all on one port."""
    loop = asyncio.get_running_loop()
    hosts = [f"127.0.{4 + n // 250}.{1 + n % 250}" for n in range(devices)]
    first = await loop.create_server(ModbusPeer, hosts[0], 0)
    port = first.sockets[0].getsockname()[1]
    servers = [first]
    servers += [await loop.create_server(ModbusPeer, host, port) for host in hosts[1:]]
    sys.stdout.write(json.dumps({"port": port, "hosts": hosts}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for server in servers:
        server.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--core", type=int)
    arguments = parser.parse_args()
    pin(arguments.core)
    asyncio.run(serve(arguments.devices))


if __name__ == "__main__":
    main()
