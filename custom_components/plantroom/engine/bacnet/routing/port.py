"""A router's place on one network: whose frames come in, and how others go out."""

import socket
from typing import Final, NamedTuple

from ..octets.network_layer import Endpoint
from ..wire.addresses import vmac_of
from ..wire.carrier import Carrier

MAC_OCTETS: Final = 6
_FORWARDED: Final = 0x04
_ORIGINAL_UNICAST: Final = 0x0A
_ORIGINAL_BROADCAST: Final = 0x0B


class Arrival(NamedTuple):
    """Where a frame's NPDU starts, the MAC of who sent it, and whether to everybody."""

    start: int
    mac: bytes
    broadcast: bool


class Port:
    """A network with its number and what carries it; MACs there have 6 octets."""

    def __init__(self, number: int, carrier: Carrier) -> None:
        """Take the network's number and what carries its frames."""
        self.number = number
        self.own_mac = carrier.own.octets
        self._carrier = carrier

    def send(self, npdu: bytes, mac: bytes) -> None:
        """Send an NPDU to a station, or to all of the network with b""."""
        self._carrier.forward(npdu, mac)


def arrival_of(data: bytes, addr: Endpoint) -> Arrival | None:
    """Return how a frame came, None for one that carries no NPDU (J.2)."""
    function = data[1]
    if function in (_ORIGINAL_UNICAST, _ORIGINAL_BROADCAST):
        return Arrival(4, _mac_of(addr), function == _ORIGINAL_BROADCAST)
    if function == _FORWARDED and len(data) > 10:
        return Arrival(10, bytes(data[4:10]), broadcast=True)
    return None


def _mac_of(addr: Endpoint) -> bytes:
    host, port = addr
    return socket.inet_aton(host) + port.to_bytes(2) if port else vmac_of(host)
