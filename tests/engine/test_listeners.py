"""Whoever listens is told, whatever another listener does."""

import pytest

from custom_components.plantroom.engine.listeners import Listeners


def test_listeners_are_told_in_the_order_in_which_they_came():
    told: list[tuple[str, int]] = []
    listeners: Listeners[int] = Listeners()
    listeners.add(lambda news: told.append(("first", news)))
    listeners.add(lambda news: told.append(("second", news)))
    listeners.tell(7)
    assert told == [("first", 7), ("second", 7)]


def test_one_callable_may_listen_twice_and_leave_once():
    told: list[int] = []
    listeners: Listeners[int] = Listeners()
    leave = listeners.add(told.append)
    listeners.add(told.append)
    leave()
    leave()
    listeners.tell(1)
    assert told == [1]
    assert listeners


def test_failing_listener_is_logged_and_keeps_the_news_from_nobody(
    caplog: pytest.LogCaptureFixture,
):
    told: list[int] = []
    listeners: Listeners[int] = Listeners()
    listeners.add(lambda news: 1 // 0)
    listeners.add(told.append)
    listeners.tell(3)
    assert told == [3]
    assert "ZeroDivisionError" in caplog.text


def test_listener_that_leaves_while_others_are_told_is_not_told():
    told: list[str] = []
    listeners: Listeners[()] = Listeners()

    def throw_out() -> None:
        leave()

    listeners.add(throw_out)
    leave = listeners.add(lambda: told.append("late"))
    listeners.tell()
    assert told == []


def test_listener_that_joins_while_others_are_told_hears_the_next_news():
    told: list[int] = []
    listeners: Listeners[int] = Listeners()
    listeners.add(lambda news: listeners.add(told.append))
    listeners.tell(1)
    assert told == []
    listeners.tell(2)
    assert told == [2]
