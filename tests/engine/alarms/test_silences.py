"""Shelves and maintenance end by themselves, whatever else happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.plantroom.engine.alarms.models import Maintenance, Shelf
from custom_components.plantroom.engine.alarms.silences import Silences
from custom_components.plantroom.engine.storage.alarm_silences import SilenceStore
from custom_components.plantroom.engine.storage.database import Database
from tests.site import until

SOON = timedelta(milliseconds=50)


class Watched:
    """Silences, and what was told of their ends."""

    def __init__(self, database: Database) -> None:
        self.store = SilenceStore(database)
        self.ended: list[str] = []
        self.noted: list[str] = []
        self.silences = Silences(
            self.store,
            on_shelf_end=lambda shelf: self.ended.append(shelf.alarm_id),
            on_maintenance_end=lambda each: self.ended.append(each.subject),
            note_end=self._note,
        )

    async def _note(self, over: Shelf | Maintenance) -> None:
        self.noted.append(over.alarm_id if isinstance(over, Shelf) else over.subject)


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    database = Database(None)
    await database.start()
    made = Watched(database)
    await made.silences.start()
    yield made
    await made.silences.stop()
    await database.stop()


def shelf(alarm_id: str, lasts: timedelta = SOON) -> Shelf:
    return Shelf(alarm_id=alarm_id, until=datetime.now(UTC) + lasts)


async def test_end_of_each_is_written_down_once(watched: Watched):
    await watched.silences.shelve(shelf("rule:1"))
    await watched.silences.begin(
        Maintenance(
            subject="cafe0001:1001",
            since=datetime.now(UTC),
            until=datetime.now(UTC) + SOON,
        )
    )
    await until(lambda: len(watched.noted) == 2)
    assert sorted(watched.noted) == ["cafe0001:1001", "rule:1"]
    assert watched.ended == watched.noted
    assert await watched.store.load() == ((), ())


async def test_shelf_that_is_taken_down_or_prolonged_while_others_end_disturbs_none(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    began, go_on = asyncio.Event(), asyncio.Event()
    remove = watched.store.remove_shelf

    async def remove_slowly(alarm_id: str) -> None:
        if alarm_id == "rule:1":
            began.set()
            await go_on.wait()
        await remove(alarm_id)

    monkeypatch.setattr(watched.store, "remove_shelf", remove_slowly)
    first = shelf("rule:1")
    for number in (1, 2, 3):
        await watched.silences.shelve(replace(first, alarm_id=f"rule:{number}"))
    await began.wait()
    await watched.silences.unshelve("rule:2")
    await watched.silences.shelve(shelf("rule:3", timedelta(days=1)))
    await watched.silences.shelve(shelf("rule:4"))
    go_on.set()
    await until(lambda: "rule:4" in watched.noted)
    assert watched.noted == ["rule:1", "rule:4"]
    assert watched.silences.shelf_of("rule:3") is not None


async def test_maintenance_of_what_is_configured_no_more_ends(watched: Watched):
    for subject in ("", "cafe0001", "cafe0001:1001", "cafe0001:1002"):
        await watched.silences.begin(
            Maintenance(subject=subject, since=datetime.now(UTC))
        )
    watched.silences.keep_only({"cafe0001", "cafe0001:1001"})
    await until(lambda: watched.noted == ["cafe0001:1002"])
    kept = {each.subject for each in watched.silences.maintenance()}
    assert kept == {"", "cafe0001", "cafe0001:1001"}
    assert not watched.silences.shelf_of("cafe0001:1002")
