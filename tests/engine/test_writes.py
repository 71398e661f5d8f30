"""Check, audit, write, read back, audit, answer; and nothing without the audit."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, override

import pytest

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
    NetworkError,
    PlantroomError,
    StorageError,
    UnknownTargetError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import EngineEvent, WriteDone
from custom_components.plantroom.engine.leases.book import LeaseBook
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointValue,
    Verdict,
    WriteRequest,
)
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.requests import AuditQuery, AuditRow
from custom_components.plantroom.engine.storage.audit_log import AuditLog
from custom_components.plantroom.engine.storage.database import Database
from custom_components.plantroom.engine.storage.leases import LeaseStore
from custom_components.plantroom.engine.write_command import PointWriter
from custom_components.plantroom.engine.write_rules import ReadBack
from custom_components.plantroom.engine.writes import Writes
from tests.site import point, reading, until

SETPOINT = point(maximum=30.0)
PLAIN = point("analog-value,2", access=Access.PLAIN)
OFFLINE = DeviceOfflineError("no answer", device="D")


class FakeWriter(PointWriter):
    """A device with a priority array, late or broken as told."""

    def __init__(self) -> None:
        self.default_priority = 8
        self.writable = True
        self.sent: list[tuple[str, PointValue, int | None]] = []
        self.settled: dict[PointValue, PointValue] = {}
        self.slots: dict[str, list[PointValue]] = {}
        self.send_error: Exception | None = None
        self.answer_is_lost = False
        self.read_errors: list[Exception] = []
        self.reads_until_taken = 0
        self.reads = 0
        self.before_send: Callable[[], Any] = lambda: None
        self.meeting: asyncio.Barrier | None = None
        self.at_once = 0
        self.most_at_once = 0

    @override
    def write_settings(self, point: Point) -> tuple[int, bool]:
        return self.default_priority, self.writable

    @override
    def settle(self, point: Point, value: PointValue) -> PointValue:
        return self.settled.get(value, value)

    @override
    async def send_write(
        self, point: Point, value: PointValue, priority: int | None
    ) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.before_send()
        if self.meeting is not None:
            async with asyncio.timeout(20):
                await self.meeting.wait()
        await asyncio.sleep(0)
        self.sent.append((point.reference, value, priority))
        slots = self.slots.setdefault(point.reference, [None] * 16)
        if self.send_error is None or self.answer_is_lost:
            slots[(priority or 16) - 1] = value
        if self.send_error is not None:
            self.at_once -= 1
            raise self.send_error

    @override
    async def read_back(self, point: Point) -> ReadBack:
        self.reads += 1
        self.at_once = 0
        if self.read_errors:
            raise self.read_errors.pop(0)
        if self.reads <= self.reads_until_taken:
            return ReadBack(present_value=0.0, priority_array=(None,) * 16)
        slots = self.slots[point.reference]
        winner = next((slot for slot in slots if slot is not None), 0.0)
        commandable = point.access is Access.COMMANDABLE
        return ReadBack(
            present_value=winner, priority_array=tuple(slots) if commandable else ()
        )


class Desk:
    """Writes with all they need, and what came of them."""

    def __init__(self) -> None:
        self.database = Database(None)
        self.audit = AuditLog(self.database)
        self.writer = FakeWriter()
        bus = EventBus()
        self.points = Points(bus)
        self.points.define("n:1", [SETPOINT, PLAIN])
        self.heard: list[EngineEvent] = []
        bus.listen(lambda numbered: self.heard.append(numbered.event))
        self.leases = LeaseBook(bus, LeaseStore(self.database))
        self.writes = Writes(
            bus, self.points, self.audit, lambda _point: self.writer, self.leases
        )

    async def write(self, value: PointValue, subject: Point = SETPOINT, **facts: Any):
        request = WriteRequest(point_id=subject.point_id, value=value, **facts)
        return await self.writes.write(request)

    async def rows(self) -> list[AuditRow]:
        return [*reversed(await self.audit.rows(AuditQuery()))]

    async def break_audit_log(self) -> None:
        await self.database.run(lambda db: db.execute("DROP TABLE audit"))


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    module = "custom_components.plantroom.engine.writes.READ_BACK_DELAYS"
    monkeypatch.setattr(module, (0.0, 0.0, 0.0, 0.0))
    made = Desk()
    await made.database.start()
    yield made
    await made.database.stop()


async def test_what_the_device_can_hold_is_sent_audited_and_proven(desk: Desk):
    desk.writer.settled[21.37] = 21.4
    result = await desk.write(21.37)
    assert desk.writer.sent == [("analog-value,1", 21.4, 8)]
    assert (result.verdict, result.requested) == (Verdict.VERIFIED, 21.4)


async def test_write_is_sent_read_back_and_verified(desk: Desk):
    result = await desk.write(21.5, actor="Ada")
    assert desk.writer.sent == [("analog-value,1", 21.5, 8)]
    assert (result.verdict, result.present_value) == (Verdict.VERIFIED, 21.5)
    assert (result.priority, result.priority_array[7]) == (8, 21.5)
    assert desk.heard == [WriteDone(result=result, actor="Ada")]


async def test_audit_says_who_asked_before_and_what_came_of_it_after(desk: Desk):
    desk.points.update([(SETPOINT.point_id, reading(19.0))])
    seen: list[asyncio.Task[list[AuditRow]]] = []
    desk.writer.before_send = lambda: seen.append(asyncio.create_task(desk.rows()))
    await desk.write(21.5, actor="Ada", priority=10)
    before, after = await desk.rows()
    assert await seen[0] == [before]
    assert (before.verdict, after.verdict) == ("requested", "verified")
    for row in (before, after):
        assert (row.actor, row.action, row.priority) == ("Ada", "write", 10)
        assert (row.old, row.new, row.point_id) == (19.0, 21.5, SETPOINT.point_id)


async def test_release_is_audited_as_a_release(desk: Desk):
    await desk.write(21.5)
    result = await desk.write(None)
    assert (result.verdict, result.requested) == (Verdict.VERIFIED, None)
    assert [row.action for row in await desk.rows()] == ["write"] * 2 + ["release"] * 2


async def test_default_priority_is_the_devices(desk: Desk):
    desk.writer.default_priority = 12
    assert (await desk.write(20.0)).priority == 12


async def test_plain_point_is_written_without_a_priority(desk: Desk):
    result = await desk.write(20.0, PLAIN, priority=9)
    assert desk.writer.sent == [("analog-value,2", 20.0, None)]
    assert (result.verdict, result.priority) == (Verdict.VERIFIED, None)


async def test_plain_point_that_is_not_ours_to_write_is_refused(desk: Desk):
    desk.writer.writable = False
    with pytest.raises(WriteRefusedError):
        await desk.write(20.0, PLAIN)


@pytest.mark.parametrize(
    "facts", [{"value": 31.0}, {"value": 20.0, "priority": 5}, {"value": float("nan")}]
)
async def test_refused_write_is_neither_sent_nor_audited(desk: Desk, facts: Any):
    with pytest.raises(WriteRefusedError):
        await desk.write(**facts)
    assert (desk.writer.sent, await desk.rows(), desk.heard) == ([], [], [])


async def test_reserved_priority_that_is_meant_is_written(desk: Desk):
    result = await desk.write(20.0, priority=5, allow_reserved=True)
    assert (result.verdict, result.priority) == (Verdict.VERIFIED, 5)


async def test_unknown_point_is_no_target(desk: Desk):
    with pytest.raises(UnknownTargetError) as caught:
        await desk.write(20.0, replace(SETPOINT, point_id="n:9:x"))
    assert caught.value.facts == {"target": "n:9:x"}


async def test_overriding_priority_is_named(desk: Desk):
    desk.writer.slots["analog-value,1"] = [None] * 4 + [15.0] + [None] * 11
    result = await desk.write(21.5)
    assert (result.verdict, result.overridden_by) == (Verdict.OVERRIDDEN, 5)
    assert result.present_value == 15.0
    assert (await desk.rows())[-1].verdict == "overridden"


async def test_controller_that_takes_a_command_late_is_read_again(desk: Desk):
    desk.writer.reads_until_taken = 2
    assert (await desk.write(21.5)).verdict is Verdict.VERIFIED
    assert desk.writer.reads == 3


async def test_controller_that_never_takes_it_has_failed(desk: Desk):
    desk.writer.reads_until_taken = 99
    result = await desk.write(21.5)
    assert (result.verdict, result.reason) == (Verdict.FAILED, "value-not-taken")
    assert (await desk.rows())[-1].detail == "value-not-taken"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DeviceRefusedError("no", device="D", reason="write-access-denied"),
         "write-access-denied"),
        (MalformedReplyError("odd", device="D"), "malformed_reply"),
        (NetworkError("down"), "network"),
    ],
)  # fmt: skip
async def test_write_that_cannot_be_sent_has_failed_and_says_why(
    desk: Desk, error: PlantroomError, reason: str
):
    desk.writer.send_error = error
    result = await desk.write(21.5)
    assert (result.verdict, result.reason) == (Verdict.FAILED, reason)
    assert result.priority_array == ()
    assert desk.writer.reads == 0
    assert [row.verdict for row in await desk.rows()] == ["requested", "failed"]
    assert len(desk.heard) == 1


@pytest.mark.parametrize("offline_since", ["the write", "its answer"])
async def test_write_without_an_answer_is_judged_by_what_the_device_holds(
    desk: Desk, offline_since: str
):
    desk.writer.send_error = OFFLINE
    if offline_since == "the write":
        desk.writer.read_errors = [OFFLINE]
    desk.writer.answer_is_lost = offline_since == "its answer"
    result = await desk.write(21.5)
    expected = (
        (Verdict.VERIFIED, "")
        if desk.writer.answer_is_lost
        else (Verdict.FAILED, "device_offline")
    )
    assert (result.verdict, result.reason) == expected
    assert desk.writer.reads == 1


async def test_write_that_never_arrived_has_failed_for_want_of_an_answer(desk: Desk):
    desk.writer.send_error = OFFLINE
    desk.writer.reads_until_taken = 1
    result = await desk.write(21.5)
    assert (result.verdict, result.reason) == (Verdict.FAILED, "device_offline")


async def test_read_back_that_is_refused_once_is_tried_again(desk: Desk):
    desk.writer.read_errors = [MalformedReplyError("odd", device="D")]
    assert (await desk.write(21.5)).verdict is Verdict.VERIFIED


async def test_read_back_that_is_always_refused_says_so(desk: Desk):
    refused = DeviceRefusedError("no", device="D", reason="read-access-denied")
    desk.writer.read_errors = [refused] * 9
    result = await desk.write(21.5)
    assert (result.verdict, result.reason) == (Verdict.FAILED, "read-access-denied")


@pytest.mark.parametrize("error", [OFFLINE, NetworkError("down")])
async def test_device_that_went_silent_is_not_waited_for_again(
    desk: Desk, error: PlantroomError
):
    desk.writer.read_errors = [error] * 9
    result = await desk.write(21.5)
    assert (result.verdict, result.reason) == (Verdict.FAILED, error.code)
    assert desk.writer.reads == 1


async def test_writes_to_one_point_wait_for_each_other(desk: Desk):
    results = await asyncio.gather(*(desk.write(float(n)) for n in range(10)))
    assert desk.writer.most_at_once == 1
    assert [result.present_value for result in results] == [float(n) for n in range(10)]
    verdicts = [row.verdict for row in await desk.rows()]
    assert verdicts == ["requested", "verified"] * 10


async def test_writes_to_different_points_do_not_wait_for_each_other(desk: Desk):
    desk.writer.meeting = asyncio.Barrier(2)
    await asyncio.gather(desk.write(20.0), desk.write(20.0, PLAIN))
    assert len(desk.writer.sent) == 2


async def test_second_of_two_writes_has_the_value_of_the_first_as_its_old(desk: Desk):
    def take() -> None:
        value = 20.0 if not desk.writer.sent else 21.0
        desk.points.update([(SETPOINT.point_id, reading(value))])

    desk.writer.before_send = take
    await asyncio.gather(desk.write(20.0), desk.write(21.0))
    assert [row.old for row in await desk.rows()] == [None, None, 20.0, 20.0]


async def test_what_cannot_be_audited_is_not_written(desk: Desk):
    await desk.break_audit_log()
    with pytest.raises(StorageError):
        await desk.write(21.5)
    assert (desk.writer.sent, desk.heard) == ([], [])


async def test_write_that_was_sent_has_its_verdict_even_when_the_audit_breaks(
    desk: Desk, caplog: pytest.LogCaptureFixture
):
    def break_it(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE audit")

    tasks: list[asyncio.Task[None]] = []
    desk.writer.before_send = lambda: tasks.append(
        asyncio.create_task(desk.database.run(break_it))
    )
    desk.writer.read_errors = [MalformedReplyError("odd", device="D")]
    result = await desk.write(21.5)
    await asyncio.gather(*tasks)
    assert result.verdict is Verdict.VERIFIED
    assert desk.heard == [WriteDone(result=result, actor="")]
    assert "audit log does not keep" in caplog.text


async def test_write_of_a_caller_that_goes_away_still_ends_and_is_audited(desk: Desk):
    desk.writer.meeting = asyncio.Barrier(2)
    task = asyncio.create_task(desk.write(20.0, actor="Ada"))
    waiting = desk.writer.meeting
    await until(lambda: waiting.n_waiting)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await waiting.wait()
    await desk.writes.stop()
    assert [row.verdict for row in await desk.rows()] == ["requested", "verified"]
    assert [event.actor for event in desk.heard if isinstance(event, WriteDone)] == [
        "Ada"
    ]
    desk.writer.meeting = None
    assert (await desk.write(21.0)).verdict is Verdict.VERIFIED
