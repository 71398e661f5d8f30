"""What simulated controllers logged comes out as their formulas say, whatever ails them."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bacpypes3.errors import UnrecognizedService

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.events import Progress
from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HourSource,
    HoursRequest,
    HourSummary,
    TrendLogSummary,
)
from custom_components.plantroom.engine.requests import SetMeterRequest
from tests.engine.running import Running
from tests.simulators.building import Building
from tests.simulators.points import LogRow
from tests.simulators.trend_logs import SimulatedLog, is_interrupted
from tests.site import SiteHost, site_of, until

WEATHER, AHU, BOILER, ROUTED = 4001, 1001, 3001, 5001
SMALL_APDU, NO_MULTIPLE = 6006, 6005
HOUR = timedelta(hours=1)
DAYS = timedelta(days=14)
TEMPERATURE = LogRow(instance=9, name="Log", points=("analog-input,1",))
MULTIPLE = LogRow(
    instance=9,
    name="Logs",
    points=tuple(f"analog-input,{n}" for n in range(1, 9)),
    multiple=True,
)


class Site:
    """An engine that serves devices of a building."""

    def __init__(self, building: Building, running: Running) -> None:
        self.building = building
        self._running = running

    async def serve(self, *instances: int) -> None:
        """Serve these, and wait until they are known."""
        engine = self._running.engine
        await self._running.configure(site_of(self.building, *instances))
        await until(
            lambda: all(engine._points.of_device(f"n:{each}") for each in instances)
        )

    async def logs(self, instance: int) -> tuple[TrendLogSummary, ...]:
        """Return a device's logs."""
        found: tuple[TrendLogSummary, ...] = await self._running.engine.call(
            "trend_logs", f"n:{instance}"
        )
        return found

    async def ask(
        self, *point_ids: str, begin: timedelta = DAYS + HOUR, **facts: Any
    ) -> HoursAnswer:
        """Return what logs say of points since a while ago."""
        now = datetime.now(UTC)
        request = HoursRequest(
            point_ids=point_ids,
            **{"start": now - begin, "end": now} | facts,
            sources=(HourSource.TREND_LOG,),
            task_id="logs",
        )
        answer: HoursAnswer = await self._running.engine.call("hours", request)
        return answer

    async def whole_hours(self, point_id: str, **facts: Any) -> list[HourSummary]:
        """Return the hours of a point that are covered whole."""
        answer = await self.ask(point_id, **facts)
        assert answer.unread == ()
        return [each for each in answer.hours if each.covered_seconds == 3600.0]

    async def watch(self, point_id: str) -> None:
        """Keep a point fresh, and wait until it is read."""
        await self._running.watch(point_id)
        await until(lambda: self._running.reading(point_id))

    def shown(self, point_id: str) -> float:
        """Return what people see of a point."""
        reading = self._running.reading(point_id)
        assert reading is not None
        assert isinstance(reading.value, float)
        return reading.value

    async def set_meter(self, point_id: str, total: float) -> None:
        """Say what a counter shows from now on."""
        request = SetMeterRequest(point_id=point_id, total=total)
        await self._running.engine.call("set_meter", request)

    def log(self, instance: int, name: str = "trend-log,1") -> SimulatedLog:
        """Return the log itself."""
        found: SimulatedLog = self.building.device(instance).app.logs[name]
        return found

    def progress(self) -> list[float]:
        """Return how far the logs were read, as it was told."""
        return [
            event.fraction
            for event in self._running.heard
            if isinstance(event, Progress) and event.task_id == "logs"
        ]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    only = (WEATHER, AHU, BOILER, 5000, SMALL_APDU, NO_MULTIPLE)
    async with Building(profile="all", only=only, speed=0) as building:
        for device in building.devices:
            device.app.local_time = _in_berlin
        engine = Engine(SiteHost())
        await engine.start()
        try:
            yield Site(building, Running(engine))
        finally:
            await engine.stop()


def quarters(hour: HourSummary) -> Iterator[float]:
    """Yield when a log of every quarter has its records of an hour."""
    for number in range(4):
        yield hour.start.timestamp() + number * 900


def assert_is_truth(
    hour: HourSummary, log: SimulatedLog, column: int = 0, scale: float = 1.0
) -> None:
    whole = isinstance(log.row.base, int)
    values = [log.truth(at, column) for at in quarters(hour)]
    shown = [(int(value) if whole else value) * scale for value in values]
    assert (hour.first, hour.last) == pytest.approx((shown[0], shown[-1]), abs=1e-4)
    assert hour.mean == pytest.approx(sum(shown) / 4, abs=1e-4)
    assert hour.minimum == pytest.approx(min(shown), abs=1e-4)
    assert hour.maximum == pytest.approx(max(shown), abs=1e-4)
    assert (hour.complete, hour.source) == (True, HourSource.TREND_LOG)


