"""One file, one thread: what is kept stays, and what is broken is never in the way."""

import asyncio
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.storage import database as module
from custom_components.plantroom.engine.storage.database import (
    FILE_NAME,
    MIGRATIONS,
    Database,
)

INSERT = "INSERT INTO device VALUES (?, '{}')"


def tables(db: sqlite3.Connection) -> set[str]:
    rows = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in rows}


def device_ids(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT device_id FROM device ORDER BY rowid")
    return [device_id for (device_id,) in rows]


def version(db: sqlite3.Connection) -> int:
    (number,) = db.execute("PRAGMA user_version").fetchone()
    return int(number)


async def keep(database: Database, *ids: str) -> None:
    await database.run(lambda db: db.executemany(INSERT, [(each,) for each in ids]))


async def test_what_is_kept_is_there_after_a_restart(tmp_path: Path):
    for device_id in ("n:1", "n:2"):
        database = Database(tmp_path)
        await database.start()
        await keep(database, device_id)
        await database.stop()
    database = Database(tmp_path)
    await database.start()
    assert await database.run(device_ids) == ["n:1", "n:2"]
    await database.stop()


async def test_missing_folders_are_made(tmp_path: Path):
    database = Database(tmp_path / "a" / "b")
    await database.start()
    await database.stop()
    assert (tmp_path / "a" / "b" / FILE_NAME).exists()


async def test_without_a_folder_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    database = Database(None)
    await database.start()
    await keep(database, "n:1")
    assert await database.run(device_ids) == ["n:1"]
    await database.stop()
    assert os.listdir(tmp_path) == []


async def test_work_never_runs_in_the_loop_and_always_in_one_thread(database: Database):
    threads = await asyncio.gather(
        *(database.run(lambda _db: threading.get_ident()) for _ in range(20))
    )
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_work_asked_for_at_once_is_done_in_order(database: Database):
    ids = [f"n:{number}" for number in range(50)]
    await asyncio.gather(*(keep(database, each) for each in ids))
    assert await database.run(device_ids) == ids


async def test_work_that_fails_changes_nothing(database: Database):
    with pytest.raises(StorageError) as caught:
        await keep(database, "n:1", "n:1")
    assert "UNIQUE" in caught.value.facts["reason"]
    assert caught.value.facts["path"].endswith(FILE_NAME)
    assert await database.run(device_ids) == []


async def test_error_that_is_not_the_databases_rolls_back_and_keeps_its_type(
    database: Database,
):
    def work(db: sqlite3.Connection) -> None:
        db.execute(INSERT, ("n:1",))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(work)
    assert await database.run(device_ids) == []


async def test_closed_database_says_so(tmp_path: Path):
    database = Database(tmp_path)
    with pytest.raises(StorageError) as caught:
        await database.run(device_ids)
    assert caught.value.facts["reason"] == "closed"
    await database.start()
    await database.stop()
    await database.stop()
    with pytest.raises(StorageError):
        await database.run(device_ids)


async def test_starting_twice_goes_on_with_the_same_connection(database: Database):
    await keep(database, "n:1")
    await database.start()
    assert await database.run(device_ids) == ["n:1"]


async def test_stopping_finishes_what_was_asked_for(tmp_path: Path):
    database = Database(tmp_path)
    await database.start()
    work = asyncio.create_task(keep(database, "n:1"))
    await asyncio.sleep(0)
    await database.stop()
    await work
    again = Database(tmp_path)
    await again.start()
    assert await again.run(device_ids) == ["n:1"]
    await again.stop()


async def test_thread_ends_with_the_database(tmp_path: Path):
    database = Database(tmp_path)
    await database.start()
    thread = await database.run(lambda _db: threading.current_thread())
    await database.stop()
    await asyncio.to_thread(thread.join, 5)
    assert not thread.is_alive()


async def test_file_that_is_no_database_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 100)
    database = Database(tmp_path)
    await database.start()
    assert await database.run(device_ids) == []
    await database.stop()
    aside = tmp_path / "plantroom.broken"
    assert aside.read_bytes().startswith(b"no database at all")
    assert "is damaged" in caplog.text


