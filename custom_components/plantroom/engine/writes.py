"""The only way to the field: check, audit, write, read back, audit, answer."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from weakref import WeakValueDictionary

from .errors import (
    DeviceError,
    DeviceOfflineError,
    DeviceRefusedError,
    NetworkError,
    PlantroomError,
    StorageError,
    UnknownTargetError,
)
from .event_bus import EventBus
from .events import WriteDone
from .models import Access, Point, PointValue, Verdict, WriteRequest, WriteResult
from .points import Points
from .storage.audit_log import AuditEntry, AuditLog
from .write_rules import ReadBack, check_write, judge

_LOGGER = logging.getLogger(__name__)

# A controller takes a command in its next program cycle
READ_BACK_DELAYS = (0.0, 0.1, 0.3, 0.4)


class PointWriter(Protocol):
    """What a network offers for one of its points."""

    def write_settings(self, point: Point) -> tuple[int, bool]:
        """Return the device's default priority and whether a PLAIN point is ours."""

    def settle(self, point: Point, value: PointValue) -> PointValue:
        """Return what the device can hold of a value, or raise WriteRefusedError.

        A register of tenths holds 21.4 of 21.37.
        """

    async def send_write(
        self, point: Point, value: PointValue, priority: int | None
    ) -> None:
        """Send one write, None relinquishes, or raise a DeviceError."""

    async def read_back(self, point: Point) -> ReadBack:
        """Return what the device has now, or raise a DeviceError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Command:
    point: Point
    writer: PointWriter
    value: PointValue
    priority: int | None
    actor: str
    old: PointValue


class Writes:
    """Every write and release of every network."""

    def __init__(
        self,
        events: EventBus,
        points: Points,
        audit: AuditLog,
        find_writer: Callable[[Point], PointWriter],
    ) -> None:
        """Take where points, audit rows and the networks' writers are found."""
        self._events = events
        self._points = points
        self._audit = audit
        self._find_writer = find_writer
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._under_way: set[asyncio.Task[WriteResult]] = set()

    async def stop(self) -> None:
        """Wait for the writes under way; calling it twice does no harm."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def write(self, request: WriteRequest) -> WriteResult:
        """Write or release and return the verdict.

        Raises UnknownTargetError, WriteRefusedError (nothing was sent), StorageError
        (nothing was sent: what cannot be audited is not written). A caller that is
        cancelled leaves the write to end, and to be audited, without it.
        """
        point = self._points.get(request.point_id)
        if point is None:
            raise UnknownTargetError(
                f"There is no point {request.point_id}", target=request.point_id
            )
        writer = self._find_writer(point)
        task = asyncio.create_task(self._write(request, point, writer))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _write(
        self, request: WriteRequest, point: Point, writer: PointWriter
    ) -> WriteResult:
        lock = self._locks.setdefault(point.point_id, asyncio.Lock())
        async with lock:
            began = time.monotonic()
            before = self._points.reading(point.point_id)
            command = _checked(request, point, writer, before.value if before else None)
            await self._keep(command, "requested", "")
            result = await self._carry_out(command, began)
            await self._keep_verdict(command, result)
        self._events.publish(WriteDone(result=result, actor=request.actor))
        return result

    async def _carry_out(self, command: _Command, began: float) -> WriteResult:
        point, writer = command.point, command.writer
        try:
            await writer.send_write(point, command.value, command.priority)
        except DeviceOfflineError as err:
            # Perhaps only its answer was lost, and it has the value
            result = await self._prove(command, began, READ_BACK_DELAYS[:1])
            if result.verdict is not Verdict.FAILED:
                return result
            failure: PlantroomError = err
        except (DeviceError, NetworkError) as err:
            failure = err
        else:
            return await self._prove(command, began, READ_BACK_DELAYS)
        _LOGGER.warning("Write to %s failed: %s", point.point_id, failure)
        return _result(command, began, Verdict.FAILED, _reason(failure))

    async def _prove(
        self, command: _Command, began: float, delays: Sequence[float]
    ) -> WriteResult:
        """Read back after each delay until the device shows what it made of it."""
        verdict, reason, overridden_by = Verdict.FAILED, "not-read-back", None
        read_back = ReadBack()
        for delay in delays:
            await asyncio.sleep(delay)
            try:
                read_back = await command.writer.read_back(command.point)
            except (DeviceOfflineError, NetworkError) as err:
                reason = _reason(err)
                break
            except DeviceError as err:
                reason = _reason(err)
                continue
            verdict, reason, overridden_by = judge(
                command.value, command.priority, read_back
            )
            if verdict is not Verdict.FAILED:
                break
        return _result(command, began, verdict, reason, read_back, overridden_by)

    async def _keep_verdict(self, command: _Command, result: WriteResult) -> None:
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

    async def _keep(self, command: _Command, verdict: str, detail: str) -> None:
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
            )
        )


def _checked(
    request: WriteRequest, point: Point, writer: PointWriter, old: PointValue
) -> _Command:
    default_priority, may_write_plain = writer.write_settings(point)
    priority = request.priority if request.priority is not None else default_priority
    value = check_write(
        point,
        request.value,
        priority,
        allow_reserved=request.allow_reserved,
        allow_plain=may_write_plain,
    )
    return _Command(
        point=point,
        writer=writer,
        value=value if value is None else writer.settle(point, value),
        priority=priority if point.access is Access.COMMANDABLE else None,
        actor=request.actor,
        old=old,
    )


def _result(
    command: _Command,
    began: float,
    verdict: Verdict,
    reason: str,
    read_back: ReadBack | None = None,
    overridden_by: int | None = None,
) -> WriteResult:
    read_back = read_back or ReadBack()
    return WriteResult(
        point_id=command.point.point_id,
        verdict=verdict,
        requested=command.value,
        present_value=read_back.present_value,
        priority=command.priority,
        overridden_by=overridden_by,
        priority_array=read_back.priority_array,
        reason=reason,
        seconds=round(time.monotonic() - began, 3),
    )


def _reason(err: PlantroomError) -> str:
    return err.reason if isinstance(err, DeviceRefusedError) else err.code
