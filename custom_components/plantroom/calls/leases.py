"""What a client asks an engine about leases."""

from ..connection.base import Connection
from ..engine.leases.models import Lease, TakeLeasesRequest


class LeaseCalls:
    """The commands about leases, typed."""

    _connection: Connection

    async def leases(self) -> tuple[Lease, ...]:
        """Return the leases that are open, as the mirror has them too."""
        leases: tuple[Lease, ...] = await self._connection.call("leases")
        return leases

    async def take_leases(self, leases: tuple[Lease, ...]) -> None:
        """Let the engine look after leases that another one made."""
        request = TakeLeasesRequest(leases=leases)
        await self._connection.call("take_leases", request)

    async def drop_leases(self) -> None:
        """Let the engine forget its leases, which another one has taken."""
        await self._connection.call("drop_leases")

    async def end_bound_leases(self) -> int:
        """End what is to end with this process; return how many could not be ended.

        Does nothing where the engine goes on without us.
        """
        left: int = await self._connection.call("end_bound_leases")
        return left
