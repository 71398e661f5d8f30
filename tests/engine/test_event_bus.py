"""Events are numbered once, kept for a while, and heard in order by all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.event_bus import EVENTS_KEPT, EventBus
from custom_components.plantroom.engine.events import DeviceRemoved, NumberedEvent

GONE = DeviceRemoved(device_id="n:1")


def numbers(events: tuple[NumberedEvent, ...] | None) -> list[int] | None:
    return None if events is None else [event.number for event in events]


def test_numbers_rise_by_one_from_the_first():
    bus = EventBus(first_number=10)
    heard: list[NumberedEvent] = []
    bus.listen(heard.append)
    assert bus.cursor == 9
    bus.publish(GONE)
    bus.publish(GONE)
    assert numbers(tuple(heard)) == [10, 11]
    assert bus.cursor == 11


def test_failing_listener_keeps_the_event_from_nobody(caplog: pytest.LogCaptureFixture):
    bus = EventBus()
    heard: list[NumberedEvent] = []
    bus.listen(lambda event: 1 // 0)
    bus.listen(heard.append)
    bus.publish(GONE)
    assert numbers(tuple(heard)) == [1]
    assert "ZeroDivisionError" in caplog.text


def test_event_that_a_listener_publishes_is_heard_after_the_one_it_heard():
    bus = EventBus()
    heard: list[NumberedEvent] = []
    bus.listen(lambda event: bus.publish(GONE) if event.number < 3 else None)
    bus.listen(heard.append)
    bus.publish(GONE)
    assert numbers(tuple(heard)) == [1, 2, 3]


def test_unsubscribed_listener_hears_nothing_more():
    bus = EventBus()
    heard: list[NumberedEvent] = []
    unsubscribe = bus.listen(heard.append)
    unsubscribe()
    unsubscribe()
    bus.publish(GONE)
    assert heard == []


def test_cursor_of_another_engine_needs_a_snapshot():
    bus = EventBus()
    bus.publish(GONE)
    assert bus.since(2) is None


def test_bus_without_events_has_none_since_its_beginning():
    assert EventBus().since(0) == ()
    assert EventBus(first_number=5).since(3) is None


def test_event_too_old_to_be_kept_needs_a_snapshot():
    bus = EventBus()
    for _ in range(EVENTS_KEPT + 2):
        bus.publish(GONE)
    assert bus.since(1) is None
    assert len(bus.since(2) or ()) == EVENTS_KEPT


@given(
    first=st.integers(1, 50), published=st.integers(0, 30), cursor=st.integers(-5, 100)
)
def test_events_since_a_cursor_are_all_that_came_after_it_or_none(
    first: int, published: int, cursor: int
):
    bus = EventBus(first_number=first)
    for _ in range(published):
        bus.publish(GONE)
    found = numbers(bus.since(cursor))
    if first - 1 <= cursor <= bus.cursor:
        assert found == list(range(cursor + 1, bus.cursor + 1))
    else:
        assert found is None
