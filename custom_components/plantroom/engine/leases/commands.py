"""The commands about leases; the engine is made of these among others."""

from dataclasses import replace

from ..commands import command
from .leasing import Leasing
from .models import Lease, LeaseCause, TakeLeasesRequest


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

    @command("take_leases")
    async def take_leases(self, request: TakeLeasesRequest) -> None:
        """Look after leases that another engine made, as of when we serve their devices.

        Raises StorageError, WriteRefusedError.
        """
        book = self._leasing.book
        for lease in request.leases:
            if book.get(lease.point_id, lease.priority) is None:
                held = request.client if lease.bound else ""
                await book.begin(replace(lease, client=held))

    @command("drop_leases")
    async def drop_leases(self) -> None:
        """Forget every lease and leave what it wrote: another engine has them now."""
        for lease in self._leasing.book.all():
            await self._leasing.book.end(lease, LeaseCause.MOVED)

    def client_came(self, client: str) -> None:
        """Note that a client of a server is there."""
        self._leasing.holders.came(client)

    async def client_went(self, client: str) -> None:
        """Note that a client of a server has gone."""
        await self._leasing.client_went(client)
