"""The values kept with an alarm are the device's own, of that moment, and bounded."""

from datetime import datetime, timedelta

from custom_components.plantroom.engine.alarms.device_values import (
    MOST_TAKEN,
    MOST_VALUES,
    DeviceValues,
)
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.points import Points
from tests.site import AT, point, reading

MANY = [point(f"analog-input,{number}") for number in range(MOST_VALUES + 5)]


class Clock:
    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


def test_values_are_what_the_device_shows_now_if_it_shows_any():
    points = Points(EventBus())
    points.define("n:1", MANY[:3])
    points.define("n:2", [point(device_id="n:2")])
    points.update(
        [
            (MANY[0].point_id, reading(1.5)),
            (MANY[1].point_id, reading(None, error="unknown-object")),
            ("n:2:analog-value,1", reading(9.0)),
        ]
    )
    clock = Clock()
    values = DeviceValues(points, clock)
    assert values.take("n:1").values == ((MANY[0].point_id, 1.5),)
    points.update([(MANY[0].point_id, reading(2.5))])
    clock.now += timedelta(milliseconds=1)
    taken = values.take("n:1")
    assert (taken.at, taken.values) == (clock.now, ((MANY[0].point_id, 2.5),))
    assert values.take("n:9").values == ()


def test_large_device_shows_its_first_values_only():
    points = Points(EventBus())
    points.define("n:1", MANY)
    points.update((each.point_id, reading(1.0)) for each in MANY)
    assert len(DeviceValues(points).take("n:1").values) == MOST_VALUES


def test_flood_of_alarms_takes_values_a_few_times_a_second():
    clock = Clock()
    values = DeviceValues(Points(EventBus()), clock)
    different = set()
    for _ in range(2000):
        clock.now += timedelta(milliseconds=1)
        different.add(values.take("n:1").at)
    assert len(different) == 2 * MOST_TAKEN
