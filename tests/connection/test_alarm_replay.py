"""A client that was away hears all of a long journal, once and in order."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmOrigin,
    AlarmState,
    AlarmTransition,
    Condition,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.alarms.requests import (
    AlarmReplay,
    AlarmsSinceRequest,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.engine.storage.alarm_journal import (
    MOST_RETURNED,
    AlarmJournal,
    JournalEntry,
)
from custom_components.plantroom.engine.storage.database import Database
from tests.site import AT

from .conftest import OpenWire

ROWS = 2_500
DEVICES = 7


def transition(number: int) -> AlarmTransition:
    """Return one of an alarm that is over again."""
    device_id = f"n:{number % DEVICES}"
    alarm = Alarm(
        alarm_id=f"{device_id}:event-enrollment,{number}",
        origin=AlarmOrigin.DEVICE,
        device_id=device_id,
        point_id=f"{device_id}:event-enrollment,{number}",
        name=f"Enrollment {number}",
        state=AlarmState.NORMAL,
        condition=Condition.NORMAL,
        severity=Severity.LOW,
        text=f"Enrollment {number} is in alarm, über 30 °C",
        raised_at=AT,
        changed_at=AT + timedelta(seconds=number),
        number=number,
        facts={"exceeding-value": number / 2, "status-flags": "in-alarm"},
    )
    return AlarmTransition(
        number=number,
        kind=TransitionKind.CLEARED,
        at=alarm.changed_at,
        from_condition=Condition.HIGH_LIMIT,
        alarm=alarm,
        text=alarm.text,
    )


TRANSITIONS = tuple(transition(number) for number in range(1, ROWS + 1))


async def keep(folder: Path) -> None:
    """Keep the transitions as an engine before did."""
    database = Database(folder)
    await database.start()
    try:
        entries = [JournalEntry(transition=each) for each in TRANSITIONS]
        await AlarmJournal(database).append(entries)
    finally:
        await database.stop()


async def pages(client: EngineClient, wanted: AlarmsSinceRequest) -> list[AlarmReplay]:
    """Return page after page, to the last."""
    found: list[AlarmReplay] = []
    while True:
        found.append(await client.alarms_since(wanted))
        transitions = found[-1].transitions
        if not transitions or transitions[-1].number == found[-1].last:
            return found
        wanted = replace(wanted, cursor=transitions[-1].number)


async def test_long_journal_is_heard_page_by_page(wire: OpenWire, tmp_path: Path):
    await keep(tmp_path)
    async with wire(tmp_path) as connection:
        client = EngineClient(connection)
        try:
            await client.start(SiteConfig())
            found = await pages(client, AlarmsSinceRequest(limit=10 * ROWS))
            heard = tuple(each for page in found for each in page.transitions)
            assert heard == TRANSITIONS
            assert max(len(page.transitions) for page in found) == MOST_RETURNED
            assert {(page.last, page.complete) for page in found} == {(ROWS, True)}
            assert client.mirror.alarm_cursor == ROWS
        finally:
            await client.stop()


async def test_journal_of_one_device_or_alarm_is_told_without_the_others(
    wire: OpenWire, tmp_path: Path
):
    await keep(tmp_path)
    async with wire(tmp_path) as connection:
        client = EngineClient(connection)
        try:
            await client.start(SiteConfig())
            request = AlarmsSinceRequest(device_id="n:3")
            replay = await client.alarms_since(request)
            mine = tuple(t for t in TRANSITIONS if t.alarm.device_id == "n:3")
            assert replay.transitions == mine
            one = AlarmsSinceRequest(alarm_id=mine[5].alarm.alarm_id)
            assert (await client.alarms_since(one)).transitions == (mine[5],)
        finally:
            await client.stop()


async def test_cursor_of_another_journal_is_told_from_ours(
    wire: OpenWire, tmp_path: Path
):
    await keep(tmp_path)
    async with wire(tmp_path) as connection:
        client = EngineClient(connection)
        try:
            await client.start(SiteConfig())
            replay = await client.alarms_since(AlarmsSinceRequest(cursor=ROWS + 9))
            assert (replay.transitions, replay.complete) == ((), False)
        finally:
            await client.stop()
