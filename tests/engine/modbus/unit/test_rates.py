"""Points are due at their own rates."""

from custom_components.plantroom.engine.modbus.unit.rates import Rates


def due(rates: Rates, now: float) -> set[str]:
    """Return what is due, and read it."""
    found = rates.due(now)
    rates.were_read(found, now)
    return set(found)


def test_everything_is_due_at_first():
    rates = Rates()
    rates.set({"a": 10, "b": 60}, {"a", "b"})
    assert rates.shortest_seconds == 10
    assert due(rates, 0) == {"a", "b"}


def test_each_is_due_when_its_time_is_over():
    rates = Rates()
    rates.set({"a": 10, "b": 60}, {"a", "b"})
    read = [due(rates, now) for now in range(0, 130, 10)]
    assert [n for n, found in enumerate(read) if "b" in found] == [0, 6, 12]
    assert all("a" in found for found in read)


def test_what_is_new_is_due_at_once_and_brings_nothing_else_with_it():
    rates = Rates()
    rates.set({"a": 60, "b": 60}, {"a", "b"})
    due(rates, 0)
    rates.set({"a": 60, "b": 60, "c": 60}, {"c"})
    assert due(rates, 20) == {"c"}
    assert due(rates, 60) == {"a", "b", "c"}


def test_what_could_not_be_read_stays_due():
    rates = Rates()
    rates.set({"a": 10}, {"a"})
    assert rates.due(0) == {"a"}
    assert rates.due(1) == {"a"}


def test_after_a_pause_nothing_is_made_up_for():
    rates = Rates()
    rates.set({"a": 10}, {"a"})
    due(rates, 0)
    assert due(rates, 1000) == {"a"}
    assert due(rates, 1001) == set()


def test_all_may_be_wanted_at_once():
    rates = Rates()
    rates.set({"a": 10, "b": 600}, {"a", "b"})
    due(rates, 0)
    rates.all_due()
    assert due(rates, 1) == {"a", "b"}


def test_nothing_is_due_without_points():
    rates = Rates()
    assert rates.shortest_seconds is None
    assert due(rates, 0) == set()
