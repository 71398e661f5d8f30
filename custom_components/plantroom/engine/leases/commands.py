"""The commands about leases; the engine is made of these among others."""

from ..commands import command
from .leasing import Leasing
from .models import Lease


class LeaseCommands:
    """What a client may ask about leases."""

    _leasing: Leasing

    @command("leases")
    async def leases(self) -> tuple[Lease, ...]:
        """Return the leases that are open."""
        return self._leasing.book.all()

    @command("end_bound_leases")
    async def end_bound_leases(self) -> int:
        """End what is to end when the process that runs the engine does.

        Returns how many could not be ended now. A server's clients hold theirs by
        their own ids, which nobody else ends.
        """
        return await self._leasing.end_bound("")

    def client_came(self, client: str) -> None:
        """Note that a client of a server is there."""
        self._leasing.holders.came(client)

    async def client_went(self, client: str) -> None:
        """Note that a client of a server has gone."""
        await self._leasing.client_went(client)
