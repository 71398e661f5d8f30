"""A total never falls, and nothing is counted twice or out of nothing."""

import math
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custom_components.plantroom.engine.energy.meter import (
    SETTLE_SECONDS,
    begin_anew,
    first_reading,
    follow,
    set_total,
)
from custom_components.plantroom.engine.energy.meter_state import Change, Traits
from custom_components.plantroom.engine.energy.plausibility import (
    lenient_step,
    usual_step,
)

from .counter_in_the_field import EPOCH, KILOWATTS, POLL, CounterInTheField, learned


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, abs_tol=0.01)


def test_total_is_the_meters_face_as_long_as_nothing_happens():
    counter = learned()
    counter.run(86400, every=300)
    assert counter.state.total == counter.said
    assert counter.changes == []


def test_counting_goes_on_when_the_count_begins_again():
    counter = learned(face=99_990.0, modulus=100_000.0)
    counter.run(3600)
    assert counter.changes == [Change.ROLLOVER]
    assert counter.said < 30
    assert close(counter.counted, counter.true)


def test_count_that_begins_again_unseen_is_found_after_an_outage():
    counter = learned(face=99_900.0, modulus=100_000.0)
    counter.consume(12 * 3600)
    counter.read()
    assert counter.changes == [Change.ROLLOVER]
    assert close(counter.counted, counter.true)


def test_count_that_begins_again_under_a_load_never_seen_is_found_once_it_lasts():
    counter = learned(face=99_000.0, modulus=100_000.0)
    counter.consume(10 * 3600, kilowatts=150)
    counter.run(120)
    assert counter.changes == [Change.ROLLOVER]
    assert close(counter.counted, counter.true)


def test_face_of_so_many_digits_may_begin_again_without_being_declared():
    counter = learned(face=9_985.0)
    counter.modulus = 10_000.0
    counter.run(60)
    undeclared = Traits(bold=100.0)
    before = counter.state
    step = follow(before, 0.02, before.at + POLL, undeclared)
    assert step.change is Change.NONE  # 9985 is not near enough to the end of it
    near = learned(face=9_979.9)
    step = follow(near.state, 0.02, near.now + POLL, undeclared)
    assert step.change is Change.ROLLOVER
    assert close(step.state.total, 10_000.02)


def test_reset_meter_goes_on_from_the_total_before():
    counter = learned()
    counter.face = 0.0
    counter.run(600)
    assert counter.changes == [Change.RESET]
    assert counter.counted <= counter.true
    assert counter.true - counter.counted < 0.05


def test_what_a_reset_meter_counted_unseen_is_counted():
    counter = learned()
    counter.consume(600)
    counter.face = KILOWATTS * 600 / 3600
    counter.run(600)
    assert counter.changes == [Change.RESET]
    assert close(counter.counted, counter.true)


def test_new_meter_with_a_lower_reading_goes_on_from_the_total_before():
    counter = learned(face=45_000.0)
    counter.face = 317.0
    counter.run(600)
    assert counter.changes == [Change.REPLACED]
    assert counter.counted <= counter.true
    assert counter.true - counter.counted < 0.05


def test_new_meter_with_a_higher_reading_goes_on_from_the_total_before():
    counter = learned()
    counter.face = 45_000.0
    counter.run(600)
    assert counter.changes == [Change.REPLACED]
    assert counter.counted <= counter.true
    assert counter.true - counter.counted < 0.05


@pytest.mark.parametrize("days", [1, 10, 100])
def test_what_was_counted_in_a_long_outage_is_counted(days: int):
    counter = learned()
    counter.consume(days * 86400, kilowatts=2 * KILOWATTS)
    counter.run(600)
    assert counter.changes == []
    assert close(counter.counted, counter.true)


def test_load_that_was_never_seen_is_no_other_meter():
    counter = CounterInTheField()
    counter.run(7200, every=60, kilowatts=0.1)
    counter.run(7200, every=60, kilowatts=300)
    assert counter.changes == []
    assert close(counter.counted, counter.true)


def test_load_that_was_never_seen_is_counted_when_it_is_polled_once_an_hour():
    counter = CounterInTheField()
    counter.run(36000, every=3600, kilowatts=0.1)
    counter.run(36000, every=3600, kilowatts=300)
    assert counter.changes == []
    assert close(counter.counted, counter.true)


def test_coarse_counter_may_count_once_a_day():
    counter = CounterInTheField(quantum=1000.0, face=500_000.0)
    counter.run(30 * 86400, every=600, kilowatts=50)
    assert counter.changes == []
    assert counter.true - counter.counted < 1001


@pytest.mark.parametrize("absurd", [0.0, 4_294_967.295, 1_655.36, 400.0, -1.0])
def test_one_absurd_reading_counts_nothing(absurd: float):
    counter = learned()
    before = counter.state.total
    counter.consume(POLL)
    counter.read(absurd)
    assert counter.state.total == before
    counter.run(600)
    assert (counter.changes, counter.state.offset) == ([], 0)
    assert close(counter.counted, counter.true)


def test_zero_while_a_device_restarts_counts_nothing():
    counter = learned()
    for _ in range(5):
        counter.consume(POLL)
        counter.read(0.0)
    counter.run(600)
    assert (counter.changes, counter.state.offset) == ([], 0)
    assert close(counter.counted, counter.true)


def test_old_count_after_a_long_zero_is_the_old_meter():
    counter = learned()
    for _ in range(30):
        counter.consume(POLL)
        counter.read(0.0)
    counter.run(600)
    assert counter.changes == [Change.RESET, Change.RETURNED]
    assert counter.state.offset == 0
    assert close(counter.counted, counter.true)


