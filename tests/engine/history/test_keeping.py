"""What was counted outlives the process; a disk that fails costs history alone."""

import logging
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.history import keeping
from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.storage.database import Database
from custom_components.plantroom.engine.storage.hours import FILE_NAME, HourStore
from tests.site import point

from .history_bench import HOUR, OTHER, ROOM, TEN, HistoryBench, covered


async def test_restart_goes_on_with_the_hour(tmp_path: Path):
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    bench.wait(minutes=20)
    await bench.history.stop()
    other = HistoryBench(tmp_path, TEN + timedelta(minutes=30))
    await other.start()
    other.read(23.0)
    other.wait(minutes=30)
    (hour,) = await other.hours()
    assert (hour.first, hour.last, hour.covered_seconds) == (20.0, 23.0, 3000.0)
    assert hour.mean == pytest.approx(21.8)
    await other.history.stop()


async def test_killed_process_loses_what_came_since_it_last_kept(tmp_path: Path):
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    bench.wait(minutes=20)
    await bench.history.save()
    bench.wait(45)
    bench.read(90.0)
    bench.wait(10)
    other = await bench.killed(tmp_path, TEN + timedelta(minutes=30))
    await other.start()
    (hour,) = await other.hours()
    assert (hour.maximum, hour.covered_seconds) == (20.0, 1200.0)
    other.read(20.0)
    other.wait(minutes=30)
    (hour,) = await other.hours()
    assert (hour.complete, hour.covered_seconds) == (True, 3000.0)
    await other.history.stop()


async def test_value_that_did_not_change_is_counted_until_the_process_died(
    tmp_path: Path,
):
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    for _ in range(150):
        bench.wait(minutes=1)
        await bench.history.save()
    other = await bench.killed(tmp_path, TEN + timedelta(hours=5))
    await other.start()
    hours = await other.hours()
    assert dict(covered(hours)) == {10: 3600.0, 11: 3600.0, 12: 1800.0}
    assert all(each.complete for each in hours)
    await other.history.stop()


async def test_value_that_was_lost_is_not_counted_until_the_process_died(
    tmp_path: Path,
):
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    bench.wait(minutes=10)
    await bench.history.save()
    bench.device(online=False)
    bench.wait(minutes=10)
    await bench.history.save()
    other = await bench.killed(tmp_path, TEN + timedelta(hours=5))
    await other.start()
    (hour,) = await other.hours()
    assert hour.covered_seconds == 600.0
    await other.history.stop()


async def test_unchanged_points_are_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    written: list[int] = []
    save = HourStore.save

    async def counted(store: HourStore, hours, beat):
        written.append(len(hours))
        await save(store, hours, beat)

    monkeypatch.setattr(HourStore, "save", counted)
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    bench.read(30.0, OTHER)
    for _ in range(3):
        bench.wait(minutes=1)
        await bench.history.save()
    bench.read(21.0)
    bench.wait(minutes=1)
    await bench.history.save()
    assert written == [2, 0, 0, 1]
    bench.wait(minutes=57)
    await bench.history.save()
    assert written[-1] == 4
    await bench.history.stop()


async def test_clock_behind_what_was_kept_counts_nothing_twice(tmp_path: Path):
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    bench.wait(minutes=40)
    await bench.history.stop()
    other = HistoryBench(tmp_path, TEN + timedelta(minutes=10))
    await other.start()
    other.read(20.0)
    other.wait(minutes=50)
    (hour,) = await other.hours()
    assert hour.covered_seconds == 3600.0
    await other.history.stop()


async def test_full_disk_is_told_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    bench = HistoryBench(tmp_path)
    await bench.start()
    run = Database.run

    async def full(database: Database, work):
        if database._path is not None and database._path.name == FILE_NAME:
            raise StorageError("full", path=str(database._path), reason="disk is full")
        return await run(database, work)

    bench.read(20.0)
    bench.wait(minutes=30)
    with monkeypatch.context() as patched:
        patched.setattr(Database, "run", full)
        for _ in range(3):
            bench.wait(minutes=30)
            await bench.history.save()
        problem = bench.problem
        assert problem is not None
        assert (problem.code, problem.facts["reason"]) == (
            ProblemCode.HISTORY_UNKEPT,
            "disk is full",
        )
        assert bench.history.state.waiting == 2
    await bench.history.save()
    assert bench.problem is None
    assert bench.history.state.waiting == 0
    assert [r.levelno for r in caplog.records] == [logging.WARNING] * 2
    hours = await bench.hours()
    assert dict(covered(hours)) == {10: 3600.0, 11: 3600.0}
    await bench.history.stop()


async def test_folder_that_cannot_be_used_leaves_the_engine_running(tmp_path: Path):
    (tmp_path / "folder").write_text("a file")
    bench = HistoryBench(tmp_path / "folder")
    await bench.start()
    assert bench.problem is not None
    bench.read(20.0)
    bench.wait(minutes=60)
    await bench.history.save()
    (hour,) = await bench.hours()
    assert hour.covered_seconds == 3600.0
    (tmp_path / "folder").unlink()
    await bench.history.save()
    assert bench.problem is None
    await bench.history.stop()


