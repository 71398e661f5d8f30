"""What a client is told of hours: one of each, oldest first, no more than it can take."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from .hour_trace import HOUR_SECONDS, HourFacts, PointHour
from .models import MOST_HOURS, HoursAnswer, HourSource, HourSummary


def best_of(hours: Iterable[PointHour]) -> dict[tuple[int, str], HourFacts]:
    """Return each hour once: of two, the later one unless it covers less."""
    found: dict[tuple[int, str], HourFacts] = {}
    for point_id, _, facts in hours:
        key = facts.start, point_id
        known = found.get(key)
        if known is None or facts.covered >= known.covered:
            found[key] = facts
    return found


def summaries_of(
    hours: dict[tuple[int, str], HourFacts],
    at: float,
    source: HourSource = HourSource.ENGINE,
) -> list[HourSummary]:
    """Return hours as clients see them; at: now, in seconds since 1970."""
    return [
        HourSummary(
            point_id=point_id,
            start=datetime.fromtimestamp(start, UTC),
            mean=facts.mean,
            minimum=facts.minimum,
            maximum=facts.maximum,
            first=facts.first,
            last=facts.last,
            covered_seconds=facts.covered,
            complete=start + HOUR_SECONDS <= at,
            source=source,
        )
        for (start, point_id), facts in sorted(hours.items())
    ]


def answer_of(hours: Sequence[HourSummary], kept_since: datetime | None) -> HoursAnswer:
    """Return whole hours of all points, as many as an answer takes."""
    if len(hours) <= MOST_HOURS:
        return HoursAnswer(hours=tuple(hours), kept_since=kept_since)
    more_from = hours[MOST_HOURS].start
    return HoursAnswer(
        hours=tuple(each for each in hours if each.start < more_from),
        more_from=more_from,
        kept_since=kept_since,
    )
