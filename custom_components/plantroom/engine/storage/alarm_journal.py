"""Every transition of every alarm, numbered; and the alarms that are open."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..alarms.models import Alarm, AlarmTransition, AlarmValues
from ..alarms.requests import AlarmReplay, AlarmsSinceRequest
from .database import Database
from .forms import Form

MOST_RETURNED = 1000
TRIMMED_AT_ONCE = 2000
MOST_TRANSITIONS = 500_000
MOST_SNAPSHOTS = 50_000

_TRANSITIONS = Form(AlarmTransition, "A transition of an alarm")
_ALARMS = Form(Alarm, "An open alarm")
_VALUES = Form(AlarmValues, "What a device showed when an alarm changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A transition to keep; values: of the device then, which entries may share."""

    transition: AlarmTransition
    values: AlarmValues | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """Where the journal ends, and what is open there."""

    last: int
    open_alarms: tuple[Alarm, ...]


class AlarmJournal:
    """Append transitions, never change one; numbers are never used twice."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database

    async def load(self) -> JournalState:
        """Return where to go on; raises StorageError."""
        return await self._database.run(_load)

    async def append(self, entries: Sequence[JournalEntry]) -> None:
        """Keep transitions and what they leave open before returning, all or none."""
        await self._database.run(lambda db: _append(db, entries))

    async def since(self, request: AlarmsSinceRequest) -> AlarmReplay:
        """Return what came after a cursor."""
        return await self._database.run(lambda db: _since(db, request))

    async def values(self, number: int) -> AlarmValues | None:
        """Return what a transition's device showed then, None when it is not kept."""
        return await self._database.run(lambda db: _values(db, number))

    async def trim(self, before: datetime) -> bool:
        """Forget some of that long ago and some of too many; return whether more are left."""
        return await self._database.run(lambda db: _trim(db, before))


def _load(db: sqlite3.Connection) -> JournalState:
    rows = db.execute("SELECT data FROM alarm_open ORDER BY rowid")
    alarms = (_ALARMS.read(data) for (data,) in rows)
    return JournalState(
        last=_last(db), open_alarms=tuple(each for each in alarms if each is not None)
    )


def _last(db: sqlite3.Connection) -> int:
    """Return the highest number ever used, of a row that may be trimmed since."""
    found = db.execute(
        "SELECT seq FROM sqlite_sequence WHERE name = 'alarm_transition'"
    ).fetchone()
    return int(found[0]) if found else 0


def _append(db: sqlite3.Connection, entries: Sequence[JournalEntry]) -> None:
    kept: dict[int, int] = {}
    for entry in entries:
        transition, values = entry.transition, entry.values
        if values is not None and id(values) not in kept:
            kept[id(values)] = _keep_values(db, values)
        db.execute(
            "INSERT INTO alarm_transition"
            " (number, at, alarm_id, device_id, snapshot, data)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                transition.number,
                transition.at.isoformat(),
                transition.alarm.alarm_id,
                transition.alarm.device_id,
                None if values is None else kept[id(values)],
                _TRANSITIONS.write(transition),
            ),
        )
    latest = {e.transition.alarm.alarm_id: e.transition.alarm for e in entries}
    for alarm in latest.values():
        _keep_open(db, alarm)


def _keep_values(db: sqlite3.Connection, values: AlarmValues) -> int:
    row = db.execute(
        "INSERT INTO alarm_values (at, data) VALUES (?, ?)",
        (values.at.isoformat(), _VALUES.write(values)),
    ).lastrowid
    return row or 0


def _keep_open(db: sqlite3.Connection, alarm: Alarm) -> None:
    if not alarm.is_open:
        db.execute("DELETE FROM alarm_open WHERE alarm_id = ?", (alarm.alarm_id,))
        return
    db.execute(
        "INSERT INTO alarm_open VALUES (?, ?)"
        " ON CONFLICT (alarm_id) DO UPDATE SET data = excluded.data",
        (alarm.alarm_id, _ALARMS.write(alarm)),
    )


def _since(db: sqlite3.Connection, request: AlarmsSinceRequest) -> AlarmReplay:
    chosen, facts = ["number > ?"], [request.cursor]
    for column in ("alarm_id", "device_id"):
        wanted = getattr(request, column)
        if wanted:
            chosen.append(f"{column} = ?")
            facts.append(wanted)
    rows = db.execute(
        "SELECT data FROM alarm_transition"  # noqa: S608
        f" WHERE {' AND '.join(chosen)} ORDER BY number LIMIT ?",
        (*facts, max(1, min(request.limit, MOST_RETURNED))),
    ).fetchall()
    last = _last(db)
    (oldest,) = db.execute("SELECT MIN(number) FROM alarm_transition").fetchone()
    found = (_TRANSITIONS.read(data) for (data,) in rows)
    return AlarmReplay(
        transitions=tuple(each for each in found if each is not None),
        last=last,
        complete=(oldest or last + 1) - 1 <= request.cursor <= last,
    )


def _values(db: sqlite3.Connection, number: int) -> AlarmValues | None:
    found = db.execute(
        "SELECT alarm_values.data FROM alarm_transition"
        " JOIN alarm_values ON alarm_values.number = alarm_transition.snapshot"
        " WHERE alarm_transition.number = ?",
        (number,),
    ).fetchone()
    return None if found is None else _VALUES.read(found[0])


def _trim(db: sqlite3.Connection, before: datetime) -> bool:
    at, gone = before.isoformat(), 0
    tables = {"alarm_transition": MOST_TRANSITIONS, "alarm_values": MOST_SNAPSHOTS}
    for table, most in tables.items():
        # The oldest rows have the lowest numbers: only so many are looked at
        gone += db.execute(
            f"DELETE FROM {table} WHERE number IN"  # noqa: S608
            f" (SELECT number FROM {table} ORDER BY number LIMIT :some)"
            f" AND (at < :at OR number <= (SELECT MAX(number) FROM {table}) - :most)",
            {"at": at, "some": TRIMMED_AT_ONCE, "most": most},
        ).rowcount
    return gone >= TRIMMED_AT_ONCE
