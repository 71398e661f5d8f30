"""Statistics begin where a device's logs do, and the present stays as it is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry

from custom_components.plantroom.const import CONF_BACKFILL
from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HourSource,
    HoursRequest,
    HourSummary,
    TrendLogSummary,
)
from custom_components.plantroom.statistics.backfill import Backfilled, backfill

from ..office import AHU, METER, TEMPERATURE
from .home import Home
from .plant import HOUR

KEPT_HOURS = 48


def log_of(point_id: str, records: int = 100) -> TrendLogSummary:
    return TrendLogSummary(
        device_id=AHU,
        reference="trend-log,1",
        name="Log",
        point_id=point_id,
        records=records,
        interval_seconds=900.0,
        enabled=True,
    )


def logged(point_id: str, start: datetime, last: float, **facts: Any) -> HourSummary:
    hour = HourSummary(
        point_id=point_id,
        start=start,
        mean=last - 0.5,
        minimum=last - 1,
        maximum=last,
        first=last - 1,
        last=last,
        covered_seconds=3600.0,
        complete=True,
        source=HourSource.TREND_LOG,
    )
    return replace(hour, **facts)


class Logs:
    """A device's logs of temperature and meter, answered in pages of ten hours."""

    def __init__(self, home: Home) -> None:
        # The last of them reaches into what the recorder has seen
        self.begin = home.first_hour - KEPT_HOURS * HOUR
        self.hours = [
            logged(point.point_id, self.begin + n * HOUR, last=900.0 + n)
            for n in range(KEPT_HOURS + 1)
            for point in (TEMPERATURE, METER)
        ]
        self.asked: list[HoursRequest] = []
        home.world.hours = self.answer
        home.world.trend_logs = {
            AHU: (log_of(TEMPERATURE.point_id), log_of(METER.point_id))
        }

    async def answer(self, request: HoursRequest) -> HoursAnswer:
        if HourSource.TREND_LOG not in request.sources:
            return HoursAnswer(hours=())
        self.asked.append(request)
        found = [h for h in self.hours if self._fits(h, request)]
        page, rest = found[:20], found[20:]
        return HoursAnswer(hours=tuple(page), more_from=rest[0].start if rest else None)

    @staticmethod
    def _fits(hour: HourSummary, request: HoursRequest) -> bool:
        return (
            hour.point_id in request.point_ids
            and request.start <= hour.start < request.end
        )


def entry_of(home: Home) -> ConfigEntry:
    entry = home.hass.config_entries.async_get_entry(home.kept["entry_id"])
    assert entry is not None
    return entry


async def fill(home: Home) -> Backfilled:
    runtime = entry_of(home).runtime_data
    return await backfill(home.hass, runtime.adapter, runtime.client, AHU)


def steps(rows: Iterable[Any]) -> list[float]:
    """Return by how much a sum grows from row to row."""
    sums = [row.sum for row in rows]
    return [b - a for a, b in pairwise(sums)]


async def test_past_comes_before_what_the_recorder_has(home: Home):
    logs = Logs(home)
    await home.run_to(2, hour=2)
    before = await home.statistics(METER.point_id)
    done = await fill(home)
    assert done.statistics == 2
    assert done.begins == logs.begin
    assert done.waiting == ()
    rows = await home.statistics(TEMPERATURE.point_id)
    assert rows[logs.begin].mean == 899.5
    assert (rows[logs.begin].min, rows[logs.begin].max) == (899.0, 900.0)
    after = await home.statistics(METER.point_id)
    assert {start: after[start] for start in before} == before
    earlier = [after[start] for start in sorted(after) if start not in before]
    assert steps(earlier) == pytest.approx([1.0] * (len(earlier) - 1))
    last, first = earlier[-1], before[min(before)]
    assert first.sum - last.sum == pytest.approx(first.state - last.state)


async def test_doing_it_again_changes_nothing(home: Home):
    Logs(home)
    await home.run_to(2, hour=2)
    await fill(home)
    before = await home.statistics(METER.point_id)
    assert (await fill(home)).statistics == 0
    assert await home.statistics(METER.point_id) == before


async def test_sum_goes_on_right_after_its_past_came(home: Home):
    Logs(home)
    await home.run_to(2, hour=2)
    await fill(home)
    await home.run_to(2, hour=2)
    rows = await home.statistics(METER.point_id)
    hour = max(rows)
    truth = home.plant.truth(METER.point_id, hour)
    assert rows[hour].sum - rows[hour - HOUR].sum == pytest.approx(truth.grown)


async def test_counter_that_began_anew_in_the_past_counts_both_lives(home: Home):
    logs = Logs(home)
    middle = logs.begin + 20 * HOUR
    logs.hours = [
        replace(h, last=h.last - 915.0, maximum=919.5)
        if h.point_id == METER.point_id and h.start == middle
        else replace(h, last=h.last - 915.0, maximum=h.last - 915.0)
        if h.start > middle
        else h
        for h in logs.hours
    ]
    await home.run_to(2, hour=1)
    await fill(home)
    rows = await home.statistics(METER.point_id)
    # 919.0 to 919.5, then from zero to 5.0
    assert rows[middle].sum - rows[middle - HOUR].sum == pytest.approx(5.5)


async def test_nothing_comes_before_a_statistic_that_has_not_begun(home: Home):
    Logs(home)
    done = await fill(home)
    assert done.statistics == 0
    assert done.waiting == (METER.point_id, TEMPERATURE.point_id)


async def test_wish_of_the_flow_is_granted_once(home: Home):
    logs = Logs(home)
    entry = entry_of(home)
    subentry = next(
        s for s in entry.subentries.values() if s.unique_id == f"device:{AHU}"
    )
    home.hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, CONF_BACKFILL: True}
    )
    await home.run(timedelta(minutes=12))
    rows = await home.statistics(TEMPERATURE.point_id)
    assert min(rows) == logs.begin
    assert CONF_BACKFILL not in entry.subentries[subentry.subentry_id].data
    assert [line.split(" statistics")[0] for line in home.lines] == ["filled in 2"]
    asked = len(logs.asked)
    await home.run(timedelta(minutes=12))
    assert len(logs.asked) == asked


async def test_device_that_does_not_answer_keeps_its_wish(home: Home):
    Logs(home)
    entry = entry_of(home)
    subentry = next(
        s for s in entry.subentries.values() if s.unique_id == f"device:{AHU}"
    )
    home.hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, CONF_BACKFILL: True}
    )
    home.world.failures["hours"] = DeviceOfflineError("No answer")
    await home.run(timedelta(minutes=12))
    assert entry.subentries[subentry.subentry_id].data[CONF_BACKFILL]
    del home.world.failures["hours"]
    await home.run(timedelta(minutes=6))
    assert CONF_BACKFILL not in entry.subentries[subentry.subentry_id].data
