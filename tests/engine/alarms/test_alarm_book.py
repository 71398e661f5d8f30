"""Every change of an alarm is kept, then told once, in order, over anything."""

import logging
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.plantroom.engine.alarms import floods as floods_module
from custom_components.plantroom.engine.alarms.configuration import (
    AlarmingConfig,
    AlarmRoute,
)
from custom_components.plantroom.engine.alarms.models import (
    AlarmState,
    Condition,
    Maintenance,
    Severity,
    Shelf,
    TransitionKind,
)
from custom_components.plantroom.engine.alarms.requests import AlarmsSinceRequest
from custom_components.plantroom.engine.alarms.texts import AlarmWords
from custom_components.plantroom.engine.errors import StorageError
from tests.site import until
from tests.virtual_time import pass_time

from .alarm_news import news
from .booked import booked

NORMAL, FAULT = Condition.NORMAL, Condition.FAULT
KIND = TransitionKind


async def test_change_is_in_the_journal_before_it_is_told(tmp_path: Path):
    kept_when_told: list[int] = []

    def count() -> int:
        with sqlite3.connect(tmp_path / "plantroom.db") as db:
            (kept,) = db.execute("SELECT COUNT(*) FROM alarm_transition").fetchone()
        db.close()
        return int(kept)

    async with booked(tmp_path) as all_of_it:
        all_of_it.events.listen(lambda _: kept_when_told.append(count()))
        all_of_it.book.take(news())
        assert all_of_it.book.get("rule:1") is not None
        assert all_of_it.book.of_clients() == ()
        await all_of_it.until_told(1)
        assert [a.number for a in all_of_it.book.of_clients()] == [1]
    assert kept_when_told == [1]


async def test_restart_goes_on_where_it_was(tmp_path: Path):
    async with booked(tmp_path) as before:
        before.book.take(news())
        before.book.take(news(number=2))
        before.book.take(news(NORMAL))
        alarm = before.book.get("rule:1")
        assert alarm is not None
        before.book.acknowledge("rule:1", alarm.pending, "Ada", "seen")
        opened = before.book.all_open()
    assert before.kinds == [KIND.RAISED, KIND.RAISED, KIND.CLEARED, KIND.ACKNOWLEDGED]
    async with booked(tmp_path) as after:
        assert after.book.all_open() == after.book.of_clients() == opened
        assert [alarm.alarm_id for alarm in opened] == ["rule:2"]
        assert after.book.last_told == 4
        after.book.take(news(FAULT, number=2))
        (told,) = await after.until_told(1)
        assert (told.number, told.kind) == (5, KIND.CHANGED)
        replay = await after.journal.since(AlarmsSinceRequest())
        assert [t.number for t in replay.transitions] == [1, 2, 3, 4, 5]


async def test_alarm_that_its_device_says_nothing_of_is_put_into_words():
    words = AlarmWords(
        texts={"device_fault": "{name} meldet eine Störung"},
        names={"n:1:analog-input,2": "Raum {value}"},
    )
    async with booked() as all_of_it:
        all_of_it.book.take(news(text=""))
        all_of_it.configure(AlarmingConfig(words=words))
        all_of_it.book.take(news(FAULT, number=2, text=""))
        all_of_it.book.take(news(number=2, text="Fühler defekt"))
        said = [(t.alarm.name, t.text) for t in await all_of_it.until_told(3)]
    assert said == [
        ("Room", "Room: offnormal"),
        ("Raum {value}", "Raum {value} meldet eine Störung"),
        ("Raum {value}", "Fühler defekt"),
    ]


async def test_who_took_note_and_why_is_told():
    async with booked() as made:
        made.book.take(news())
        alarm = made.book.get("rule:1")
        assert alarm is not None
        made.book.acknowledge("rule:1", alarm.pending, "Ada", "on my way")
        made.book.acknowledge("rule:1", alarm.pending, "Bea", "too late")
        made.book.acknowledge("rule:9", alarm.pending, "Bea", "not there")
        await made.until_told(2)
    assert [(t.actor, t.comment) for t in made.told[1:]] == [("Ada", "on my way")]
    assert made.told[1].alarm.state is AlarmState.ACKNOWLEDGED


