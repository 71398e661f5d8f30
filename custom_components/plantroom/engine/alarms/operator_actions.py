"""What people do to alarms; each deed is audited before it is done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

from ..audit.keeping import OURSELVES
from ..checks import require
from ..errors import (
    DeviceRefusedError,
    PlantroomError,
    StorageError,
    UnknownTargetError,
)
from ..event_bus import EventBus
from ..events import MaintenanceChanged
from ..storage.audit_log import AuditEntry, AuditLog
from .alarm_book import AlarmBook
from .models import Alarm, Maintenance, Shelf
from .requests import (
    AcknowledgeRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)
from .silences import Silences

_LOGGER = logging.getLogger(__name__)

LONGEST_SHELF_SECONDS = 30 * 86400.0
LONGEST_COMMENT = 400

type _Request = (
    AcknowledgeRequest | ShelveRequest | UnshelveRequest | MaintenanceRequest
)
type AskDevice = Callable[[Alarm, str], Awaitable[None]]


class OperatorActions:
    """Acknowledging, shelving, maintenance."""

    def __init__(
        self,
        events: EventBus,
        book: AlarmBook,
        silences: Silences,
        audit: AuditLog,
        ask_device: AskDevice,
    ) -> None:
        """Take the records; ask_device: has an alarm's device take note of it."""
        self._events = events
        self._book = book
        self._silences = silences
        self._audit = audit
        self._ask_device = ask_device
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def acknowledge(self, request: AcknowledgeRequest) -> Alarm:
        """Take note of what is pending of an alarm and return how it is then.

        Raises UnknownTargetError, StorageError (nothing was done), and what its
        device has against it: DeviceRefusedError, DeviceOfflineError, NetworkError.
        """
        key, actor, comment = request.alarm_id, request.actor, _short(request.comment)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            alarm = self._book.get(key)
            if alarm is None:
                raise UnknownTargetError(f"There is no open alarm {key}", target=key)
            entry = _entry("acknowledge", alarm.point_id or alarm.device_id, request)
            entry = replace(entry, old=alarm.state, verdict="requested")
            await self._audit.append(entry)
            try:
                with self._book.acting(key, actor, comment):
                    await self._ask_device(alarm, actor)
            except PlantroomError as err:
                await self._end(replace(entry, verdict="failed", detail=_reason(err)))
                raise
            self._book.acknowledge(key, alarm.pending, actor, comment)
            after = self._book.get(key)
            state = "normal" if after is None else after.state
            await self._end(replace(entry, new=state, verdict="verified"))
        return after or alarm

    async def shelve(self, request: ShelveRequest) -> None:
        """Put an alarm on a shelf, be it open or not.

        Raises ConfigurationError for a time that makes no sense, StorageError.
        """
        require(
            0 < request.seconds <= LONGEST_SHELF_SECONDS,
            "seconds",
            f"must be above 0 and at most {LONGEST_SHELF_SECONDS:.0f}",
        )
        until = datetime.now(UTC) + timedelta(seconds=request.seconds)
        key, actor, comment = request.alarm_id, request.actor, _short(request.comment)
        shelf = Shelf(alarm_id=key, until=until, actor=actor, comment=comment)
        before = self._silences.shelf_of(key)
        entry = _entry("shelve", key, request)
        old = None if before is None else before.until.isoformat()
        await self._audit.append(replace(entry, old=old, new=until.isoformat()))
        await self._silences.shelve(shelf)
        self._book.take_shelf(key, shelf, actor, comment)

    async def unshelve(self, request: UnshelveRequest) -> None:
        """Take an alarm off its shelf; raises UnknownTargetError, StorageError."""
        key, actor, comment = request.alarm_id, request.actor, _short(request.comment)
        shelf = self._silences.shelf_of(key)
        if shelf is None:
            raise UnknownTargetError(f"{key} is on no shelf", target=key)
        entry = _entry("unshelve", key, request)
        await self._audit.append(replace(entry, old=shelf.until.isoformat()))
        await self._silences.unshelve(key)
        self._book.take_shelf(key, None, actor, comment)

    async def set_maintenance(self, request: MaintenanceRequest) -> None:
        """Begin, change or end maintenance; raises ConfigurationError, StorageError."""
        aware = request.until is None or request.until.tzinfo is not None
        require(aware, "until", "must say its time zone")
        action = "begin_maintenance" if request.active else "end_maintenance"
        comment = _short(request.comment)
        entry = _entry(action, request.subject, request)
        until = None if request.until is None else request.until.isoformat()
        await self._audit.append(replace(entry, new=until))
        if request.active:
            maintenance = Maintenance(
                subject=request.subject,
                since=datetime.now(UTC),
                until=request.until,
                actor=request.actor,
                comment=comment,
            )
            await self._silences.begin(maintenance)
        else:
            await self._silences.end(request.subject)
        self.tell_maintenance(request.actor, comment)

    async def note_end(self, over: Shelf | Maintenance) -> None:
        """Keep that a shelf or maintenance came to its end by itself."""
        if isinstance(over, Shelf):
            action, subject = "unshelve", over.alarm_id
        else:
            action, subject = "end_maintenance", over.subject
        until = None if over.until is None else over.until.isoformat()
        entry = AuditEntry(
            at=datetime.now(UTC),
            actor=OURSELVES,
            action=action,
            point_id=subject,
            old=until,
            new=None,
            priority=None,
            verdict="verified",
            detail="its time is over",
        )
        await self._end(entry)

    def tell_maintenance(self, actor: str = "", comment: str = "") -> None:
        """Let alarms and clients know what is in maintenance now."""
        self._book.take_maintenance(actor, comment)
        self._events.publish(
            MaintenanceChanged(maintenance=self._silences.maintenance())
        )

    async def _end(self, entry: AuditEntry) -> None:
        try:
            await self._audit.append(replace(entry, at=datetime.now(UTC)))
        except StorageError as err:
            # The device knows by now: that is what the caller must hear
            _LOGGER.error(  # noqa: TRY400
                "The audit log does not keep the end of %s of %s, which was %s: %s",
                entry.action,
                entry.point_id,
                entry.verdict,
                err,
            )


def _entry(action: str, subject: str, request: _Request) -> AuditEntry:
    return AuditEntry(
        at=datetime.now(UTC),
        actor=request.actor,
        action=action,
        point_id=subject,
        old=None,
        new=None,
        priority=None,
        verdict="verified",
        detail=_short(request.comment),
        via=request.via,
    )


def _short(comment: str) -> str:
    return comment[:LONGEST_COMMENT]


def _reason(err: PlantroomError) -> str:
    return err.reason if isinstance(err, DeviceRefusedError) else err.code
