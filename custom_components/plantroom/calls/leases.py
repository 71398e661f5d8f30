"""What a client asks an engine about leases."""

from ..connection.base import Connection
from ..engine.leases.models import Lease


class LeaseCalls:
    """The commands about leases, typed."""

    _connection: Connection

    async def leases(self) -> tuple[Lease, ...]:
        """Return the leases that are open, as the mirror has them too."""
        leases: tuple[Lease, ...] = await self._connection.call("leases")
        return leases

    async def end_bound_leases(self) -> int:
        """End what is to end with this process; return how many could not be ended.

        Does nothing where the engine goes on without us.
        """
        left: int = await self._connection.call("end_bound_leases")
        return left