async def test_device_that_tells_of_an_acknowledgement_first_hides_nobodys_name():
    async with booked() as made:
        made.book.take(news())
        alarm = made.book.get("rule:1")
        assert alarm is not None
        with made.book.acting("rule:1", "Ada", "seen"):
            made.book.acknowledge("rule:1", alarm.pending)
        made.book.acknowledge("rule:1", alarm.pending, "Ada", "seen")
        made.book.take(news(FAULT))
        await made.until_told(3)
    assert made.kinds == [KIND.RAISED, KIND.ACKNOWLEDGED, KIND.CHANGED]
    assert (made.told[1].actor, made.told[1].comment) == ("Ada", "seen")


async def test_removed_alarm_is_over():
    async with booked() as made:
        made.book.take(news())
        made.book.remove(["rule:1", "rule:2"])
        assert made.book.all_open() == ()
        await made.until_told(2)
    assert made.kinds == [KIND.RAISED, KIND.REMOVED]


async def test_values_of_the_device_are_kept_with_what_happened_to_it():
    async with booked() as made:
        made.book.take(news())
        made.book.remove(["rule:1"])
        await made.until_told(2)
        values = await made.journal.values(1)
        assert values is not None
        assert values.values == (("n:1:x", 1),)
        assert await made.journal.values(2) is None


async def test_promise_is_kept_only_after_all_that_came_before_it():
    async with booked() as made:
        order: list[str] = []
        made.events.listen(lambda _: order.append("told"))
        made.book.when_kept(lambda: order.append("nothing to keep"))
        made.book.take(news())
        made.book.when_kept(lambda: order.append("kept"))
        await until(lambda: len(order) == 3)
    assert order == ["nothing to keep", "told", "kept"]


