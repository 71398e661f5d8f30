"""A device's local times become UTC, whatever clock it keeps."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from custom_components.plantroom.engine.bacnet.octets.encoding import Date, Time
from custom_components.plantroom.engine.bacnet.trend_logs.device_clock import (
    ClockError,
    DeviceClock,
    clock_of,
    seconds_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)
WINTER = datetime(2026, 11, 21, 12, tzinfo=UTC)


def stamp(at: datetime) -> tuple[Date, Time]:
    """Return what a clock that shows a time says."""
    return (
        Date(at.year, at.month, at.day, at.isoweekday()),
        Time(at.hour, at.minute, at.second, at.microsecond // 10_000),
    )


def seconds(at: datetime) -> float:
    found = seconds_of(*stamp(at))
    assert found is not None
    return found


def clock(shown: datetime, now: datetime, **facts: object) -> DeviceClock:
    return clock_of(seconds(shown), now.timestamp(), BERLIN, **facts)  # type: ignore[arg-type]


def moment(device: DeviceClock, shown: datetime, now: datetime) -> datetime:
    (found,) = device.moments([stamp(shown)], now.timestamp())
    assert found is not None
    return datetime.fromtimestamp(found, UTC)


def test_clock_of_the_building_follows_its_summer_time():
    device = clock(WINTER.astimezone(BERLIN), WINTER)
    assert device == DeviceClock(zone=BERLIN)
    for at in (SUMMER, WINTER - timedelta(days=2)):
        assert moment(device, at.astimezone(BERLIN), WINTER) == at


def test_clock_that_is_wrong_was_wrong_before():
    device = clock(WINTER.astimezone(BERLIN) + timedelta(minutes=7), WINTER)
    assert (device.zone, device.error) == (BERLIN, 420.0)
    shown = SUMMER.astimezone(BERLIN) + timedelta(minutes=7)
    assert moment(device, shown, WINTER) == SUMMER


def test_what_asking_takes_is_no_error():
    shown = WINTER.astimezone(BERLIN) - timedelta(seconds=2)
    assert clock(shown, WINTER) == DeviceClock(zone=BERLIN)


def test_clock_without_summer_time_has_none_in_the_past():
    standard = SUMMER.astimezone(BERLIN) - timedelta(hours=1)
    device = clock(standard, SUMMER)
    assert (device.zone, device.offset) == (None, 3600.0)
    winter = datetime(2026, 1, 5, 13, tzinfo=UTC)
    assert moment(device, winter, SUMMER) == datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_clock_of_utc_is_told_by_its_difference():
    device = clock(WINTER, WINTER)
    assert (device.zone, device.offset) == (None, 0.0)
    assert moment(device, SUMMER, WINTER) == SUMMER


def test_clock_of_another_zone_says_so_itself():
    shown = WINTER + timedelta(hours=5, minutes=40)
    device = clock(shown, WINTER, utc_offset_minutes=-330)
    assert (device.offset, device.error) == (5.5 * 3600, 600.0)
    assert moment(device, shown, WINTER) == WINTER


def test_device_in_summer_time_of_another_zone():
    shown = SUMMER - timedelta(hours=4)
    device = clock(shown, SUMMER, utc_offset_minutes=300, summer_time=True)
    assert (device.offset, device.error) == (-4 * 3600.0, 0.0)


def test_utc_offset_that_is_not_so_is_not_believed():
    device = clock(WINTER, WINTER, utc_offset_minutes=-480)
    assert device.offset == 0.0


@pytest.mark.parametrize(
    "shown",
    [datetime(2000, 1, 1, tzinfo=UTC), WINTER + timedelta(days=2)],
    ids=["never set", "two days ahead"],
)
def test_clock_that_is_days_off_says_nothing(shown: datetime):
    with pytest.raises(ClockError):
        clock(shown, WINTER)


def test_hour_that_is_repeated_is_told_apart_by_what_follows():
    device = DeviceClock(zone=BERLIN)
    begin = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    real = [begin + n * timedelta(minutes=15) for n in range(10)]
    shown = [stamp(at.astimezone(BERLIN)) for at in real]
    assert len(set(shown)) < len(shown)
    found = device.moments(shown, WINTER.timestamp())
    assert found == [at.timestamp() for at in real]


def test_what_is_logged_in_the_repeated_hour_now_is_not_of_the_future():
    device = DeviceClock(zone=BERLIN)
    now = datetime(2026, 10, 25, 0, 20, tzinfo=UTC)
    shown = now.astimezone(BERLIN)
    assert moment(device, shown, now) == now


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("America/St_Johns"), UTC])
def test_device_is_asked_in_its_own_time(zone: tzinfo):
    device = clock_of(seconds(SUMMER.astimezone(zone)), SUMMER.timestamp(), zone)
    date, time = device.local(SUMMER.timestamp())
    assert (date, time) == stamp(SUMMER.astimezone(zone))


@pytest.mark.parametrize(
    ("date", "time"),
    [
        (Date(None, 11, 21, 6), Time(1, 0, 0, 0)),
        (Date(2026, 13, 1, None), Time(1, 0, 0, 0)),
        (Date(2026, 2, 30, None), Time(1, 0, 0, 0)),
        (Date(2154, 1, 1, None), Time(1, 0, 0, 0)),
        (Date(2026, 1, 1, None), Time(None, 0, 0, 0)),
        (Date(2026, 1, 1, None), Time(200, 0, 0, 0)),
    ],
)
def test_what_is_no_time_is_left_out(date: Date, time: Time):
    assert seconds_of(date, time) is None
    found = DeviceClock(zone=BERLIN).moments([(date, time)], WINTER.timestamp())
    assert found == [None]


def test_hundredths_that_nobody_tells_are_none():
    assert seconds_of(Date(2026, 1, 1, None), Time(0, 0, 1, None)) == seconds(
        datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    )
