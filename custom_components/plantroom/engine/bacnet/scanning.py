"""Discovery on an open link."""

from collections.abc import Callable
from dataclasses import replace
from typing import override

from ..errors import ConfigurationError
from ..field import ProgressListener
from ..models import FoundDevice
from ..requests import ScanRequest
from .device_search import DeviceSearch
from .discovery import find_devices
from .reading.device_limits import DeviceLimits
from .reading.property_reader import PropertyReader
from .who_is import IAm, WhoIsNetwork
from .wire.addresses import BacnetAddress
from .wire.link import Link


class LinkScanner(WhoIsNetwork):
    """Asks over the link and hears what the search hears."""

    def __init__(self, link: Link, search: DeviceSearch) -> None:
        """Take where to send and where I-Ams come from."""
        self._link = link
        self._search = search

    @override
    async def send_who_is(self, low: int, high: int, destination: str | None) -> None:
        address = BacnetAddress.parse(destination) if destination else None
        await self._link.send_who_is(low, high, address)

    @override
    def listen_i_am(self, callback: Callable[[IAm], None]) -> Callable[[], None]:
        return self._search.listen(callback)


async def scan_network(
    link: Link,
    search: DeviceSearch,
    request: ScanRequest,
    progress: ProgressListener,
) -> tuple[FoundDevice, ...]:
    """Return the devices that answer, described; raises ConfigurationError."""
    if request.address:
        try:
            address = BacnetAddress.parse(request.address, link.port)
        except ValueError as err:
            raise ConfigurationError(str(err), field="address") from err
        if address.is_secure != link.address.is_secure:
            kind = "a VMAC" if link.address.is_secure else "an IP address"
            raise ConfigurationError(f"must be {kind}", field="address")
        request = replace(request, address=str(address))

    scanner = LinkScanner(link, search)
    found = await find_devices(
        scanner, request, lambda i_am: reader_on(link, i_am), progress
    )
    return tuple(found)


def reader_on(link: Link, i_am: IAm) -> PropertyReader:
    """Return what reads from a device that announced itself."""
    target = BacnetAddress.parse(i_am.address).target(i_am.max_apdu)
    return PropertyReader(link.requests, target, DeviceLimits(i_am.max_apdu))
