"""Where a BACnet/IP device is: an IP endpoint, perhaps with a network behind it."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Self, override

from ..octets.network_layer import Endpoint, Target

DEFAULT_PORT = 47808
MAX_NETWORK = 65534
MAX_MAC_OCTETS = 18

_TEXT = re.compile(
    r"(?:(?P<network>\d{1,5}):(?P<mac>\d{1,3}|0x(?:[0-9a-fA-F]{2}){1,18})@)?"
    r"(?P<host>[\d.]{7,15})(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class BacnetAddress:
    """An IP endpoint, and network and MAC of a device behind that router.

    As text "192.168.1.20", "192.168.1.20:47809" or "2001:7@192.168.1.1"; a MAC of
    more than one octet is written 0x….
    """

    host: str
    port: int = DEFAULT_PORT
    network: int | None = None
    mac: bytes = b""

    @classmethod
    def parse(cls, text: str, default_port: int = DEFAULT_PORT) -> Self:
        """Return the address in a text, or raise ValueError saying what is wrong."""
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not an address like 192.168.1.20[:47808]")
        try:
            host = str(IPv4Address(match["host"]))
        except AddressValueError as err:
            raise ValueError(str(err)) from err
        port = int(match["port"] or default_port)
        if not 0 < port < 65536:
            raise ValueError(f"{port} is no UDP port")
        if match["network"] is None:
            return cls(host, port)
        network = int(match["network"])
        if not 0 < network <= MAX_NETWORK:
            raise ValueError(f"{network} is no BACnet network number")
        return cls(host, port, network, _mac(match["mac"]))

    @classmethod
    def of_sender(cls, endpoint: Endpoint, source: bytes) -> Self:
        """Return the address of a frame's sender: endpoint and source specifier.

        Raises ValueError for one that nobody can answer.
        """
        if not endpoint[1]:
            raise ValueError("a sender without a port")
        if not source:
            return cls(*endpoint)
        network, mac = int.from_bytes(source[:2]), bytes(source[3:])
        if not 0 < network <= MAX_NETWORK or not 0 < len(mac) <= MAX_MAC_OCTETS:
            raise ValueError(f"no device has the address {source.hex()}")
        return cls(*endpoint, network, mac)

    def target(self, max_apdu: int) -> Target:
        """Return the address as confirmed requests take it."""
        return Target(
            addr=(self.host, self.port),
            network=self.network,
            mac=self.mac,
            max_apdu=max_apdu,
        )

    def is_same_device(self, other: BacnetAddress) -> bool:
        """Return whether both lead to one device, if by different routers."""
        if self.network is None or other.network is None:
            return self == other
        return (self.network, self.mac) == (other.network, other.mac)

    @property
    def endpoint(self) -> Endpoint:
        """Return where its frames go: to the device itself or to its router."""
        return self.host, self.port

    @property
    def router(self) -> str:
        """Return the router's address as text, "" for a device without one."""
        if self.network is None:
            return ""
        return str(BacnetAddress(self.host, self.port))

    @property
    def station(self) -> str:
        """Return the text of the address as bacpypes3 knows it, without the route."""
        if self.network is None:
            return f"{self.host}:{self.port}"
        return f"{self.network}:{_mac_text(self.mac)}"

    @override
    def __str__(self) -> str:
        """Return the text that parse() takes."""
        port = "" if self.port == DEFAULT_PORT else f":{self.port}"
        if self.network is None:
            return f"{self.host}{port}"
        return f"{self.network}:{_mac_text(self.mac)}@{self.host}{port}"


def _mac(text: str) -> bytes:
    if text.startswith("0x"):
        return bytes.fromhex(text[2:])
    number = int(text)
    if number > 255:
        raise ValueError(f"{number} is no MAC address of one octet")
    return bytes([number])


def _mac_text(mac: bytes) -> str:
    return str(mac[0]) if len(mac) == 1 else f"0x{mac.hex()}"
