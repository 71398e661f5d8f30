"""Which hours of a counter are rewritten, and from which row."""

from datetime import UTC, datetime
from typing import Any

from custom_components.plantroom.statistics.counters import CounterHour, CounterRow
from custom_components.plantroom.statistics.hours import HOUR
from custom_components.plantroom.statistics.sums import HourFacts, plan_sums

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def row(state: float, total: float) -> CounterRow:
    return CounterRow(state=state, sum=total)


def facts(number: int, **more: Any) -> HourFacts:
    plain = {"end_unseen": True, "begin_unseen": True, "known": None, "recorded": None}
    return HourFacts(start=NOON + number * HOUR, **plain | more)


def known(last: float, maximum: float | None = None) -> CounterHour:
    return CounterHour(maximum=maximum or last, last=last)


def test_hour_whose_end_was_seen_stays():
    plan = plan_sums(
        row(90, 0),
        [facts(0, end_unseen=False, known=known(100), recorded=row(100, 10))],
        increasing=True,
    )
    assert plan.rows == plan.lost == ()


def test_hour_that_the_recorder_never_made_goes_on_from_the_last_it_made():
    plan = plan_sums(row(90, 5), [facts(0, known=known(100))], increasing=True)
    assert plan.rows == ((NOON, row(100, 15)),)


def test_flat_rows_of_the_recorder_are_put_right_one_after_the_other():
    hours = [
        facts(0, begin_unseen=False, known=known(104), recorded=row(100, 10)),
        facts(1, known=known(107), recorded=row(100, 10)),
        facts(2, end_unseen=False, known=known(111), recorded=row(111, 21)),
    ]
    plan = plan_sums(row(95, 5), hours, increasing=True)
    assert [each.sum for _, each in plan.rows] == [14, 17]
    assert plan.lost == ()


def test_hour_that_nobody_knows_is_left_out_and_the_next_counts_over_it():
    hours = [
        facts(0, begin_unseen=False, recorded=row(100, 10)),
        facts(1, known=known(107), recorded=row(100, 10)),
    ]
    plan = plan_sums(row(95, 5), hours, increasing=True)
    assert plan.rows == ((NOON + HOUR, row(107, 17)),)


def test_what_was_counted_before_a_new_beginning_is_added_to_all_later_sums():
    hours = [
        facts(0, begin_unseen=False, known=known(3, 104), recorded=row(100, 10)),
        facts(1, end_unseen=False, known=known(9), recorded=row(9, 19)),
        facts(2, begin_unseen=False, end_unseen=False, recorded=row(12, 22)),
    ]
    plan = plan_sums(row(95, 5), hours, increasing=True)
    assert plan.rows == ((NOON, row(3, 17)),)
    assert plan.lost == ((NOON + HOUR, 4.0),)


def test_without_any_row_there_is_nothing_to_go_on_from():
    plan = plan_sums(None, [facts(0, known=known(100))], increasing=True)
    assert plan.rows == plan.lost == ()