async def test_file_damaged_in_the_middle_is_set_aside_with_its_log(tmp_path: Path):
    database = Database(tmp_path)
    await database.start()
    await keep(database, *(f"n:{number}" for number in range(2000)))
    await database.stop()
    file = tmp_path / FILE_NAME
    content = bytearray(file.read_bytes())
    content[8192:20480] = b"\xff" * 12288
    file.write_bytes(content)
    (tmp_path / f"{FILE_NAME}-wal").write_bytes(b"stale")
    database = Database(tmp_path)
    await database.start()
    assert await database.run(device_ids) == []
    await keep(database, "n:1")
    await database.stop()
    assert (tmp_path / "plantroom.broken").read_bytes() == bytes(content)
    assert sorted(os.listdir(tmp_path)) == ["plantroom.broken", FILE_NAME]


def test_log_of_a_damaged_file_is_not_left_for_the_new_one(tmp_path: Path):
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"{FILE_NAME}{suffix}").write_bytes(b"damaged")
    module._set_aside(tmp_path / FILE_NAME, sqlite3.DatabaseError("malformed"))
    assert os.listdir(tmp_path) == ["plantroom.broken"]


async def test_older_file_is_brought_up_to_date_and_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    database = Database(tmp_path)
    await database.start()
    await keep(database, "n:1")
    await database.stop()
    newer = (*MIGRATIONS, "CREATE TABLE sample (at TEXT NOT NULL) STRICT;")
    monkeypatch.setattr(module, "MIGRATIONS", newer)
    for _ in range(2):
        database = Database(tmp_path)
        await database.start()
        assert await database.run(device_ids) == ["n:1"]
        assert "sample" in await database.run(tables)
        assert await database.run(version) == len(newer)
        await database.stop()


async def test_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    database = Database(tmp_path)
    await database.start()
    await keep(database, "n:1")
    await database.stop()
    wrong = (*MIGRATIONS, "CREATE TABLE sample (at TEXT); CREATE TABLE device (x);")
    with monkeypatch.context() as patched:
        patched.setattr(module, "MIGRATIONS", wrong)
        with pytest.raises(StorageError):
            await Database(tmp_path).start()
    database = Database(tmp_path)
    await database.start()
    assert await database.run(device_ids) == ["n:1"]
    assert "sample" not in await database.run(tables)
    await database.stop()


async def test_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path):
    database = Database(tmp_path)
    await database.start()
    await database.run(lambda db: db.execute("PRAGMA user_version = 99"))
    await database.stop()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StorageError, match="newer version"):
        await Database(tmp_path).start()
    assert (tmp_path / FILE_NAME).read_bytes() == before


async def test_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        await Database(tmp_path / "file").start()
    assert caught.value.facts["path"] == str(tmp_path / "file" / FILE_NAME)


async def test_file_that_cannot_be_opened_is_a_storage_error(tmp_path: Path):
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StorageError, match="unable to open"):
        await Database(tmp_path).start()
    assert (tmp_path / FILE_NAME).is_dir()


async def test_read_only_folder_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Whoever runs this as root may write anywhere, so SQLite opens the file read-only
    connect = sqlite3.connect

    def read_only(path: str, **options: Any) -> sqlite3.Connection:
        Path(path).touch()
        return connect(f"file:{path}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.raises(StorageError, match="readonly"):
        await Database(tmp_path).start()
    assert not (tmp_path / "plantroom.broken").exists()


async def test_caller_that_goes_away_does_not_undo_the_work(database: Database):
    entered, leave = threading.Event(), threading.Event()

    def work(db: sqlite3.Connection) -> None:
        entered.set()
        leave.wait(5)
        db.execute(INSERT, ("n:1",))

    task = asyncio.create_task(database.run(work))
    await asyncio.to_thread(entered.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    leave.set()
    assert await database.run(device_ids) == ["n:1"]
