"""A backup has the databases whole, and a restored one starts with them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from plantroom_server import backup
from plantroom_server.backup import discard, main, prepare, put_back

ADDON = Path(__file__).parents[2] / "addon"
CONFIG = yaml.safe_load((ADDON / "config.yaml").read_text())


@pytest.fixture
def writer(tmp_path: Path):
    """A database that is open, whose last rows are in its write-ahead log alone."""
    with closing(sqlite3.connect(tmp_path / "plantroom.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (1)")
        database.commit()
        yield database


def rows(path: Path) -> list[tuple[int]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT x FROM t").fetchall()


def restore(data: Path, target: Path) -> None:
    """Copy what the Supervisor takes: what no pattern of config.yaml names."""
    for path in data.rglob("*"):
        relative = path.relative_to(data)
        if path.is_file() and not any(
            relative.match(pattern) for pattern in CONFIG["backup_exclude"]
        ):
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            (target / relative).write_bytes(path.read_bytes())


def test_backup_has_what_was_committed_while_the_server_writes_on(
    tmp_path: Path, writer: sqlite3.Connection
):
    writer.execute("INSERT INTO t VALUES (2)")  # not committed
    prepare(tmp_path)
    writer.commit()
    target = tmp_path / "restored"
    restore(tmp_path, target)
    assert not list(target.glob("*.db*"))
    assert put_back(target) == [target / "plantroom.db"]
    assert rows(target / "plantroom.db") == [(1,)]
    assert rows(tmp_path / "plantroom.db") == [(1,), (2,)]


def test_database_that_is_there_stays(tmp_path: Path, writer: sqlite3.Connection):
    prepare(tmp_path)
    writer.execute("INSERT INTO t VALUES (2)")
    writer.commit()
    assert put_back(tmp_path) == []
    assert rows(tmp_path / "plantroom.db") == [(1,), (2,)]


def test_copy_that_fails_leaves_none(tmp_path: Path, writer: sqlite3.Connection):
    (tmp_path / "torn.db").write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        prepare(tmp_path)
    assert not (tmp_path / backup.FOLDER).exists()


def test_second_backup_replaces_the_first(tmp_path: Path, writer: sqlite3.Connection):
    prepare(tmp_path)
    writer.execute("INSERT INTO t VALUES (2)")
    writer.commit()
    (copy,) = prepare(tmp_path)
    assert rows(copy) == [(1,), (2,)]
    discard(tmp_path)
    discard(tmp_path)
    assert not copy.exists()


def test_supervisor_asks_for_what_there_is(
    tmp_path: Path,
    writer: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(backup, "DATA", tmp_path)
    for key, copies in (("backup_pre", 1), ("backup_post", 0)):
        program = CONFIG[key].split()
        assert program[:3] == ["python3", "-m", "plantroom_server.backup"]
        assert main(program[3:]) == 0
        assert len(list((tmp_path / backup.FOLDER).glob("*"))) == copies
    assert main([]) == 2
    (tmp_path / "torn.db").write_bytes(b"no database" * 1000)
    assert main(["prepare"]) == 1
    assert "cannot copy the databases" in capsys.readouterr().err


def test_private_keys_of_certificates_are_in_no_backup(tmp_path: Path):
    folder = tmp_path / "data" / "secure_connect" / "certificates"
    folder.mkdir(parents=True)
    (folder / "hub.json").write_text("{}")
    (folder / "ab.key").write_text("secret")
    restore(tmp_path / "data", tmp_path / "restored")
    restored = {each.name for each in (tmp_path / "restored").rglob("*.*")}
    assert restored == {"hub.json"}
