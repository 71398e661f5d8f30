"""Ports for servers that a test starts."""

import random
import socket
from typing import Final

# No outgoing connection of this machine is ever given one of these
PORTS: Final = range(10_000, 32_000)
_handed_out: set[int] = set()


def free_port() -> int:
    """Return a port free for TCP and UDP on every IPv4 address, a new one each time."""
    while True:
        port = random.choice(PORTS)
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
