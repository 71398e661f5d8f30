"""What happened to alarms is kept for good, numbered without a number used twice."""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.engine.alarms.life import follow
from custom_components.plantroom.engine.alarms.models import (
    AlarmTransition,
    AlarmValues,
    Condition,
)
from custom_components.plantroom.engine.alarms.requests import AlarmsSinceRequest
from custom_components.plantroom.engine.storage import alarm_journal
from custom_components.plantroom.engine.storage.alarm_journal import (
    AlarmJournal,
    JournalEntry,
)
from custom_components.plantroom.engine.storage.database import Database
from tests.engine.alarms.alarm_news import news
from tests.site import AT


def entry(
    number: int,
    *life: Condition,
    kept_at: datetime = AT,
    values: AlarmValues | None = None,
    **facts: Any,
) -> JournalEntry:
    """Return the last step of an alarm that has lived so."""
    alarm = step = None
    for condition in life or (Condition.OFFNORMAL,):
        step = follow(alarm, news(condition, **{"number": number} | facts))
        assert step is not None
        alarm = step.alarm
    assert step is not None
    transition = AlarmTransition(
        number=number,
        kind=step.kind,
        at=kept_at,
        from_condition=step.from_condition,
        alarm=step.alarm,
    )
    return JournalEntry(transition=transition, values=values)


async def numbers(journal: AlarmJournal, cursor: int = 0, **facts: Any) -> list[int]:
    replay = await journal.since(AlarmsSinceRequest(cursor=cursor, **facts))
    return [transition.number for transition in replay.transitions]


async def test_transition_is_read_as_it_was_kept(database: Database):
    journal = AlarmJournal(database)
    kept = entry(1, value=21.0, facts={"a": True, "b": 1, "c": float("inf"), "d": "x"})
    await journal.append([kept])
    replay = await journal.since(AlarmsSinceRequest())
    assert replay.transitions == (kept.transition,)
    (transition,) = replay.transitions
    facts = transition.alarm.facts
    assert [type(each) for each in facts.values()] == [bool, int, float, str]
    assert type(transition.alarm.value) is float


async def test_client_is_given_what_came_after_its_cursor_in_pages(database: Database):
    journal = AlarmJournal(database)
    await journal.append([entry(number) for number in range(1, 8)])
    assert await numbers(journal, 3, limit=2) == [4, 5]
    replay = await journal.since(AlarmsSinceRequest(cursor=5))
    assert [t.number for t in replay.transitions] == [6, 7]
    assert (replay.last, replay.complete) == (7, True)
    assert (await journal.since(AlarmsSinceRequest(cursor=7))).complete


async def test_one_alarm_or_device_can_be_asked_for(database: Database):
    journal = AlarmJournal(database)
    await journal.append([entry(1), entry(2, device_id="n:2"), entry(3)])
    assert await numbers(journal, alarm_id="rule:3") == [3]
    assert await numbers(journal, device_id="n:1") == [1, 3]
    assert await numbers(journal, device_id="n:2", alarm_id="rule:1") == []


async def test_cursor_of_another_journal_is_told_from_one_that_is_up_to_date(
    database: Database,
):
    journal = AlarmJournal(database)
    await journal.append([entry(1)])
    replay = await journal.since(AlarmsSinceRequest(cursor=900))
    assert (replay.transitions, replay.last, replay.complete) == ((), 1, False)


async def test_open_alarms_are_what_the_last_transitions_left(database: Database):
    journal = AlarmJournal(database)
    bad, fault, normal = Condition.OFFNORMAL, Condition.FAULT, Condition.NORMAL
    await journal.append([entry(1), entry(2), entry(3)])
    await journal.append(
        [
            entry(4, bad, normal, alarm_id="rule:1", ack_required=False),
            entry(5, bad, normal, alarm_id="rule:2", ack_required=True),
            entry(6, bad, fault, alarm_id="rule:3"),
            entry(7, bad, alarm_id="rule:3"),
        ]
    )
    state = await journal.load()
    assert state.last == 7
    assert [(a.alarm_id, a.condition) for a in state.open_alarms] == [
        ("rule:2", normal), ("rule:3", bad),
    ]  # fmt: skip


