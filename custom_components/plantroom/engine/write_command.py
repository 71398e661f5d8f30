"""One write on its way: what is sent to which point, in whose name, and its result."""

import time
from dataclasses import dataclass
from typing import Protocol

from .errors import DeviceRefusedError, PlantroomError
from .leases.models import Lease
from .models import Access, Point, PointValue, Verdict, WriteRequest, WriteResult
from .write_rules import ReadBack, check_write


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
class WriteCommand:
    """A write as it is sent; old: the value as last read."""

    point: Point
    writer: PointWriter
    value: PointValue
    priority: int | None
    actor: str
    via: str
    old: PointValue


def checked(
    request: WriteRequest, point: Point, writer: PointWriter, old: PointValue
) -> WriteCommand:
    """Return a request as it is sent, or raise WriteRefusedError."""
    default_priority, may_write_plain = writer.write_settings(point)
    priority = request.priority if request.priority is not None else default_priority
    value = check_write(
        point,
        request.value,
        priority,
        allow_reserved=request.allow_reserved,
        allow_plain=may_write_plain,
    )
    return WriteCommand(
        point=point,
        writer=writer,
        value=value if value is None else writer.settle(point, value),
        priority=priority if point.access is Access.COMMANDABLE else None,
        actor=request.actor,
        via=request.via,
        old=old,
    )


def result_of(
    command: WriteCommand,
    began: float,
    verdict: Verdict,
    reason: str,
    read_back: ReadBack | None = None,
    overridden_by: int | None = None,
) -> WriteResult:
    """Return what a write did; began: time.monotonic() of its begin."""
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


def nothing_done(lease: Lease) -> WriteResult:
    """Return the result of giving back what somebody else has changed since."""
    return WriteResult(
        point_id=lease.point_id, verdict=Verdict.VERIFIED, requested=lease.before
    )


def reason_of(err: PlantroomError) -> str:
    """Return why a device did not do it, as the standard names it, or our code."""
    return err.reason if isinstance(err, DeviceRefusedError) else err.code