async def test_hours_that_wait_for_a_disk_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keeping, "MOST_WAITING", 3)
    (tmp_path / "folder").write_text("a file")
    bench = HistoryBench(tmp_path / "folder")
    await bench.start()
    bench.read(20.0)
    for _ in range(6):
        bench.wait(minutes=60)
        await bench.history.save()
    assert [hour for hour, _ in covered(await bench.hours())] == [13, 14, 15]
    await bench.history.stop()


async def test_old_hours_are_dropped_once_the_clock_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keeping, "KEPT_DAYS", 1)
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    bench.wait(minutes=60)
    bench.set_clock(TEN + timedelta(days=300))
    bench.wait(minutes=10)
    await bench.history.save()
    assert (await bench.answer(start=TEN, hours=1)).hours
    bench.wait(minutes=7 * 60)
    await bench.history.save()
    assert not (await bench.answer(start=TEN, hours=1)).hours
    kept_since = (await bench.answer()).kept_since
    assert kept_since is not None
    assert kept_since >= TEN + timedelta(days=300)
    await bench.history.stop()


async def test_oldest_hours_go_first_when_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    points = [point(f"analog-value,{number}") for number in range(60)]
    bench = HistoryBench(tmp_path)
    await bench.start(*points)
    for each in points:
        bench.read(20.0, each.point_id)
    for _ in range(24 * 5):
        bench.wait(minutes=60)
        bench.history._keeper.take(bench.history._book.take_news())
    await bench.history.save()
    held = await HourStore.held(bench.history._keeper._store)
    monkeypatch.setattr(keeping, "MOST_OCTETS", held.octets // 2)
    bench.wait(minutes=60)
    await bench.history.save()
    hours = await bench.hours(points[0].point_id)
    assert TEN + timedelta(days=2) < hours[0].start < TEN + timedelta(days=4)
    assert hours[-1].start == bench.at - HOUR
    assert [hour.start for hour in hours] == [
        hours[0].start + n * HOUR for n in range(len(hours))
    ]
    assert sum("are dropped before" in r.message for r in caplog.records) == 1
    await bench.history.stop()


async def test_damaged_file_is_set_aside(tmp_path: Path):
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 1000)
    bench = HistoryBench(tmp_path)
    await bench.start()
    bench.read(20.0)
    bench.wait(minutes=60)
    await bench.history.stop()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        assert db.execute("SELECT COUNT(*) FROM hour").fetchone() == (1,)
    db.close()
    assert (tmp_path / "history.broken").exists()


async def test_damage_that_shows_later_sets_the_file_aside_and_loses_no_hour_since(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    old = HistoryBench(tmp_path)
    await old.start()
    for number in range(300):
        old.read(20.0 + number)
        old.wait(minutes=60)
        await old.history.save()
    await old.history.stop()
    file = tmp_path / FILE_NAME
    content = bytearray(file.read_bytes())
    # The last page of all: nothing of it is read at the start
    content[-4096:] = b"\xff" * 4096
    file.write_bytes(content)
    bench = HistoryBench(tmp_path, TEN + timedelta(hours=301))
    await bench.start()
    assert "is damaged" not in caplog.text
    for _ in range(3):
        bench.read(50.0)
        bench.wait(minutes=60)
        await bench.history.save()
    assert caplog.text.count("is damaged") == 1
    assert (tmp_path / "history.broken").read_bytes()[-4096:] == b"\xff" * 4096
    kept = [hour for hour in await bench.hours() if hour.complete]
    assert [hour.covered_seconds for hour in kept][-3:] == [3600.0] * 3
    assert bench.problems.all() == ()
    await bench.history.stop()


async def test_answer_is_cut_between_hours(monkeypatch: pytest.MonkeyPatch):
    for module in ("answers", "history"):
        path = f"custom_components.plantroom.engine.history.{module}.MOST_HOURS"
        monkeypatch.setattr(path, 5)
    bench = HistoryBench()
    await bench.start()
    bench.read(20.0)
    bench.read(30.0, OTHER)
    bench.wait(minutes=4 * 60)
    first = await bench.answer(ROOM, OTHER, start=TEN, hours=4)
    assert [(h.start.hour, h.point_id) for h in first.hours] == [
        (10, ROOM), (10, OTHER), (11, ROOM), (11, OTHER),
    ]  # fmt: skip
    assert first.more_from == TEN + 2 * HOUR
    second = await bench.answer(ROOM, OTHER, start=first.more_from, hours=2)
    assert [h.start.hour for h in second.hours] == [12, 12, 13, 13]
    assert second.more_from is None
    await bench.history.stop()


async def test_only_what_begins_in_the_time_asked_for_is_answered():
    bench = HistoryBench()
    await bench.start()
    bench.read(20.0)
    bench.wait(minutes=3 * 60)
    start = TEN + timedelta(minutes=1)
    answer = await bench.answer(start=start, hours=1)
    assert [each.start.hour for each in answer.hours] == [11, 12]
    await bench.history.stop()
