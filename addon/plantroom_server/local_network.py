"""Be found on the local network by those who look for a server (DNS-SD, RFC 6763)."""

import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import ifaddr
from zeroconf import InterfaceChoice, IPVersion, NonUniqueNameException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

_LOGGER = logging.getLogger(__name__)

SERVICE_TYPE: Final = "_plantroom._tcp.local."
_LONGEST_LABEL: Final = 63  # RFC 1035, 2.3.4
_ID_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundServer:
    """What is said of a server to all; the token never is.

    server_id: stays the same over restarts. schema, minimum: of the wire. tls: whether
    connections to port are encrypted. host: the one address, "" for every interface.
    """

    server_id: str
    schema: int
    minimum: int
    tls: bool
    port: int
    host: str = ""

    def service(self, addresses: Sequence[str]) -> AsyncServiceInfo:
        """Return the service for those addresses."""
        machine = socket.gethostname().partition(".")[0] or "plantroom"
        suffix = f" {self.server_id[:_ID_DIGITS]}"
        label = f"Plantroom on {machine}"[: _LONGEST_LABEL - len(suffix)] + suffix
        return AsyncServiceInfo(
            SERVICE_TYPE,
            f"{label}.{SERVICE_TYPE}",
            port=self.port,
            server=f"{machine}.local.",
            properties={
                "id": self.server_id,
                "schema": str(self.schema),
                "minimum": str(self.minimum),
                "tls": "1" if self.tls else "0",
            },
            parsed_addresses=list(addresses),
        )


class LocalNetworkAnnouncer:
    """Answers those who look for servers until it is stopped."""

    def __init__(self, found: FoundServer) -> None:
        """Take what they are told."""
        self._found = found
        self._zeroconf: AsyncZeroconf | None = None

    async def start(self) -> None:
        """Announce the server; where that is not possible, say so and go on."""
        host = self._found.host
        try:
            _assure_own(host)
            self._zeroconf = AsyncZeroconf(
                interfaces=[host] if host else InterfaceChoice.All,
                ip_version=IPVersion.V4Only,
            )
            registered = await self._zeroconf.async_register_service(
                self._found.service([host] if host else own_addresses())
            )
            await registered
        except (OSError, NonUniqueNameException) as err:
            _LOGGER.warning("Cannot be found on the local network: %s", err)
            await self.stop()

    async def stop(self) -> None:
        """Say goodbye; calling it twice does no harm."""
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            await zeroconf.async_unregister_all_services()
            await zeroconf.async_close()


def own_addresses() -> list[str]:
    """Return the IPv4 addresses at which other machines reach this one."""
    return [
        address.ip
        for adapter in ifaddr.get_adapters()
        for address in adapter.ips
        if isinstance(address.ip, str) and not ip_address(address.ip).is_loopback
    ]


def _assure_own(host: str) -> None:
    """Raise OSError unless a host is ours; zeroconf would leave a socket open then."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))


def is_announceable(host: str) -> bool:
    """Return whether other machines can be told of a host: an IPv4 address, or all."""
    try:
        return not host or ip_address(host).version == 4
    except ValueError:
        return False