async def test_two_weeks_of_a_log_are_what_was(site: Site):
    await site.serve(WEATHER)
    hours = await site.whole_hours(f"n:{WEATHER}:analog-input,1")
    assert len(hours) in {334, 335}
    assert [b.start - a.start for a, b in pairwise(hours)] == [HOUR] * (len(hours) - 1)
    for hour in hours:
        assert_is_truth(hour, site.log(WEATHER))
    assert site.progress() == [1.0, 1.0]


async def test_counter_grows_by_what_it_counted(site: Site):
    await site.serve(BOILER)
    hours = await site.whole_hours(f"n:{BOILER}:accumulator,1")
    log = site.log(BOILER)
    for hour in hours:
        assert_is_truth(hour, log, scale=0.1)
    growth = {round(b.last - a.last, 6) for a, b in pairwise(hours)}
    assert growth == {30.0}


async def test_counter_that_was_set_is_told_as_people_see_it(site: Site):
    meter = f"n:{BOILER}:accumulator,1"
    await site.serve(BOILER)
    await site.watch(meter)
    before = await site.whole_hours(meter)
    shown = site.shown(meter)
    await site.set_meter(meter, shown + 1000.0)
    after = await site.whole_hours(meter)
    # An hour may begin meanwhile
    known = {each.start: each.last for each in before}
    told = {each.start: each.last for each in after if each.start in known}
    assert len(told) >= len(known) - 1
    assert told == pytest.approx({each: known[each] + 1000.0 for each in told})


async def test_columns_of_a_trend_log_multiple_are_points(site: Site):
    await site.serve(AHU)
    log = site.log(AHU, "trend-log-multiple,1")
    for column, point in enumerate(log.row.points):
        hours = await site.whole_hours(f"n:{AHU}:{point}")
        assert len(hours) >= 334
        for hour in hours:
            assert_is_truth(hour, log, column)


async def test_night_without_power_is_a_gap(site: Site):
    await site.serve(AHU)
    log = site.log(AHU)
    hours = await site.whole_hours(f"n:{AHU}:analog-input,1")
    known = {each.start for each in hours}
    begin = min(known)
    expected = {
        begin + n * HOUR
        for n in range(len(known) + 6)
        if begin + n * HOUR <= max(known)
        and not is_interrupted(log.row, (begin + n * HOUR).timestamp())
    }
    assert known == expected
    assert any(
        is_interrupted(log.row, (begin + n * HOUR).timestamp()) for n in range(330)
    )


async def test_full_ring_knows_what_it_still_holds(site: Site):
    await site.serve(WEATHER)
    log = site.log(WEATHER, "trend-log,3")
    assert log.total > len(log.records) == 200
    hours = await site.whole_hours(f"n:{WEATHER}:analog-input,3")
    assert len(hours) in {48, 49, 50}
    for hour in hours:
        assert_is_truth(hour, log)


async def test_log_of_changes_counts_from_change_to_change(site: Site):
    await site.serve(WEATHER)
    log = site.log(WEATHER, "trend-log,2")
    hours = await site.whole_hours(f"n:{WEATHER}:analog-input,2")
    assert len(hours) >= 330
    records = [(each.at, each.values[0]) for each in log.records]
    for hour in hours:
        begin = hour.start.timestamp()
        shown = [value for at, value in records if at <= begin][-1:]
        shown += [value for at, value in records if begin < at < begin + 3600]
        assert (hour.first, hour.last) == (shown[0], shown[-1])
        assert (hour.minimum, hour.maximum) == (min(shown), max(shown))


async def test_hour_asked_for_alone_is_the_same(site: Site):
    await site.serve(WEATHER)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 50 * HOUR
    for point, name in (("analog-input,1", "trend-log,1"), ("analog-input,2", "")):
        answer = await site.ask(f"n:{WEATHER}:{point}", start=start, end=start + HOUR)
        (hour,) = answer.hours
        assert (hour.start, hour.covered_seconds) == (start, 3600.0)
        if name:
            assert_is_truth(hour, site.log(WEATHER, name))


async def test_logs_are_described(site: Site):
    await site.serve(WEATHER)
    logs = {each.reference: each for each in await site.logs(WEATHER)}
    assert [*logs] == ["trend-log,1", "trend-log,2", "trend-log,3"]
    first = logs["trend-log,1"]
    assert (first.name, first.point_id) == (
        "WX.OutdoorTempLog",
        f"n:{WEATHER}:analog-input,1",
    )
    # A quarter of an hour may begin meanwhile
    assert first.records in {1344, 1345}
    assert (first.interval_seconds, first.enabled) == (900.0, True)
    assert logs["trend-log,2"].interval_seconds == 0.0