async def test_alarm_that_cannot_be_kept_is_told_and_kept_later(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    async with booked() as made:
        append, failing = made.journal.append, [True]

        async def maybe(entries):
            if failing:
                raise StorageError("disk full", path="x", reason="full")
            await append(entries)

        monkeypatch.setattr(made.journal, "append", maybe)
        with caplog.at_level(logging.WARNING):
            for number in (1, 2):
                made.book.take(news(number=number))
                await made.until_told(number)
            assert caplog.text.count("cannot be kept") == 1
            failing.clear()
            made.book.take(news(number=3))
            await made.until_told(3)
        assert caplog.text.count("are kept again") == 1
        replay = await made.journal.since(AlarmsSinceRequest())
        assert [t.number for t in replay.transitions] == [1, 2, 3]


async def test_ten_thousand_changes_in_a_burst_are_all_told_and_kept_once():
    async with booked() as made:
        made.configure(AlarmingConfig(flood_alarms=10_000))
        for number in range(5000):
            made.book.take(news(number=number))
            made.book.take(news(NORMAL, number=number, ack_required=False))
        await made.until_told(10_000)
        assert [t.number for t in made.told] == list(range(1, 10_001))
        cursor, kept = 0, 0
        while replay := await made.journal.since(AlarmsSinceRequest(cursor=cursor)):
            if not replay.transitions:
                break
            kept += len(replay.transitions)
            cursor = replay.transitions[-1].number
    assert kept == cursor == 10_000


async def test_alarm_knows_who_is_to_be_told_by_its_severity():
    async with booked() as made:
        route = AlarmRoute(severity=Severity.HIGH, targets=("ada", "bea"))
        made.configure(AlarmingConfig(routes=(route,)))
        made.book.take(news())
        made.book.take(news(number=2, severity=Severity.LOW))
        await made.until_told(2)
    assert [t.alarm.targets for t in made.told] == [("ada", "bea"), ()]


async def test_alarm_that_gets_worse_is_told_to_whom_that_matters():
    async with booked() as made:
        routes = (
            AlarmRoute(severity=Severity.LOW, targets=("ada",)),
            AlarmRoute(severity=Severity.CRITICAL, targets=("bea",)),
        )
        config = AlarmingConfig(routes=routes, flood_alarms=2, flood_seconds=60)
        made.configure(config)
        made.book.take(news(number=2, severity=Severity.LOW))
        made.book.take(news(severity=Severity.LOW))
        made.book.take(news(Condition.FAULT, severity=Severity.CRITICAL))
        made.book.take(news(Condition.NORMAL, severity=Severity.LOW))
        await made.until_told(4)
    alarms = [t.alarm for t in made.told[1:]]
    assert [alarm.targets for alarm in alarms] == [("ada",), ("bea",), ("bea",)]
    assert [alarm.flooded for alarm in alarms] == [True, False, False]


async def test_flood_keeps_all_but_what_is_critical_from_calling_people(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(floods_module, "TELL_SECONDS", 0.01)
    async with booked() as made:
        made.configure(AlarmingConfig(flood_alarms=10, flood_seconds=60.0))
        for number in range(100):
            severity = Severity.CRITICAL if number == 50 else Severity.MEDIUM
            made.book.take(news(number=number, severity=severity))
        await made.until_told(100)
        calls = [t.alarm.alarm_id for t in made.told if not t.alarm.is_quiet]
        assert calls == [f"rule:{number}" for number in (*range(9), 50)]
        assert made.floods.flood is not None
        await until(lambda: any(f and f.alarms == 91 for f in made.floods_told))
        pass_time(monkeypatch, 61.0)
        await until(lambda: made.floods_told[-1] is None)
        assert made.floods.flood is None
        counts = [flood.alarms for flood in made.floods_told if flood]
        assert (counts[0], counts[-1]) == (1, 91)
        made.book.take(news(number=200))
        assert not made.book.all_open()[-1].flooded


async def test_shelved_alarm_is_raised_quietly_until_its_shelf_ends(tmp_path: Path):
    until_then = datetime.now(UTC) + timedelta(hours=1)
    async with booked(tmp_path) as made:
        shelf = Shelf(alarm_id="rule:1", until=until_then, actor="Ada")
        await made.silences.shelve(shelf)
        made.book.take(news())
        (raised,) = await made.until_told(1)
        assert (raised.alarm.shelved_until, raised.alarm.is_quiet) == (until_then, True)
    async with booked(tmp_path) as made:
        soon = datetime.now(UTC) + timedelta(milliseconds=20)
        again = Shelf(alarm_id="rule:1", until=soon, actor="Bea")
        await made.silences.shelve(again)
        made.book.take_shelf("rule:1", again, "Bea", "shorter")
        await made.until_told(2)
        shelved, unshelved = made.told
        assert (shelved.kind, shelved.actor) == (KIND.SHELVED, "Bea")
        assert (unshelved.kind, unshelved.actor) == (KIND.UNSHELVED, "")
        assert not unshelved.alarm.is_quiet
        assert made.silences.shelf_of("rule:1") is None


async def test_shelf_that_ended_while_nobody_ran_ends_at_the_start(tmp_path: Path):
    async with booked(tmp_path) as made:
        until_then = datetime.now(UTC) + timedelta(hours=1)
        await made.silences.shelve(Shelf(alarm_id="rule:1", until=until_then))
        made.book.take(news())
        await made.until_told(1)
    async with booked(tmp_path, ahead=timedelta(hours=1)) as made:
        (ended,) = await made.until_told(1)
        assert (ended.kind, ended.alarm.shelved_until) == (KIND.UNSHELVED, None)
    async with booked(tmp_path) as made:
        assert made.silences.shelf_of("rule:1") is None


@pytest.mark.parametrize("subject", ["", "n", "n:1"])
async def test_maintenance_suppresses_what_is_and_what_comes(
    subject: str, tmp_path: Path
):
    async with booked(tmp_path) as made:
        made.book.take(news())
        made.book.take(news(number=2, device_id="m:1"))
        await made.silences.begin(Maintenance(subject=subject, since=datetime.now(UTC)))
        made.book.take_maintenance("Ada", "filter")
        made.book.take(news(number=3))
        quiet = {alarm.alarm_id: alarm.is_quiet for alarm in made.book.all_open()}
        assert quiet == {"rule:1": True, "rule:2": subject == "", "rule:3": True}
    async with booked(tmp_path) as made:
        assert made.silences.is_maintained("n:1")
        await made.silences.end(subject)
        made.book.take_maintenance("Ada", "done")
        assert not any(alarm.is_quiet for alarm in made.book.all_open())
    assert {t.kind for t in made.told} == {KIND.UNSUPPRESSED}


async def test_maintenance_ends_by_itself():
    async with booked() as made:
        soon = datetime.now(UTC) + timedelta(milliseconds=20)
        maintenance = Maintenance(subject="n:1", since=datetime.now(UTC), until=soon)
        await made.silences.begin(maintenance)
        made.book.take(news())
        await made.until_told(2)
    assert made.kinds == [KIND.RAISED, KIND.UNSUPPRESSED]
    assert not made.silences.is_maintained("n:1")
