"""What the recorder's database holds. Every function here is for its executor."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import batched, pairwise
from typing import Final, NamedTuple

from homeassistant.components.recorder.db_schema import (
    States,
    Statistics,
    StatisticsRuns,
    StatisticsShortTerm,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import session_scope
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from .counters import CounterRow
from .subjects import Subject

PERIOD: Final = timedelta(minutes=5)
_MOST_IDS: Final = 500

type CounterRows = dict[int, dict[datetime, CounterRow]]
type MeasuredRows = dict[int, dict[datetime, MeasuredRow]]


class MeasuredRow(NamedTuple):
    """What a measurement was in an hour, in the statistic's unit."""

    mean: float
    minimum: float
    maximum: float


class Recorded(NamedTuple):
    """Rows of several statistics, by the id of their metadata and when they begin."""

    counters: CounterRows
    measured: MeasuredRows


def compiled_until(hass: HomeAssistant) -> datetime | None:
    """Return until when the recorder has made statistics, None for never.

    An hour that ends later must not be imported: the recorder inserts all statistics
    of an hour at once, and a row that is there already makes it lose them all.
    """
    with session_scope(hass=hass, read_only=True) as session:
        latest = session.execute(select(func.max(StatisticsRuns.start))).scalar()
    return None if latest is None else _aware(latest) + PERIOD


def runs_missed(
    hass: HomeAssistant, since: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the times after a moment for which the recorder made no statistics.

    Statistics are written when their five minutes are over: those that follow a gap
    say no more than that the recorder could write again by then.
    """
    query = (
        select(StatisticsRuns.start)
        .where(StatisticsRuns.start >= since.astimezone(UTC))
        .order_by(StatisticsRuns.start)
    )
    with session_scope(hass=hass, read_only=True) as session:
        starts = [_aware(start) for start in session.execute(query).scalars()]
    return [
        (before + PERIOD, after + PERIOD)
        for before, after in pairwise(starts)
        if after - before > PERIOD
    ]


def last_seen(hass: HomeAssistant, before: datetime) -> datetime | None:
    """Return when the recorder last kept a state before a moment."""
    query = select(func.max(States.last_updated_ts)).where(
        States.last_updated_ts < before.timestamp()
    )
    with session_scope(hass=hass, read_only=True) as session:
        latest = session.execute(query).scalar()
    return None if latest is None else datetime.fromtimestamp(latest, UTC)


def recorded_rows(
    hass: HomeAssistant, subjects: Iterable[Subject], hours: tuple[datetime, ...]
) -> Recorded:
    """Return what is recorded of statistics in hours."""
    counters: list[int] = []
    measured: list[int] = []
    for subject in subjects:
        (counters if subject.has_sum else measured).append(subject.metadata_id)
    return Recorded(
        counters=counter_rows(hass, counters, hours),
        measured=measured_rows(hass, measured, hours),
    )


def counter_rows(
    hass: HomeAssistant, metadata_ids: Iterable[int], hours: tuple[datetime, ...]
) -> CounterRows:
    """Return the rows of counters in hours, and of each its last one before them."""
    rows: CounterRows = {}
    with session_scope(hass=hass, read_only=True) as session:
        for some in batched(metadata_ids, _MOST_IDS, strict=False):
            for found in (*_before(session, some, hours), *_in(session, some, hours)):
                metadata_id, start, state, total = found
                at = datetime.fromtimestamp(start, UTC)
                row = CounterRow(state=state, sum=total)
                rows.setdefault(metadata_id, {})[at] = row
    return rows


def measured_rows(
    hass: HomeAssistant, metadata_ids: Iterable[int], hours: tuple[datetime, ...]
) -> MeasuredRows:
    """Return the rows of measurements in hours."""
    rows: MeasuredRows = {}
    columns = (Statistics.mean, Statistics.min, Statistics.max)
    with session_scope(hass=hass, read_only=True) as session:
        for some in batched(metadata_ids, _MOST_IDS, strict=False):
            query = select(Statistics.metadata_id, Statistics.start_ts, *columns).where(
                Statistics.metadata_id.in_(some),
                Statistics.start_ts >= hours[0].timestamp(),
                Statistics.start_ts <= hours[-1].timestamp(),
                *(column.is_not(None) for column in columns),
            )
            for metadata_id, start, *values in session.execute(query):
                at = datetime.fromtimestamp(start, UTC)
                rows.setdefault(metadata_id, {})[at] = MeasuredRow(*values)
    return rows


def first_rows(
    hass: HomeAssistant, metadata_ids: Iterable[int]
) -> dict[int, tuple[datetime, CounterRow | None]]:
    """Return when each statistic begins and, of a counter, the first row it has."""
    first: dict[int, tuple[datetime, CounterRow | None]] = {}
    with session_scope(hass=hass, read_only=True) as session:
        for metadata_id in metadata_ids:
            for table in (Statistics, StatisticsShortTerm):
                found = session.execute(
                    select(table.start_ts, table.state, table.sum)
                    .where(table.metadata_id == metadata_id)
                    .order_by(table.start_ts)
                    .limit(1)
                ).first()
                if found is None or found[0] is None:
                    continue
                at = datetime.fromtimestamp(found[0], UTC)
                if metadata_id not in first or at < first[metadata_id][0]:
                    first[metadata_id] = (at, _counter_row(found[1], found[2]))
    return first


def _in(
    session: Session, metadata_ids: Iterable[int], hours: tuple[datetime, ...]
) -> Iterable[Row[tuple[int | None, float | None, float | None, float | None]]]:
    return session.execute(
        select(
            Statistics.metadata_id,
            Statistics.start_ts,
            Statistics.state,
            Statistics.sum,
        ).where(
            Statistics.metadata_id.in_(metadata_ids),
            Statistics.start_ts >= hours[0].timestamp(),
            Statistics.start_ts <= hours[-1].timestamp(),
            Statistics.sum.is_not(None),
            Statistics.state.is_not(None),
        )
    )


def _before(
    session: Session, metadata_ids: Iterable[int], hours: tuple[datetime, ...]
) -> Iterable[Row[tuple[int | None, float | None, float | None, float | None]]]:
    latest = (
        select(
            Statistics.metadata_id.label("id"),
            func.max(Statistics.start_ts).label("start"),
        )
        .where(
            Statistics.metadata_id.in_(metadata_ids),
            Statistics.start_ts < hours[0].timestamp(),
            Statistics.sum.is_not(None),
            Statistics.state.is_not(None),
        )
        .group_by(Statistics.metadata_id)
        .subquery()
    )
    return session.execute(
        select(
            Statistics.metadata_id,
            Statistics.start_ts,
            Statistics.state,
            Statistics.sum,
        ).join(
            latest,
            (Statistics.metadata_id == latest.c.id)
            & (Statistics.start_ts == latest.c.start),
        )
    )


def _counter_row(state: float | None, total: float | None) -> CounterRow | None:
    if state is None or total is None:
        return None
    return CounterRow(state=state, sum=total)


def _aware(at: datetime) -> datetime:
    """Return a moment of the database, which keeps UTC without saying so."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
