"""Power becomes energy where it was known; nothing is invented for where it was not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.energy.integration import (
    CounterTrace,
    PowerTrace,
    Stretch,
    bridged_seconds,
    energy_between,
)

HOUR = 3600.0
POLL = 60.0


def imported(stretches: list[Stretch]) -> float:
    return sum(stretch.imported for stretch in stretches)


def exported(stretches: list[Stretch]) -> float:
    return sum(stretch.exported for stretch in stretches)


@pytest.mark.parametrize(
    ("first", "last", "energy"),
    [
        (10.0, 10.0, (10.0, 0.0)),
        (0.0, 10.0, (5.0, 0.0)),
        (-4.0, -8.0, (0.0, 6.0)),
        (10.0, -10.0, (2.5, 2.5)),
        (-3.0, 9.0, (3.375, 0.375)),
        (0.0, 0.0, (0.0, 0.0)),
    ],
)
def test_power_that_changes_evenly_for_an_hour(
    first: float, last: float, energy: tuple[float, float]
):
    assert energy_between(first, last, HOUR) == pytest.approx(energy)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.floats(0, 1e5))
def test_import_and_export_are_never_negative_and_differ_by_the_net(
    first: float, last: float, seconds: float
):
    taken, given_back = energy_between(first, last, seconds)
    assert taken >= 0
    assert given_back >= 0
    net = (first + last) / 2 * seconds / HOUR
    assert taken - given_back == pytest.approx(net, abs=1e-6)


def test_nothing_is_counted_before_the_first_reading():
    trace = PowerTrace()
    assert trace.advance(1e6) == ()
    assert trace.take(5.0, 1e6, POLL, notified=False) == ()


def test_between_two_polls_power_changes_evenly():
    trace = PowerTrace()
    trace.take(0.0, 0.0, POLL, notified=False)
    stretches = trace.take(60.0, POLL, POLL, notified=False)
    assert imported([*stretches]) == pytest.approx(30.0 * POLL / HOUR)


def test_power_that_no_poll_told_of_stayed_until_the_last_poll():
    trace = PowerTrace()
    trace.take(10.0, 0.0, POLL, notified=False)
    stretches = trace.take(20.0, HOUR, POLL, notified=False)
    held, last = 10.0 * (HOUR - POLL) / HOUR, 15.0 * POLL / HOUR
    assert imported([*stretches]) == pytest.approx(held + last)


def test_power_that_is_notified_stayed_until_then():
    trace = PowerTrace()
    trace.take(10.0, 0.0, POLL, notified=True)
    stretches = trace.take(20.0, HOUR, POLL, notified=True)
    assert imported([*stretches]) == pytest.approx(10.0)


def test_what_time_made_known_is_not_counted_again_by_the_next_reading():
    trace = PowerTrace()
    trace.take(10.0, 0.0, POLL, notified=False)
    stretches = [
        *trace.advance(HOUR / 2),
        *trace.advance(HOUR / 2),
        *trace.take(10.0, HOUR, POLL, notified=False),
    ]
    assert imported(stretches) == pytest.approx(10.0)
    assert [(s.start, s.end) for s in stretches] == [
        (0.0, HOUR / 2),
        (HOUR / 2, HOUR - POLL),
        (HOUR - POLL, HOUR),
    ]


def test_short_silence_is_bridged_and_a_long_one_is_not():
    for seconds, energy in ((bridged_seconds(POLL), 10.0 * 180 / HOUR), (181, 0.0)):
        trace = PowerTrace()
        trace.take(10.0, 0.0, POLL, notified=False)
        trace.lose()
        assert trace.advance(1e6) == ()
        stretches = trace.take(10.0, seconds, POLL, notified=True)
        assert imported([*stretches]) == pytest.approx(energy)


def test_power_is_counted_again_after_a_long_silence():
    trace = PowerTrace()
    trace.take(10.0, 0.0, POLL, notified=False)
    trace.lose()
    trace.take(10.0, 10 * HOUR, POLL, notified=False)
    assert imported([*trace.advance(11 * HOUR)]) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("interval", "seconds"), [(1, 120), (60, 180), (300, 900), (3600, 900)]
)
def test_bridge_follows_the_interval_within_limits(interval: float, seconds: float):
    assert bridged_seconds(interval) == seconds


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["poll", "notify", "lose", "advance"]),
        st.floats(0, 3000),
        st.floats(-50, 50),
    ),
    max_size=40,
)


@given(EVENTS)
def test_stretches_follow_each_other_and_hold_no_more_than_power_can_give(
    events: list[tuple[str, float, float]],
):
    trace, now, end, most = PowerTrace(), 0.0, 0.0, 50.0
    for event, seconds, kilowatts in events:
        now += seconds
        stretches = {
            "poll": lambda p=kilowatts, t=now: trace.take(p, t, POLL, notified=False),
            "notify": lambda p=kilowatts, t=now: trace.take(p, t, POLL, notified=True),
            "lose": trace.lose,
            "advance": lambda t=now: trace.advance(t - POLL),
        }[event]()
        for stretch in stretches or ():
            assert end <= stretch.start < stretch.end <= now
            end = stretch.end
            hours = (stretch.end - stretch.start) / HOUR
            assert 0 <= stretch.imported <= most * hours + 1e-9
            assert 0 <= stretch.exported <= most * hours + 1e-9


def test_counter_counts_in_the_last_poll():
    trace = CounterTrace()
    trace.take(100.0, 0.0, POLL)
    stretches = trace.take(101.0, HOUR, POLL)
    assert [(s.start, s.end, s.imported) for s in stretches] == [
        (0.0, HOUR - POLL, 0.0),
        (HOUR - POLL, HOUR, 1.0),
    ]


def test_counter_that_was_silent_for_long_tells_nothing_of_that_time():
    trace = CounterTrace()
    trace.take(100.0, 0.0, POLL)
    trace.lose()
    assert trace.take(200.0, HOUR, POLL) == ()
    assert imported([*trace.take(201.0, HOUR + POLL, POLL)]) == 1.0


def test_counter_that_was_silent_shortly_counted_evenly():
    trace = CounterTrace()
    trace.take(100.0, 0.0, POLL)
    trace.lose()
    stretches = trace.take(101.0, 150.0, POLL)
    assert [(s.start, s.end, s.imported) for s in stretches] == [(0.0, 150.0, 1.0)]


def test_counter_that_is_set_begins_anew():
    trace = CounterTrace()
    trace.take(100.0, 0.0, POLL)
    trace.forget()
    assert trace.take(5000.0, POLL, POLL) == ()
