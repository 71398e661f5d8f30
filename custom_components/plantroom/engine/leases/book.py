"""The leases that are open: the only place where they change."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ..errors import StorageError, WriteRefusedError
from ..event_bus import EventBus
from ..events import LeaseChanged, LeaseEnded
from ..models import Point, PointValue, WriteRequest
from ..storage.audit_log import AuditEntry
from ..storage.leases import KeptLeases, LeaseStore
from .models import Lease, LeaseCause, lease_id_of

_LOGGER = logging.getLogger(__name__)

MOST_LEASES: Final = 5000


class LeaseBook:
    """Open leases by point and priority, kept on disk before anything is sent."""

    def __init__(
        self,
        events: EventBus,
        store: LeaseStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take who is told and where leases are kept."""
        self.clock = clock
        self._events = events
        self._store = store
        self._leases: dict[str, Lease] = {}
        self._listeners: list[Callable[[], None]] = []
        # What is kept and what is known change together
        self._changing = asyncio.Lock()

    async def load(self) -> KeptLeases:
        """Go on with what was kept, and return it; raises StorageError."""
        kept = await self._store.load()
        self._leases = {lease.lease_id: lease for lease in kept.leases}
        return kept

    def all(self) -> tuple[Lease, ...]:
        """Return the open leases."""
        return tuple(self._leases.values())

    def get(self, point_id: str, priority: int | None) -> Lease | None:
        """Return the open lease of a point at a priority."""
        return self._leases.get(lease_id_of(point_id, priority))

    def is_open(self, lease: Lease) -> bool:
        """Return whether exactly this lease is open; a later one is another."""
        now = self._leases.get(lease.lease_id)
        return now is not None and now.since == lease.since

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call listener, for good, when a lease came or is to end."""
        self._listeners.append(listener)

    def made(
        self,
        request: WriteRequest,
        point: Point,
        value: PointValue,
        priority: int | None,
        before: PointValue,
    ) -> Lease:
        """Return the lease that a write asks for, not open yet."""
        now, seconds = self.clock(), request.lease_seconds
        return Lease(
            point_id=point.point_id,
            device_id=point.device_id,
            value=value,
            since=now,
            actor=request.actor,
            via=request.via,
            priority=priority,
            before=before,
            until=None if seconds is None else now + timedelta(seconds=seconds),
            seconds=seconds,
            bound=request.bound,
            client=request.client,
        )

    async def begin(self, lease: Lease) -> None:
        """Open a lease, in place of an earlier one; nothing has been written yet.

        Raises StorageError and WriteRefusedError: without a lease no write.
        """
        known = lease.lease_id in self._leases
        if not known and len(self._leases) >= MOST_LEASES:
            raise WriteRefusedError(
                f"{lease.point_id}: there are {MOST_LEASES} leases",
                reason="too_many_leases",
                point=lease.point_id,
                limit=MOST_LEASES,
            )
        async with self._changing:
            await self._store.save(lease, _row(lease, "lease_start", self.clock()))
            self._put(lease)

    async def restore(self, lease: Lease) -> None:
        """Open again what a failed write had taken the place of."""
        async with self._changing:
            await self._keep(lease)
            self._put(lease)

    async def mark(self, lease: Lease, cause: LeaseCause) -> Lease:
        """Note that a lease is to end, if it is open, and return it so."""
        marked = replace(lease, ending=cause.value)
        async with self._changing:
            if self.is_open(lease):
                await self._keep(marked)
                self._put(marked)
        return marked

    async def end(
        self,
        lease: Lease,
        cause: LeaseCause,
        *,
        actor: str | None = None,
        outcome: str = "",
        verdict: str = "verified",
    ) -> None:
        """Close a lease, whatever was done about it; outcome: what that was."""
        row = _row(lease, "lease_end", self.clock())
        row = replace(
            row,
            actor=lease.actor if actor is None else actor,
            old=lease.value,
            new=None,
            verdict=verdict,
            detail=": ".join(filter(None, [cause.value, outcome])),
        )
        async with self._changing:
            try:
                await self._store.remove(lease.lease_id, row)
            except StorageError as err:
                # It is over: after a restart nothing of ours will be found there
                _LOGGER.error("The end of a lease is not kept: %s", err)  # noqa: TRY400
            self._leases.pop(lease.lease_id, None)
            self._events.publish(LeaseEnded(lease=lease, cause=cause.value))

    async def tell_failure(self, lease: Lease, reason: str) -> None:
        """Leave a row of a lease that could not be ended."""
        row = _row(lease, "lease_failure", self.clock())
        detail = ": ".join(filter(None, [lease.ending, reason]))
        row = replace(row, verdict="failed", detail=detail)
        async with self._changing:
            if self.is_open(lease):
                await self._keep(lease, row)

    async def _keep(self, lease: Lease, row: AuditEntry | None = None) -> None:
        try:
            await self._store.save(lease, row)
        except StorageError as err:
            _LOGGER.warning("A lease of %s is not kept: %s", lease.point_id, err)

    def _put(self, lease: Lease) -> None:
        self._leases[lease.lease_id] = lease
        self._events.publish(LeaseChanged(lease=lease))
        for listener in self._listeners:
            listener()


def _row(lease: Lease, action: str, at: datetime) -> AuditEntry:
    until = "" if lease.until is None else f"until {lease.until.isoformat()}"
    bound = "with its client" if lease.bound else ""
    return AuditEntry(
        at=at,
        actor=lease.actor,
        action=action,
        point_id=lease.point_id,
        old=lease.before,
        new=lease.value,
        priority=lease.priority,
        verdict="verified",
        detail=", ".join(filter(None, [until, bound])),
        via=lease.via,
    )
