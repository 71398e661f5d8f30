"""So many in so long is a flood, and no fewer."""

from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.alarms.flood import FloodGate


def test_flood_begins_with_the_last_of_so_many_and_ends_when_they_are_old():
    gate = FloodGate(3, 10.0)
    assert [gate.take(now) for now in (0, 5, 10, 10.1, 30)] == [
        False, False, True, True, False,
    ]  # fmt: skip
    assert not gate.is_flood(30)
    gate.take(31)
    assert gate.take(32)
    assert gate.is_flood(40)
    assert not gate.is_flood(40.1)


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(2, 9), st.floats(1, 50))
def test_flood_is_what_a_look_back_says(waits, alarms, seconds):
    gate, times, now = FloodGate(alarms, seconds), [], 0.0
    for wait in waits:
        now += wait
        times.append(now)
        last = times[-alarms:]
        assert gate.take(now) == (len(last) == alarms and now - last[0] <= seconds)