def test_zero_near_the_end_of_the_count_is_taken_back():
    counter = learned(face=99_978.9, modulus=100_000.0)
    counter.consume(POLL)
    counter.read(0.0)
    counter.run(300)
    assert counter.changes == [Change.ROLLOVER, Change.RETURNED]
    assert counter.state.offset == 0
    counter.run(3000)
    assert close(counter.counted, counter.true)


def test_noise_of_a_float_is_held():
    state = first_reading(16_777.216, EPOCH)
    step = follow(state, 16_777.215, EPOCH + POLL, Traits(bold=100.0))
    assert step.state.total == 16_777.216
    assert step.state.doubted is None


def test_meter_that_forgot_its_last_hour_is_waited_for():
    counter = learned()
    counter.face -= 5.0
    before = counter.state.total
    counter.run(1200)
    assert counter.state.total == before
    counter.run(3600)
    assert counter.changes == []
    assert counter.state.total == counter.said


def test_fall_is_believed_only_when_it_lasts():
    counter = learned()
    counter.face = 0.0
    fell_at = counter.now + POLL
    while not counter.changes:
        counter.run(POLL)
    assert counter.now - fell_at == SETTLE_SECONDS


def test_count_that_begins_again_by_itself_shows_its_face():
    midnight = Traits(bold=100.0, keeps_face=True)
    state = first_reading(23.5, EPOCH)
    for at in (POLL, 3 * POLL, 5 * POLL):
        state = follow(state, 0.0, EPOCH + at, midnight).state
        assert state.total == 23.5
    step = follow(state, 0.25, EPOCH + 90, midnight)
    assert (step.state.total, step.state.offset, step.change) == (0.25, 0, Change.NONE)


def test_net_energy_that_falls_is_followed():
    net = Traits(bold=100.0, keeps_face=True)
    state = first_reading(23.5, EPOCH)
    for n, raw in enumerate((23.4, 23.3), 1):
        state = follow(state, raw, EPOCH + n * POLL, net).state
    assert state.total == 23.3


def test_total_that_people_set_is_shown_and_goes_on():
    counter = learned()
    counter.state = set_total(counter.state, 5.0)
    counter.consume(360)
    counter.read()
    assert close(counter.state.total, 6.0)


def test_meter_that_people_replaced_goes_on_wherever_it_begins():
    counter = learned()
    total = counter.state.total
    counter.face = total + 3.0
    counter.state = begin_anew(counter.state, counter.said, counter.now)
    assert counter.state.total == total
    counter.consume(360)
    counter.read()
    assert close(counter.state.total, total + 1.0)


RAW = st.one_of(
    st.floats(-1e3, 1e12), st.sampled_from([0.0, 1.0, 999.0, 1e6, 2.0**32 / 1000])
)


@given(
    st.lists(st.tuples(RAW, st.floats(0.1, 1e6)), min_size=1, max_size=40),
    st.sampled_from([None, 1000.0, 2.0**32 / 1000]),
)
def test_total_never_falls_whatever_is_read(
    readings: list[tuple[float, float]], modulus: float | None
):
    counter = CounterInTheField(modulus=modulus)
    shown = counter.state.total
    for raw, seconds in readings:
        counter.now += seconds
        counter.read(raw)
        counter.restart()
        assert counter.state.total >= shown
        shown = counter.state.total


POLLS = st.lists(
    st.tuples(st.floats(1, 4000), st.floats(0, 2 * KILOWATTS)), max_size=60
)


@given(POLLS, st.sampled_from([0.001, 0.1, 1.0]), st.floats(0, 1))
@settings(max_examples=200)
def test_nothing_is_lost_or_added_over_any_number_of_rollovers(
    polls: list[tuple[float, float]], quantum: float, start: float
):
    counter = CounterInTheField(
        face=900 + start * 99, modulus=1000.0, quantum=quantum, bold=100.0
    )
    for seconds, kilowatts in polls:
        counter.consume(seconds, kilowatts)
        counter.read()
        counter.restart()
    # Doubt delays at most until a second reading
    counter.run(180, every=60, kilowatts=0)
    assert set(counter.changes) <= {Change.ROLLOVER}
    assert abs(counter.counted - counter.true) <= quantum + 0.01


EVENT = st.one_of(
    st.tuples(st.just("run"), st.floats(30, 900)),
    st.tuples(st.just("outage"), st.floats(60, 200_000)),
    st.tuples(st.just("glitch"), RAW),
    st.tuples(st.just("zero"), st.floats(10, 300)),
    st.tuples(st.just("reset"), st.just(0.0)),
    st.tuples(st.just("replace"), st.floats(0, 1e6)),
    st.tuples(st.sampled_from(["restart", "kill"]), st.just(0.0)),
)


@given(st.lists(EVENT, max_size=12))
@example([("zero", 300.0), ("zero", 300.0), ("replace", 5.0), ("zero", 10.0)])
@settings(max_examples=300, deadline=None)
def test_no_more_is_counted_than_was_consumed_and_events_explain(
    events: list[tuple[str, float]],
):
    counter = learned(face=2000.0, modulus=1_000_000.0)
    allowed = 0.02
    for event, number in events:
        began = counter.now
        counter.befall(event, number)
        allowed += believed(counter, event, counter.now - began)
        counter.run(200)
    minute = KILOWATTS * 60 / 3600 if ("kill", 0.0) in events else 0.0
    for before, after in pairwise(counter.totals):
        assert after >= before - minute - 1e-9
    assert counter.counted <= counter.true + allowed


def believed(counter: CounterInTheField, event: str, seconds: float) -> float:
    """Return the most that an event may add to what was consumed."""
    if event == "zero":
        return usual_step(counter.state, seconds, counter.traits)
    if event in {"glitch", "replace", "outage"}:
        return lenient_step(counter.state, max(seconds, 900), counter.traits)
    return 0.0
