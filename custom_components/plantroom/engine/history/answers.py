"""What a client is told of hours: one of each, oldest first, no more than it can take."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from .hour_trace import HOUR_SECONDS, HourFacts, PointHour
from .models import MOST_HOURS, HoursAnswer, HourSource, HourSummary

type HourKey = tuple[int, str]


def best_of(hours: Iterable[PointHour]) -> dict[HourKey, HourFacts]:
    """Return each hour once: of two, the later one unless it covers less."""
    found: dict[HourKey, HourFacts] = {}
    for point_id, _, facts in hours:
        key = facts.start, point_id
        known = found.get(key)
        if known is None or facts.covered >= known.covered:
            found[key] = facts
    return found


def summaries_of(
    seen: dict[HourKey, HourFacts], logged: dict[HourKey, HourFacts], at: float
) -> list[HourSummary]:
    """Return hours as clients see them, oldest first; at: now, in seconds since 1970.

    Where an hour was seen and logged, what covers more of it is told.
    """
    better = {
        key: facts
        for key, facts in logged.items()
        if key not in seen or facts.covered > seen[key].covered
    }
    return [
        HourSummary(
            point_id=key[1],
            start=datetime.fromtimestamp(key[0], UTC),
            mean=facts.mean,
            minimum=facts.minimum,
            maximum=facts.maximum,
            first=facts.first,
            last=facts.last,
            covered_seconds=facts.covered,
            complete=key[0] + HOUR_SECONDS <= at,
            source=HourSource.TREND_LOG if key in better else HourSource.ENGINE,
        )
        for key, facts in sorted((seen | better).items())
    ]


def answer_of(
    hours: Sequence[HourSummary],
    kept_since: datetime | None,
    unread: Sequence[tuple[str, str]] = (),
) -> HoursAnswer:
    """Return whole hours of all points, as many as an answer takes."""
    more_from = hours[MOST_HOURS].start if len(hours) > MOST_HOURS else None
    return HoursAnswer(
        hours=tuple(
            each for each in hours if more_from is None or each.start < more_from
        ),
        more_from=more_from,
        kept_since=kept_since,
        unread=tuple(unread),
    )
