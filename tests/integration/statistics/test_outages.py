"""After an outage every hourly statistic is what really happened."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import async_change_statistics_unit
from homeassistant.components.recorder.tasks import ImportStatisticsTask
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from sqlalchemy.exc import OperationalError

from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HourSource,
    HoursRequest,
    HourSummary,
)
from custom_components.plantroom.statistics import importing

from ..office import AHU, METER, TEMPERATURE, entity_id_of
from .comparison import compare
from .home import Home
from .plant import DAILY, HOUR, WATCHED
from .test_backfill import log_of, logged

# Hours pass in these tests
pytestmark = pytest.mark.timeout(300)

MINUTES = timedelta(minutes=1)


async def wrong(home: Home) -> list[str]:
    return [*(await compare(home, home.first_hour)).wrong]


async def all_rows(home: Home) -> dict[str, Any]:
    return {p.point_id: await home.statistics(p.point_id) for p in WATCHED}


async def test_hours_without_an_outage_are_the_recorders_own(home: Home):
    await home.run_to(2, hour=3)
    assert await wrong(home) == []
    assert home.server.asked == 0
    assert home.lines == []


@pytest.mark.parametrize("minutes", [10, 180])
async def test_hours_without_home_assistant_are_filled_in(home: Home, minutes: int):
    await home.run_to(40, hour=2)
    await home.stop()
    await home.run(minutes * MINUTES)
    await home.start()
    await home.run_to(2, hour=2)
    assert await wrong(home) == []


async def test_outage_within_an_hour_is_told_once_and_in_one_line(home: Home):
    await home.run_to(20, hour=2)
    await home.stop()
    await home.run(25 * MINUTES)
    await home.start()
    await home.run_to(55)
    assert home.lines == []
    await home.run_to(7, hour=1)
    assert len(home.lines) == 1
    assert "2 statistics" in home.lines[0]
    assert home.lines[0].startswith("was away from 00:20 to 00:45")
    await home.stop()
    await home.start()
    await home.run_to(7, hour=1)
    assert len(home.lines) == 1


async def test_hours_without_the_connection_are_filled_in(home: Home):
    await home.run_to(50, hour=1)
    home.wire.lose()
    await home.run(95 * MINUTES)
    home.reconnect()
    await home.run_to(2, hour=2)
    assert await wrong(home) == []


async def test_hours_without_the_recorder_are_filled_in(home: Home):
    await home.run_to(50, hour=1)
    get_instance(home.hass).set_enable(False)
    await home.run(80 * MINUTES)
    get_instance(home.hass).set_enable(True)
    await home.run_to(2, hour=2)
    assert await wrong(home) == []


async def test_counter_that_began_anew_unseen_loses_nothing(home: Home):
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run(50 * MINUTES)
    await home.run(60 * MINUTES, starts_anew=True)
    await home.start()
    await home.run_to(2, hour=3)
    assert await wrong(home) == []


async def test_counter_that_began_anew_in_the_hour_of_the_return_loses_nothing(
    home: Home,
):
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run_to(10, hour=1)
    await home.run(10 * MINUTES, starts_anew=True)
    await home.start()
    await home.run_to(2, hour=3)
    assert await wrong(home) == []


async def test_filling_in_again_changes_nothing(home: Home):
    await home.run_to(40, hour=1)
    away = home.plant.at
    await home.stop()
    await home.run(60 * MINUTES, starts_anew=True)
    await home.start()
    back = home.plant.at
    await home.run_to(2, hour=2)
    before = await all_rows(home)
    for _ in range(3):
        await home.forget_repair(away, back)
        await home.run(10 * MINUTES)
    assert await all_rows(home) == before
    await home.run_to(2, hour=1)
    assert await wrong(home) == []


async def test_what_is_due_outlives_another_outage(home: Home):
    await home.run_to(30, hour=1)
    await home.stop()
    await home.run(20 * MINUTES)
    await home.start()
    await home.run(5 * MINUTES)
    await home.stop()
    await home.run(30 * MINUTES)
    await home.start()
    await home.run_to(2, hour=2)
    assert await wrong(home) == []
    assert len(home.lines) == 2


async def test_hour_of_which_the_server_saw_less_stays_as_it_is(home: Home):
    await home.run_to(2, hour=1)
    home.server.look_away()
    await home.run(20 * MINUTES)
    home.plant.show(TEMPERATURE, -5.0)
    await home.run(20 * MINUTES)
    home.server.look_again()
    await home.stop()
    await home.run(2 * MINUTES)
    await home.start()
    await home.run_to(2, hour=1)
    hour, row = max((await home.statistics(TEMPERATURE.point_id)).items())
    assert home.server.asked
    assert row.min == home.plant.truth(TEMPERATURE.point_id, hour).minimum < 0


async def test_renamed_sensor_keeps_what_is_due_to_it(home: Home):
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run(10 * MINUTES)
    await home.start()
    registry = er.async_get(home.hass)
    registry.async_update_entity(
        entity_id_of(home.hass, TEMPERATURE.point_id), new_entity_id="sensor.supply"
    )
    await home.run_to(2, hour=1)
    assert await wrong(home) == []
    assert entity_id_of(home.hass, TEMPERATURE.point_id) == "sensor.supply"


async def test_statistic_is_filled_in_in_its_own_unit(home: Home):
    await home.run_to(40, hour=1)
    await async_change_statistics_unit(
        home.hass,
        entity_id_of(home.hass, TEMPERATURE.point_id),
        new_unit_of_measurement="°F",
        old_unit_of_measurement="°C",
    )
    await home.settle()
    await home.stop()
    await home.run(80 * MINUTES)
    await home.start()
    await home.run_to(2, hour=1)
    rows = await home.statistics(TEMPERATURE.point_id)
    hour = home.plant.at.replace(minute=0, second=0) - 2 * HOUR
    truth = home.plant.truth(TEMPERATURE.point_id, hour)
    assert rows[hour].mean == pytest.approx(truth.mean * 1.8 + 32)
    assert rows[hour].min == pytest.approx(truth.minimum * 1.8 + 32)


async def test_total_of_a_person_may_fall(home: Home):
    entity_id = entity_id_of(home.hass, DAILY.point_id)
    home.customize = {entity_id: {"state_class": "total"}}
    await home.stop()
    await home.start()
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run_to(10, hour=2)
    await home.run(MINUTES, starts_anew=True)
    await home.run_to(5, hour=1)
    await home.start()
    await home.run_to(2, hour=1)
    rows = await home.statistics(DAILY.point_id)
    for hour in sorted(rows)[2:]:
        last = home.plant.truth(DAILY.point_id, hour).last
        before = home.plant.truth(DAILY.point_id, hour - HOUR).last
        grown = rows[hour].sum - rows[hour - HOUR].sum
        assert grown == pytest.approx(last - before)


async def test_sensor_whose_state_class_fits_no_more_is_left_alone(home: Home):
    await home.run_to(40, hour=1)
    entity_id = entity_id_of(home.hass, METER.point_id)
    home.customize = {entity_id: {"state_class": "measurement"}}
    await home.stop()
    await home.run(10 * MINUTES)
    await home.start()
    before = await home.statistics(METER.point_id)
    await home.run(12 * MINUTES)
    after = await home.statistics(METER.point_id)
    assert {hour: after[hour] for hour in before} == before


@pytest.mark.parametrize("minutes", [125, -30])
async def test_clock_that_is_set_loses_and_doubles_no_count(home: Home, minutes: int):
    await home.run_to(40, hour=1)
    home.plant.set_clock(minutes * MINUTES)
    await home.run(50 * MINUTES)
    await home.stop()
    await home.run(30 * MINUTES)
    await home.start()
    await home.run(150 * MINUTES)
    rows = await home.statistics(METER.point_id)
    first, last = rows[min(rows)], rows[max(rows)]
    assert last.sum - first.sum == pytest.approx(last.state - first.state)
    sums = [rows[hour].sum for hour in sorted(rows)]
    assert sums == sorted(sums)


async def test_devices_fill_in_what_the_server_did_not_see(home: Home):
    await home.run_to(40, hour=1)
    await home.server.stop()
    await home.stop()
    logs = DeviceLogs(home)
    await home.run(100 * MINUTES)
    await home.server.start()
    await home.start()
    await home.run_to(2, hour=2)
    hour = logs.whole_hour
    rows = await home.statistics(TEMPERATURE.point_id)
    assert rows[hour].mean == pytest.approx(
        home.plant.truth(TEMPERATURE.point_id, hour).mean
    )
    meter = await home.statistics(METER.point_id)
    assert meter[hour].state == home.plant.truth(METER.point_id, hour).last


class DeviceLogs:
    """What the device itself logged of temperature and meter, beside the server's."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.whole_hour = home.plant.at.replace(minute=0, second=0) + HOUR
        home.world.trend_logs = {
            AHU: (log_of(TEMPERATURE.point_id), log_of(METER.point_id))
        }
        self._server = home.server.hours
        home.server.hours = self.hours

    async def hours(self, request: HoursRequest) -> HoursAnswer:
        if HourSource.TREND_LOG not in request.sources:
            return await self._server(request)
        assert set(request.point_ids) <= {TEMPERATURE.point_id, METER.point_id}
        hour = self.whole_hour
        if not request.start <= hour < request.end:
            return HoursAnswer(hours=())
        return HoursAnswer(
            hours=tuple(self._hour(point_id, hour) for point_id in request.point_ids)
        )

    def _hour(self, point_id: str, hour: datetime) -> HourSummary:
        truth = self._home.plant.truth(point_id, hour)
        return logged(
            point_id,
            hour,
            truth.last,
            mean=truth.mean,
            minimum=truth.minimum,
            maximum=truth.maximum,
        )


