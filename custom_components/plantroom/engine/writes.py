"""The only way to the field: check, audit, write, read back, audit, answer."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakValueDictionary

from .errors import (
    DeviceError,
    DeviceOfflineError,
    DeviceRefusedError,
    NetworkError,
    PlantroomError,
    StorageError,
    UnknownTargetError,
    WriteRefusedError,
)
from .event_bus import EventBus
from .events import WriteDone
from .leases.book import LeaseBook
from .leases.models import Lease, LeaseCause
from .leases.rules import is_still_ours
from .models import Access, Point, PointValue, Verdict, WriteRequest, WriteResult
from .points import Points
from .storage.audit_log import AuditEntry, AuditLog
from .write_command import (
    PointWriter,
    WriteCommand,
    checked,
    nothing_done,
    reason_of,
    result_of,
)
from .write_rules import ReadBack, judge, same_value

_LOGGER = logging.getLogger(__name__)

# A controller takes a command in its next program cycle
READ_BACK_DELAYS = (0.0, 0.1, 0.3, 0.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """What became of ending a lease; result: None when nothing of ours was there."""

    ended: bool
    result: WriteResult | None = None


class Writes:
    """Every write and release of every network."""

    def __init__(
        self,
        events: EventBus,
        points: Points,
        audit: AuditLog,
        find_writer: Callable[[Point], PointWriter],
        leases: LeaseBook,
    ) -> None:
        """Take where points, audit rows, the networks' writers and leases are found."""
        self._events = events
        self._points = points
        self._audit = audit
        self._find_writer = find_writer
        self._leases = leases
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def stop(self) -> None:
        """Wait for the writes under way; calling it twice does no harm."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def write(self, request: WriteRequest) -> WriteResult:
        """Write or release and return the verdict.

        Raises UnknownTargetError, WriteRefusedError (nothing was sent), StorageError
        (nothing was sent: what cannot be audited is not written). A caller that is
        cancelled leaves the write to end, and to be audited, without it.
        """
        point = self._found(request.point_id)
        writer = self._find_writer(point)
        return await self._unbroken(self._write(request, point, writer))

    async def give_back(
        self, lease: Lease, cause: LeaseCause, actor: str, via: str = ""
    ) -> GivenBack:
        """Take back what a lease wrote, if it is there still, and close the lease.

        It stays open when the device did not let go, and when this raises
        UnknownTargetError, DeviceError, NetworkError or StorageError.
        """
        point = self._found(lease.point_id)
        writer = self._find_writer(point)
        return await self._unbroken(
            self._give_back(lease, cause, point, writer, (actor, via))
        )

    def _found(self, point_id: str) -> Point:
        point = self._points.get(point_id)
        if point is None:
            raise UnknownTargetError(f"There is no point {point_id}", target=point_id)
        return point

    async def _unbroken[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Let work come to its end, and be audited, whoever still waits for it."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _write(
        self, request: WriteRequest, point: Point, writer: PointWriter
    ) -> WriteResult:
        async with self._lock(point):
            began = time.monotonic()
            held = self._leases.get(point.point_id, None)
            if request.value is None and held is not None:
                # A point without priorities is given back by what it had before
                result = await self._end(
                    held,
                    LeaseCause.RELEASED,
                    point,
                    writer,
                    (request.actor, request.via),
                )
                self._tell(result, request.actor)
                return result or nothing_done(held)
            command = checked(request, point, writer, self._value_of(point))
            lease = await self._lease_of(request, command)
            before = self._leases.get(point.point_id, command.priority)
            if lease is not None:
                await self._leases.begin(lease)
            await self._keep(command, "requested", "")
            result, refused = await self._carry_out(command, began)
            await self._keep_verdict(command, result)
            await self._settle(command, result, lease, before, refused=refused)
        self._tell(result, request.actor)
        return result

    async def _lease_of(
        self, request: WriteRequest, command: WriteCommand
    ) -> Lease | None:
        """Return the lease that a write asks for, with what is to be written back."""
        if not request.is_leased or command.value is None:
            return None
        point, before = command.point, None
        if point.access is not Access.COMMANDABLE:
            before = (await command.writer.read_back(point)).present_value
            held = self._leases.get(point.point_id, None)
            if held is not None and same_value(held.value, before):
                before = held.before
            if before is None:
                raise WriteRefusedError(
                    f"{point.point_id} has no value that could be written back",
                    reason="nothing_before",
                    point=point.name,
                )
        return self._leases.made(
            request, point, command.value, command.priority, before
        )

    async def _settle(
        self,
        command: WriteCommand,
        result: WriteResult,
        lease: Lease | None,
        before: Lease | None,
        *,
        refused: bool,
    ) -> None:
        """Bring leases in line with what became of a write.

        A write of which nobody knows whether it was taken keeps its lease: when that
        ends, it is looked at.
        """
        failed = result.verdict is Verdict.FAILED
        not_taken = failed and (refused or result.reason == "value-not-taken")
        if lease is not None and not_taken:
            if before is not None:
                await self._leases.restore(before)
            else:
                await self._leases.end(
                    lease,
                    LeaseCause.RELEASED,
                    outcome=result.reason,
                    verdict=Verdict.FAILED,
                )
        elif lease is None and before is not None and not failed:
            released = command.value is None
            cause = LeaseCause.RELEASED if released else LeaseCause.REPLACED
            await self._leases.end(before, cause, actor=command.actor)

    async def _give_back(
        self,
        lease: Lease,
        cause: LeaseCause,
        point: Point,
        writer: PointWriter,
        who: tuple[str, str],
    ) -> GivenBack:
        async with self._lock(point):
            if not self._leases.is_open(lease):
                return GivenBack(ended=True)
            result = await self._end(lease, cause, point, writer, who)
        self._tell(result, who[0])
        ended = not self._leases.is_open(lease)
        return GivenBack(ended=ended, result=result)

    async def _end(
        self,
        lease: Lease,
        cause: LeaseCause,
        point: Point,
        writer: PointWriter,
        who: tuple[str, str],
    ) -> WriteResult | None:
        """Take back what is still ours; None: nothing was, and the lease is over."""
        began, (actor, via) = time.monotonic(), who
        found = await writer.read_back(point)
        if not is_still_ours(lease, point, found):
            await self._leases.end(
                lease, cause, actor=actor, outcome="not ours any more"
            )
            return None
        command = WriteCommand(
            point=point,
            writer=writer,
            value=lease.before,
            priority=lease.priority,
            actor=actor,
            via=via,
            old=found.present_value,
        )
        await self._keep(command, "requested", "")
        result, _ = await self._carry_out(command, began)
        await self._keep_verdict(command, result)
        if result.verdict is not Verdict.FAILED:
            await self._leases.end(lease, cause, actor=actor)
        return result

    def _tell(self, result: WriteResult | None, actor: str) -> None:
        if result is not None:
            self._events.publish(WriteDone(result=result, actor=actor))

    def _lock(self, point: Point) -> asyncio.Lock:
        return self._locks.setdefault(point.point_id, asyncio.Lock())

    def _value_of(self, point: Point) -> PointValue:
        reading = self._points.reading(point.point_id)
        return None if reading is None else reading.value

    async def _carry_out(
        self, command: WriteCommand, began: float
    ) -> tuple[WriteResult, bool]:
        """Return what came of a write, and whether the device refused it as such."""
        point, writer = command.point, command.writer
        try:
            await writer.send_write(point, command.value, command.priority)
        except DeviceOfflineError as err:
            # Perhaps only its answer was lost, and it has the value
            result = await self._prove(command, began, READ_BACK_DELAYS[:1])
            if result.verdict is not Verdict.FAILED:
                return result, False
            failure: PlantroomError = err
        except (DeviceError, NetworkError) as err:
            failure = err
        else:
            return await self._prove(command, began, READ_BACK_DELAYS), False
        _LOGGER.warning("Write to %s failed: %s", point.point_id, failure)
        result = result_of(command, began, Verdict.FAILED, reason_of(failure))
        return result, isinstance(failure, DeviceRefusedError)

    async def _prove(
        self, command: WriteCommand, began: float, delays: Sequence[float]
    ) -> WriteResult:
        """Read back after each delay until the device shows what it made of it."""
        verdict, reason, overridden_by = Verdict.FAILED, "not-read-back", None
        read_back = ReadBack()
        for delay in delays:
            await asyncio.sleep(delay)
            try:
                read_back = await command.writer.read_back(command.point)
            except (DeviceOfflineError, NetworkError) as err:
                reason = reason_of(err)
                break
            except DeviceError as err:
                reason = reason_of(err)
                continue
            verdict, reason, overridden_by = judge(
                command.value, command.priority, read_back
            )
            if verdict is not Verdict.FAILED:
                break
        return result_of(command, began, verdict, reason, read_back, overridden_by)

    async def _keep_verdict(self, command: WriteCommand, result: WriteResult) -> None:
        try:
            await self._keep(command, result.verdict, result.reason)
        except StorageError as err:
            # The device has the value by now: that is what the caller must hear
            _LOGGER.error(  # noqa: TRY400
                "Write to %s ended %s, which the audit log does not keep: %s",
                result.point_id,
                result.verdict,
                err,
            )

    async def _keep(self, command: WriteCommand, verdict: str, detail: str) -> None:
        await self._audit.append(
            AuditEntry(
                at=datetime.now(UTC),
                actor=command.actor,
                action="release" if command.value is None else "write",
                point_id=command.point.point_id,
                old=command.old,
                new=command.value,
                priority=command.priority,
                verdict=verdict,
                detail=detail,
                via=command.via,
            )
        )
