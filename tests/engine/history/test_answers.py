"""Of two that saw an hour, the one that covers more of it tells it."""

from datetime import UTC, datetime

from custom_components.plantroom.engine.history.answers import best_of, summaries_of
from custom_components.plantroom.engine.history.hour_trace import HourFacts, PointHour
from custom_components.plantroom.engine.history.models import HourSource

BEGIN = 495_000 * 3600


def hour(covered: float, mean: float, start: int = BEGIN) -> PointHour:
    return PointHour("p", "", HourFacts(start, mean, mean, mean, mean, mean, covered))


def test_later_one_replaces_an_earlier_one_unless_it_covers_less():
    found = best_of([hour(100, 1.0), hour(100, 2.0), hour(50, 3.0)])
    assert [facts.mean for facts in found.values()] == [2.0]


def test_log_tells_the_hours_that_it_saw_more_of():
    later = BEGIN + 3600
    seen = best_of([hour(3600, 1.0), hour(600, 1.0, later)])
    logged = best_of(
        [hour(3600, 2.0), hour(900, 2.0, later), hour(1, 2.0, later + 3600)]
    )
    told = summaries_of(seen, logged, later + 3600)
    assert [(each.mean, each.source, each.complete) for each in told] == [
        (1.0, HourSource.ENGINE, True),
        (2.0, HourSource.TREND_LOG, True),
        (2.0, HourSource.TREND_LOG, False),
    ]
    assert told[0].start == datetime.fromtimestamp(BEGIN, UTC)
