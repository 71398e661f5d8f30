"""Readings change what clients know only when they say something new."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    EngineEvent,
    PointsChanged,
    ReadingsChanged,
)
from custom_components.plantroom.engine.models import ReadingSource, StatusFlags
from custom_components.plantroom.engine.points import Points
from tests.site import AT, point, reading

ONE, TWO = point("analog-value,1"), point("analog-value,2")
NAN = float("nan")


def points_and_events() -> tuple[Points, list[EngineEvent]]:
    bus = EventBus()
    heard: list[EngineEvent] = []
    bus.listen(lambda numbered: heard.append(numbered.event))
    return Points(bus), heard


def test_defining_tells_what_came_changed_and_went():
    points, heard = points_and_events()
    points.define("n:1", [ONE, TWO])
    renamed = replace(TWO, name="Renamed")
    three = point("analog-value,3")
    points.define("n:1", [renamed, three])
    assert heard == [
        PointsChanged(device_id="n:1", added=(ONE, TWO)),
        PointsChanged(
            device_id="n:1", added=(three,), changed=(renamed,), removed=(ONE.point_id,)
        ),
    ]
    assert points.of_device("n:1") == points.all() == (renamed, three)
    assert points.get(ONE.point_id) is None


def test_defining_the_same_again_tells_nothing():
    points, heard = points_and_events()
    points.define("n:1", [ONE])
    points.define("n:1", [ONE])
    assert len(heard) == 1


def test_point_that_stays_keeps_its_reading_and_one_that_goes_loses_it():
    points, _ = points_and_events()
    points.define("n:1", [ONE, TWO])
    points.update([(ONE.point_id, reading(1.0)), (TWO.point_id, reading(2.0))])
    points.define("n:1", [ONE])
    assert points.readings() == ((ONE.point_id, reading(1.0)),)


def test_forgotten_device_leaves_nothing_and_another_stays():
    points, _ = points_and_events()
    other = point(device_id="n:2")
    points.define("n:1", [ONE])
    points.define("n:2", [other])
    points.update([(ONE.point_id, reading(1.0))])
    points.forget_device("n:1")
    points.forget_device("n:1")
    assert points.all() == (other,)
    assert points.of_device("n:1") == ()
    assert points.reading(ONE.point_id) is None


def test_reading_of_an_unknown_point_is_ignored():
    points, heard = points_and_events()
    points.update([("n:9:analog-value,1", reading(1.0))])
    assert (heard, points.readings()) == ([], ())


def test_readings_that_come_together_are_one_event_of_those_that_are_new():
    points, heard = points_and_events()
    points.define("n:1", [ONE, TWO])
    points.update([(ONE.point_id, reading(1.0))])
    points.update([(ONE.point_id, reading(1.0)), (TWO.point_id, reading(2.0))])
    assert heard[-1] == ReadingsChanged(readings=((TWO.point_id, reading(2.0)),))


def test_later_reading_that_finds_the_same_makes_no_new_one():
    points, heard = points_and_events()
    points.define("n:1", [ONE])
    points.update([(ONE.point_id, reading(1.0))])
    later = reading(1.0, at=AT + timedelta(hours=1), source=ReadingSource.COV)
    points.update([(ONE.point_id, later)])
    assert len(heard) == 2
    assert points.reading(ONE.point_id) == reading(1.0)


@pytest.mark.parametrize(
    "change",
    [
        {"value": 2.0},
        {"value": None, "error": "unknown-object"},
        {"flags": StatusFlags(overridden=True)},
        {"reliability": "no-sensor"},
        {"priority": 8},
        {"value": NAN},
    ],
)
def test_whatever_a_client_can_see_makes_a_new_reading(change: dict[str, Any]):
    points, heard = points_and_events()
    points.define("n:1", [ONE])
    points.update([(ONE.point_id, reading(1.0))])
    points.update([(ONE.point_id, replace(reading(1.0), **change))])
    assert len(heard) == 3


@given(st.lists(st.sampled_from([NAN, 0.0, 1.5, None, float("inf")]), max_size=8))
def test_listener_and_register_agree_whatever_values_follow_each_other(
    values: list[float | None],
):
    points, heard = points_and_events()
    points.define("n:1", [ONE])
    for value in values:
        points.update([(ONE.point_id, reading(value))])
    told = [
        repr(e.readings[0][1].value) for e in heard if isinstance(e, ReadingsChanged)
    ]
    texts = [repr(value) for value in values]
    assert told == [
        text for n, text in enumerate(texts) if n == 0 or text != texts[n - 1]
    ]


def test_doubted_reading_is_news_though_it_says_the_same():
    points, heard = points_and_events()
    points.define("n:1", [ONE, TWO])
    same = [(ONE.point_id, reading(20.0)), (TWO.point_id, reading(20.0))]
    points.update(same)
    heard.clear()
    points.doubt([ONE.point_id])
    for _ in range(2):
        points.update(same)
    assert heard == [ReadingsChanged(readings=(same[0],))]
