"""Where a BACnet device is: an IP endpoint or a VMAC, perhaps with a network behind."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Self, override

from ..octets.network_layer import Endpoint, Target

DEFAULT_PORT = 47808
MAX_NETWORK = 65534
MAX_MAC_OCTETS = 18
VMAC_OCTETS = 6

_TEXT = re.compile(
    r"(?:(?P<network>\d{1,5}):(?P<mac>\d{1,3}|0x(?:[0-9a-fA-F]{2}){1,18})@)?"
    r"(?:(?P<vmac>[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5})"
    r"|(?P<host>[\d.]{7,15})(?::(?P<port>\d{1,5}))?)"
)


@dataclass(frozen=True, slots=True)
class BacnetAddress:
    """An endpoint, and network and MAC of a device behind that router.

    host: an IPv4 address, or on BACnet/SC a VMAC, which has no port: 0. As text
    "192.168.1.20", "192.168.1.20:47809", "02:1a:2b:3c:4d:5e" or "2001:7@192.168.1.1";
    a MAC of more than one octet is written 0x….
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
            raise ValueError(
                f"{text!r} is not an address like 192.168.1.20[:47808], "
                "or 02:1a:2b:3c:4d:5e on BACnet/SC"
            )
        host, port = _endpoint(match, default_port)
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
        if not endpoint[1] and ":" not in endpoint[0]:
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
    def is_secure(self) -> bool:
        """Return whether this is a place on a BACnet/SC network."""
        return ":" in self.host

    @property
    def octets(self) -> bytes:
        """Return the 6 octets of the endpoint: IP and port (J.1.2), or the VMAC."""
        if self.is_secure:
            return vmac_of(self.host)
        return IPv4Address(self.host).packed + self.port.to_bytes(2)

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
        if self.network is not None:
            return f"{self.network}:{_mac_text(self.mac)}"
        if self.is_secure:
            return f"0x{vmac_of(self.host).hex()}"
        return f"{self.host}:{self.port}"

    @override
    def __str__(self) -> str:
        """Return the text that parse() takes."""
        bare = self.is_secure or self.port == DEFAULT_PORT
        port = "" if bare else f":{self.port}"
        if self.network is None:
            return f"{self.host}{port}"
        return f"{self.network}:{_mac_text(self.mac)}@{self.host}{port}"


def vmac_of(text: str) -> bytes:
    """Return the octets of a VMAC; raises ValueError."""
    octets = bytes.fromhex(text.replace(":", ""))
    if len(octets) != VMAC_OCTETS:
        raise ValueError(f"{text} is no VMAC")
    return octets


def vmac_text(octets: bytes) -> str:
    """Return a VMAC as people write it, "02:1a:2b:3c:4d:5e"."""
    return octets.hex(":")


def _endpoint(match: re.Match[str], default_port: int) -> Endpoint:
    if match["vmac"] is not None:
        return match["vmac"].lower(), 0
    try:
        host = str(IPv4Address(match["host"]))
    except AddressValueError as err:
        raise ValueError(str(err)) from err
    port = int(match["port"] or default_port)
    if not 0 < port < 65536:
        raise ValueError(f"{port} is no UDP port")
    return host, port


def _mac(text: str) -> bytes:
    if text.startswith("0x"):
        return bytes.fromhex(text[2:])
    number = int(text)
    if number > 255:
        raise ValueError(f"{number} is no MAC address of one octet")
    return bytes([number])


def _mac_text(mac: bytes) -> str:
    return str(mac[0]) if len(mac) == 1 else f"0x{mac.hex()}"
