"""Ports for servers that a test starts."""

import os
import random
import socket
from typing import Final

# No outgoing connection of this machine is ever given one of these
PORTS: Final = range(10_000, 32_000)
# Each process that runs tests has ports of its own: one that is free for a moment, as
# of a server that starts again, is not given to another process meanwhile
_SHARES: Final = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_SHARE: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_handed_out: set[int] = set()


def free_port() -> int:
    """Return a port free for TCP and UDP on every IPv4 address, a new one each time."""
    while True:
        port = random.choice(PORTS[_SHARE % _SHARES :: _SHARES])
        if port not in _handed_out and _is_free(port):
            _handed_out.add(port)
            return port


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True