async def test_entries_are_kept_all_or_none(database: Database):
    journal = AlarmJournal(database)
    await journal.append([entry(1)])
    with pytest.raises(Exception, match="UNIQUE"):
        await journal.append([entry(2), entry(1)])
    assert await numbers(journal) == [1]
    assert len((await journal.load()).open_alarms) == 1


async def test_values_are_shared_by_the_entries_that_share_them(database: Database):
    journal = AlarmJournal(database)
    values = AlarmValues(at=AT, values=(("n:1:a", True), ("n:1:b", 1), ("n:1:c", None)))
    await journal.append([entry(1, values=values), entry(2, values=values), entry(3)])
    assert await journal.values(1) == await journal.values(2) == values
    assert await journal.values(3) is None
    assert await journal.values(99) is None
    (kept,) = await database.run(
        lambda db: db.execute("SELECT COUNT(*) FROM alarm_values").fetchone()
    )
    assert kept == 1


async def test_what_is_old_is_forgotten_but_never_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(alarm_journal, "TRIMMED_AT_ONCE", 3)
    database = Database(tmp_path)
    await database.start()
    journal = AlarmJournal(database)
    old = AT - timedelta(days=400)
    values = AlarmValues(at=old, values=())
    await journal.append([entry(n, kept_at=old, values=values) for n in range(1, 6)])
    await journal.append([entry(6)])
    cut = AT - timedelta(days=365)
    assert await journal.trim(cut)
    assert await numbers(journal) == [4, 5, 6]
    assert not await journal.trim(cut)
    assert await numbers(journal) == [6]
    replay = await journal.since(AlarmsSinceRequest(cursor=3))
    assert not replay.complete
    assert (await journal.since(AlarmsSinceRequest(cursor=5))).complete
    assert await journal.values(6) is None
    await journal.trim(AT + timedelta(days=1))
    await database.stop()
    database = Database(tmp_path)
    await database.start()
    assert (await AlarmJournal(database).load()).last == 6
    await database.stop()


async def test_journal_of_a_building_that_never_rests_does_not_fill_the_disk(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(alarm_journal, "MOST_TRANSITIONS", 4)
    monkeypatch.setattr(alarm_journal, "MOST_SNAPSHOTS", 2)
    journal = AlarmJournal(database)
    await journal.append(
        [entry(n, values=AlarmValues(at=AT, values=())) for n in range(1, 7)]
    )
    await journal.trim(AT - timedelta(days=365))
    assert await numbers(journal) == [3, 4, 5, 6]
    kept = [await journal.values(number) is not None for number in range(1, 7)]
    assert kept == [False] * 4 + [True] * 2
    assert (await journal.load()).last == 6


async def test_row_of_another_version_is_left_out_and_said(
    database: Database, caplog: pytest.LogCaptureFixture
):
    journal = AlarmJournal(database)
    await journal.append([entry(1), entry(2)])
    for table in ("alarm_transition", "alarm_open"):
        asked = f"UPDATE {table} SET data = '{{}}' WHERE alarm_id = 'rule:1'"  # noqa: S608
        await database.run(lambda db, asked=asked: db.execute(asked))
    with caplog.at_level(logging.WARNING):
        assert await numbers(journal) == [2]
        assert len((await journal.load()).open_alarms) == 1
    assert "cannot read it" in caplog.text


async def test_replay_of_a_device_uses_an_index(database: Database):
    asked: list[str] = []
    await database.run(lambda db: db.set_trace_callback(asked.append))
    await AlarmJournal(database).since(AlarmsSinceRequest(device_id="n:1"))
    plan = await database.run(
        lambda db: db.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    )
    assert "alarm_transition_by_device" in plan[0][3]
