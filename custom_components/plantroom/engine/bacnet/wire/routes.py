"""Which router leads to a BACnet network, for bacpypes3."""

from typing import Final, override

from bacpypes3.netservice import ROUTER_AVAILABLE, RouterInfoCache
from bacpypes3.pdu import Address

MOST_HEARD: Final = 256

type Path = tuple[Address, int]


class Routes(RouterInfoCache):
    """What we were told of routers, and a bounded memory of what frames show.

    bacpypes3's own cache drops every reply through a router that was set by hand,
    and lets any frame grow or redirect it.
    """

    def __init__(self) -> None:
        """Start with no route."""
        super().__init__()
        self._told: dict[int, Path] = {}
        self._heard: dict[int, Path] = {}

    def lead(self, network: int, router: Address) -> None:
        """Send what goes to a network to this router, whatever frames say."""
        self._told[network] = (router, ROUTER_AVAILABLE)

    @override
    async def get_path_info(self, snet: int | None, dnet: int) -> Path | None:
        """Return router and status for a network, or None."""
        return self._told.get(dnet) or self._heard.get(dnet)

    @override
    async def update_path_info(
        self, snet: int | None, address: Address, dnets: set[int]
    ) -> None:
        """Remember for answers where a frame from these networks came from."""
        for network in dnets:
            self._heard.pop(network, None)
            self._heard[network] = (address, ROUTER_AVAILABLE)
        while len(self._heard) > MOST_HEARD:
            del self._heard[next(iter(self._heard))]

    async def delete_router_info(self, *_: object) -> None:
        """Keep what is known: a router that comes back is heard again."""

    @override
    async def update_router_status(
        self, snet: int, address: Address, status: int
    ) -> None:
        """Ask a busy router all the same: requests are repeated and bounded."""

    @override
    async def update_source_network(self, old_snet: int, new_snet: int) -> None:
        """Ignore our own network's number: routes do not depend on it."""