async def test_statistic_that_the_recorder_refuses_holds_up_no_other(
    home: Home, caplog: pytest.LogCaptureFixture
):
    entity_id = entity_id_of(home.hass, TEMPERATURE.point_id)
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run(80 * MINUTES)
    with patch.object(
        importing, "async_import_statistics", refusing(entity_id, importing)
    ):
        await home.start()
        await home.run_to(2, hour=1)
    assert f"{entity_id} cannot be filled in: no" in caplog.text
    said = (await compare(home, home.first_hour)).wrong
    assert said
    assert all(line.startswith(TEMPERATURE.name) for line in said)


async def test_hours_that_a_full_disk_kept_out_stay_due(
    home: Home, caplog: pytest.LogCaptureFixture
):
    await home.run_to(40, hour=1)
    await home.stop()
    await home.run(60 * MINUTES)
    await home.run(20 * MINUTES, starts_anew=True)
    with patch.object(ImportStatisticsTask, "run", full_disk):
        await home.start()
        await home.run_to(7, hour=1)
        assert "database or disk is full" in caplog.text
        assert await wrong(home) != []
    assert home.lines == []
    await home.stop()
    await home.start()
    await home.run_to(12)
    assert await wrong(home) == []
    assert len(home.lines) == 1


def full_disk(*_: Any) -> None:
    """Be the recorder's import on a disk without room."""
    raise OperationalError("INSERT", {}, Exception("database or disk is full"))


def refusing(entity_id: str, module: Any) -> Any:
    """Return an import that refuses one statistic."""
    real = module.async_import_statistics

    def refuse(hass: Any, metadata: Any, rows: Any) -> None:
        if metadata["statistic_id"] == entity_id:
            raise HomeAssistantError("no")
        real(hass, metadata, rows)

    return refuse
