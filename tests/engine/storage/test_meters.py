"""What meters counted is kept at once, together, and as long as their device."""

import sqlite3
from pathlib import Path

import pytest

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.storage.database import Database
from custom_components.plantroom.engine.storage.meters import MeterStore

ONE, TWO, OTHER = "n:1:a", "n:1:b~energy", "m:2:analog-input,1"


async def test_states_are_there_when_the_process_ends_without_a_stop(tmp_path: Path):
    killed = Database(tmp_path)
    await killed.start()
    await MeterStore(killed).save({ONE: "1", TWO: "2"})
    await MeterStore(killed).save({ONE: "3"})
    reopened = Database(tmp_path)
    await reopened.start()
    assert await MeterStore(reopened).load() == {ONE: "3", TWO: "2"}
    await reopened.stop()
    await killed.stop()


async def test_states_of_devices_that_are_gone_are_forgotten(database: Database):
    store = MeterStore(database)
    await store.save({ONE: "1", TWO: "2", OTHER: "3"})
    await store.keep_only(["n:1"])
    assert (await store.load()).keys() == {ONE, TWO}
    await store.keep_only([])
    assert await store.load() == {}


async def test_states_are_kept_together_or_not_at_all(database: Database):
    store = MeterStore(database)

    def refuse_the_second(db: sqlite3.Connection) -> None:
        db.execute(
            "CREATE TRIGGER t BEFORE INSERT ON meter WHEN NEW.point_id = 'n:1:b~energy'"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )

    await database.run(refuse_the_second)
    with pytest.raises(StorageError, match="full"):
        await store.save({ONE: "1", TWO: "2"})
    assert await store.load() == {}