@pytest.mark.parametrize("row", [TEMPERATURE, MULTIPLE], ids=["one", "several"])
@pytest.mark.parametrize("instance", [SMALL_APDU, NO_MULTIPLE])
async def test_difficult_device_is_read_all_the_same(
    site: Site, instance: int, row: LogRow
):
    log = site.building.device(instance).add_log(row)
    await site.serve(instance)
    begin = timedelta(hours=20)
    last = len(row.points) - 1
    hours = await site.whole_hours(f"n:{instance}:{row.points[-1]}", begin=begin)
    assert len(hours) in {18, 19}
    for hour in hours:
        assert_is_truth(hour, log, last)


async def test_device_behind_a_router_is_read(site: Site):
    log = site.building.device(ROUTED).add_log(TEMPERATURE)
    await site.serve(ROUTED)
    hours = await site.whole_hours(
        f"n:{ROUTED}:analog-input,1", begin=timedelta(days=2)
    )
    assert len(hours) in {46, 47}
    for hour in hours:
        assert_is_truth(hour, log)


def _in_berlin(at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo("Europe/Berlin")).replace(tzinfo=None)


def _ahead(seconds: float) -> Callable[[float], datetime]:
    return lambda at: _in_berlin(at + seconds)


@pytest.mark.parametrize(
    "local_time",
    [
        _in_berlin,
        _ahead(600),
        _ahead(-3600),
        lambda at: datetime.fromtimestamp(at, UTC).replace(tzinfo=None),
        lambda at: datetime.fromtimestamp(at, ZoneInfo("Asia/Kolkata")).replace(
            tzinfo=None
        ),
    ],
    ids=["the building's", "ten minutes fast", "an hour slow", "UTC", "another zone"],
)
async def test_records_are_dated_by_the_clock_they_were_made_with(
    site: Site, local_time: Callable[[float], datetime]
):
    site.building.device(WEATHER).app.local_time = local_time
    await site.serve(WEATHER)
    hours = await site.whole_hours(
        f"n:{WEATHER}:analog-input,1", begin=timedelta(hours=10)
    )
    assert len(hours) in {8, 9}
    for hour in hours:
        # Within what the clock's reading takes
        values = [site.log(WEATHER).truth(at) for at in quarters(hour)]
        assert hour.mean == pytest.approx(sum(values) / 4, abs=0.01)


async def test_clock_that_was_never_set_is_told_and_nothing_guessed(site: Site):
    year = 366 * 86_400
    site.building.device(WEATHER).app.local_time = _ahead(-20 * year)
    await site.serve(WEATHER)
    answer = await site.ask(f"n:{WEATHER}:analog-input,1")
    assert (answer.hours, answer.unread) == ((), ((f"n:{WEATHER}", "clock-wrong"),))


async def test_service_that_a_device_does_not_claim_is_not_asked_for(site: Site):
    device = site.building.device(SMALL_APDU)
    device.add_log(TEMPERATURE)
    device.app.logs.clear()
    await site.serve(SMALL_APDU)
    answer = await site.ask(f"n:{SMALL_APDU}:analog-input,1")
    assert answer.unread == ((f"n:{SMALL_APDU}", "reject-unrecognized-service"),)
    assert device.requests_seen().get("ReadRange", 0) == 0


async def test_service_that_a_device_rejects_is_asked_for_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    async def reject(_apdu: Any) -> None:
        raise UnrecognizedService("ReadRange")

    device = site.building.device(WEATHER)
    monkeypatch.setattr(device.app, "do_ReadRangeRequest", reject)
    await site.serve(WEATHER)
    for _ in range(2):
        answer = await site.ask(f"n:{WEATHER}:analog-input,1")
        assert answer.unread == ((f"n:{WEATHER}", "reject-unrecognized-service"),)
    assert device.requests_seen()["ReadRange"] == 1


async def test_log_that_fails_leaves_the_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    device = site.building.device(WEATHER)
    answer_range = device.app.do_ReadRangeRequest

    async def fail_one(apdu: Any) -> None:
        if int(apdu.objectIdentifier[1]) == 1:
            raise RuntimeError("the log is broken")
        await answer_range(apdu)

    monkeypatch.setattr(device.app, "do_ReadRangeRequest", fail_one)
    await site.serve(WEATHER)
    points = [f"n:{WEATHER}:analog-input,{n}" for n in (1, 3)]
    answer = await site.ask(*points)
    assert answer.unread == ((f"n:{WEATHER}", "operational-problem"),)
    assert {each.point_id for each in answer.hours} == {points[1]}


async def test_point_without_a_log_has_no_hours(site: Site):
    await site.serve(WEATHER)
    answer = await site.ask(f"n:{WEATHER}:analog-input,6", f"n:{WEATHER}:gone,1")
    assert (answer.hours, answer.unread) == ((), ())


async def test_device_that_loses_requests_is_read_in_the_end(site: Site):
    await site.serve(WEATHER)
    site.building.device(WEATHER).link.loss = 0.1
    hours = await site.whole_hours(
        f"n:{WEATHER}:analog-input,1", begin=timedelta(hours=4)
    )
    assert len(hours) in {2, 3}
    for hour in hours:
        assert_is_truth(hour, site.log(WEATHER))
