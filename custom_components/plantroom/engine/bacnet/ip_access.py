"""Access to a BACnet/IP network: an interface that may go and come back."""

import asyncio
from ipaddress import IPv4Interface
from typing import override

from ..backoff import backoff_seconds
from ..errors import BbmdRefusedError, InterfaceGoneError, NetworkError
from ..records import Records
from ..site_config import BacnetNetworkConfig
from .network_access import NetworkAccess
from .network_reports import NetworkReports
from .wire.addresses import BacnetAddress
from .wire.carrier import Carrier
from .wire.ip_carrier import IpCarrier

INTERFACE_CHECK_SECONDS = 15.0


class IpAccess(NetworkAccess):
    """Sockets, opened again until they are, and given up with their interface."""

    def __init__(self, config: BacnetNetworkConfig, records: Records) -> None:
        """Take the network and where the facts go."""
        self._config = config
        self._reports = NetworkReports(config, records)
        self._carrier: IpCarrier | None = None
        self._is_open = False

    @property
    @override
    def own_address(self) -> str:
        host = str(IPv4Interface(self._config.address).ip)
        return str(BacnetAddress(host, self._config.port))

    @override
    def starting(self) -> None:
        self._reports.starting()

    @override
    async def carrier(self) -> Carrier:
        self._carrier = IpCarrier(self._config, self._reports.registered)
        return self._carrier

    @override
    def opened(self) -> None:
        self._is_open = True
        self._reports.opened()

    @override
    def failed(self, err: NetworkError) -> None:
        self._is_open = False
        self._reports.failed(err)

    @override
    async def until_worth_trying(self, failures: int) -> None:
        await asyncio.sleep(backoff_seconds(failures))

    @override
    async def until_lost(self) -> NetworkError:
        while True:
            await asyncio.sleep(INTERFACE_CHECK_SECONDS)
            if self._carrier is None or not await self._carrier.interface_is_there():
                return InterfaceGoneError(
                    f"The address {self._config.address} is gone",
                    address=self._config.address,
                )

    @override
    async def stop(self) -> None:
        self._carrier = None

    @override
    def down_error(self) -> NetworkError:
        carrier = self._carrier
        if self._is_open and carrier is not None and not carrier.registered:
            return BbmdRefusedError(
                f"The BBMD {self._config.bbmd} does not register us",
                bbmd=self._config.bbmd,
                reason="not registered",
            )
        name = self._config.name
        return NetworkError(f"BACnet network {name} is down", network=name)
