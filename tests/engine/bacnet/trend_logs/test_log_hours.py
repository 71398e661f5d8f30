"""What records make of hours: what was logged counts, what was not does not."""

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Date,
    Time,
)
from custom_components.plantroom.engine.bacnet.octets.log_records import (
    DatumKind,
    LogRecord,
)
from custom_components.plantroom.engine.bacnet.trend_logs.log_hours import (
    Logged,
    LogTerms,
    hours_of,
    logged,
)
from custom_components.plantroom.engine.history.hour_trace import HourFacts

HOUR = 3600
BEGIN = 495_000 * HOUR
QUARTER = 900.0
KIND = DatumKind


def at(minutes: float, value: float | None = 20.0, *, broke: bool = False) -> Logged:
    return Logged(BEGIN + minutes * 60, value, broke)


def hours(
    *records: Logged, interval: float = QUARTER, until: float = 240, hours: int = 4
) -> list[HourFacts]:
    terms = LogTerms(interval=interval, until=BEGIN + until * 60)
    return hours_of(records, terms, BEGIN, BEGIN + hours * HOUR)


def covered(found: list[HourFacts]) -> dict[int, float]:
    return {(each.start - BEGIN) // HOUR: each.covered for each in found}


def record(kind: DatumKind, value: object, flags: BitString | None = None) -> LogRecord:
    date, time = Date(2026, 11, 21, 6), Time(0, 0, 0, 0)
    return LogRecord(date, time, kind, value, flags)  # type: ignore[arg-type]


def test_interval_log_counts_each_value_until_the_next():
    found = hours(*(at(15 * n, float(n)) for n in range(9)))
    assert covered(found) == {0: 3600.0, 1: 3600.0, 2: 1350.0}
    assert (found[0].mean, found[0].first, found[0].last) == (1.5, 0.0, 3.0)


def test_missing_records_of_an_interval_log_are_a_gap():
    found = hours(at(0), at(15), at(60), at(75), until=90)
    assert covered(found) == {0: 900 + 1350, 1: 1800.0}


def test_log_of_changes_counts_until_the_next_change_however_late():
    found = hours(at(10, 20.0), at(100, 30.0), interval=0.0, until=150)
    assert covered(found) == {0: 3000.0, 1: 3600.0, 2: 1800.0}
    assert found[1].mean == (20.0 * 40 + 30.0 * 20) / 60


def test_nothing_counts_after_the_log_ends():
    assert covered(hours(at(0), at(15), until=20)) == {0: 1200.0}
    assert covered(hours(at(0), interval=0.0, until=20)) == {0: 1200.0}


def test_interruption_ends_what_was_before_it_at_a_time_nobody_knows():
    broken = (at(0), at(60, None, broke=True), at(75))
    assert covered(hours(*broken, until=90)) == {0: 900.0, 1: 900.0}
    # Shown for a moment at least
    assert covered(hours(*broken, interval=0.0, until=90)) == {0: 0.0, 1: 900.0}


def test_value_that_is_none_ends_the_one_before():
    found = hours(at(0), at(10, None), at(20), interval=0.0, until=60)
    assert covered(found) == {0: 3000.0}


def test_records_that_come_twice_count_once():
    once = [at(15 * n, float(n)) for n in range(5)]
    assert hours(*once[:3], *once[1:]) == hours(*once)


def test_records_from_before_the_clock_was_set_back_count_once():
    found = hours(at(0, 1.0), at(15, 2.0), at(5, 9.0), at(30, 3.0), until=45)
    assert covered(found) == {0: 2700.0}
    assert found[0].mean == 2.0


def test_only_hours_that_were_asked_for_are_told():
    found = hours(*(at(15 * n) for n in range(-8, 20)), hours=2)
    assert covered(found) == {0: 3600.0, 1: 3600.0}


def test_numbers_are_values_and_all_else_is_none():
    fault = BitString((False, True, False, False))
    tried = BitString((False, True, False, True))
    made = [
        record(KIND.REAL, 1.5),
        record(KIND.UNSIGNED, 7),
        record(KIND.SIGNED, -7),
        record(KIND.ANY, 2.5),
        record(KIND.REAL, 3.5, tried),
        record(KIND.REAL, 1.5, fault),
        record(KIND.REAL, float("nan")),
        record(KIND.REAL, float("inf")),
        record(KIND.BOOLEAN, True),
        record(KIND.ENUMERATED, 1),
        record(KIND.BIT_STRING, fault),
        record(KIND.NULL, None),
        record(KIND.ANY, None),
        record(KIND.ANY, True),
        record(KIND.FAILURE, "device-busy"),
        record(KIND.LOG_STATUS, BitString((True, False, False))),
    ]
    found = [*logged(made, [0.0] * len(made))]
    assert [each.value for each in found] == [1.5, 7, -7, 2.5, 3.5] + [None] * 11
    assert not any(each.broke for each in found)


def test_what_breaks_a_log_is_said():
    made = [
        record(KIND.LOG_STATUS, BitString((False, True, False))),
        record(KIND.LOG_STATUS, BitString((False, False, True))),
        record(KIND.TIME_CHANGE, 3600.0),
        record(KIND.LOG_STATUS, BitString(())),
    ]
    found = [each.broke for each in logged(made, [0.0] * 4)]
    assert found == [True, True, True, False]


def test_counter_is_told_as_people_see_it():
    made = [record(KIND.UNSIGNED, 1000), record(KIND.UNSIGNED, 1010)]
    found = [each.value for each in logged(made, [0.0, 1.0], 0.1, 500.0)]
    assert found == [600.0, 601.0]


def test_record_without_a_time_is_left_out():
    assert [*logged([record(KIND.REAL, 1.0)], [None])] == []
