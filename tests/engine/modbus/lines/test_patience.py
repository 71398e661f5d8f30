"""Units are waited for as long as they took before, and no longer than the line says."""

from custom_components.plantroom.engine.modbus.lines.patience import ATTEMPTS, Patience


def test_a_unit_that_never_answered_gets_all_the_time_and_one_chance():
    patience = Patience(3.0)
    assert patience.attempts == 1
    assert patience.attempt_seconds(1) == 3.0


def test_a_unit_that_answers_fast_is_given_up_fast_and_asked_again():
    patience = Patience(3.0)
    patience.answered(0.01)
    assert patience.attempts == ATTEMPTS
    assert [patience.attempt_seconds(n) for n in (1, 2, 3)] == [0.25, 0.25, 1.0]


def test_a_slow_unit_is_never_waited_for_longer_than_the_line_says():
    patience = Patience(3.0)
    patience.answered(1.0)
    assert [patience.attempt_seconds(n) for n in (1, 2, 3)] == [3.0, 3.0, 3.0]


def test_one_slow_answer_is_forgotten_slowly():
    patience = Patience(30.0)
    patience.answered(1.0)
    patience.answered(0.01)
    assert 0.9 < (patience.slowest or 0) < 1.0
    for _ in range(500):
        patience.answered(0.01)
    assert (patience.slowest or 0) < 0.02


def test_a_probe_is_short_where_it_is_known_how_fast_units_answer():
    assert Patience(3.0).probe_seconds(0, None) == 3.0
    assert Patience(3.0).probe_seconds(0, 0.02) == 1.0
    assert Patience(3.0, 0.02).probe_seconds(0, 0.02) == 0.25
    assert Patience(3.0).probe_seconds(2, 0.1) == 0.4


def test_a_unit_that_never_answered_gets_all_the_time_at_its_second_chance():
    waits = [Patience(3.0).probe_seconds(n, 0.02) for n in range(7)]
    assert waits == [1.0, 3.0, 0.25, 0.25, 0.25, 0.25, 3.0]


def test_a_unit_that_answered_gets_all_the_time_now_and_then():
    waits = [Patience(3.0, 0.02).probe_seconds(n, None) for n in range(7)]
    assert waits == [0.25, 0.25, 0.25, 0.25, 0.25, 3.0, 0.25]
