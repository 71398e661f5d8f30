"""A real engine reads a simulated controller's logs over real sockets into statistics."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.plantroom import host
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.statistics.backfill import backfill
from custom_components.plantroom.statistics.recorder_turn import recorder_is_through
from tests.simulators.building import Building
from tests.simulators.trend_logs import SimulatedLog
from tests.site import site_of, until

from ..entries import plantroom_entry
from ..office import entity_id_of

NO_VALUES = {STATE_UNAVAILABLE, STATE_UNKNOWN}
WEATHER, BOILER = 4001, 3001
QUARTER_SECONDS = 900


@pytest.fixture
async def building(
    socket_enabled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Building]:
    monkeypatch.setattr(f"{host.__name__}.data_folder", lambda _: tmp_path)
    async with Building(profile="all", only=(WEATHER, BOILER), speed=0) as made:
        yield made


async def open_device(hass: HomeAssistant, building: Building, instance: int) -> Any:
    (network,) = site_of(building, instance).networks
    found = FoundDevice(
        network_id=network.network_id,
        instance=instance,
        address="",
        name="Device",
        vendor="",
        model="",
    )
    entry = plantroom_entry(hass, networks=[network], devices=[found])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry.runtime_data


async def make_first_statistics(hass: HomeAssistant) -> None:
    """Let the recorder make the five minutes that are going on."""
    now = datetime.now(UTC)
    start = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    recorder = get_instance(hass)
    await recorder_is_through(hass)
    recorder.queue_task(StatisticsTask(start, fire_events=False))
    await recorder_is_through(hass)


def is_number(hass: HomeAssistant, point_id: str) -> bool:
    """Return whether a point's entity shows what the recorder makes statistics of."""
    states = hass.states.async_all(SENSOR_DOMAIN)
    known = {state.entity_id for state in states if state.state not in NO_VALUES}
    entities = er.async_get(hass).entities.values()
    return any(e.unique_id == point_id and e.entity_id in known for e in entities)


async def past_of(
    hass: HomeAssistant, building: Building, instance: int, types: set[str]
) -> tuple[SimulatedLog, list[Any]]:
    """Return a device's first log, and the hours of its point after its past came."""
    runtime = await open_device(hass, building, instance)
    log = building.device(instance).app.logs["trend-log,1"]
    device_id = f"{next(iter(runtime.adapter.networks))}:{instance}"
    point_id = f"{device_id}:{log.row.points[0]}"
    await until(lambda: is_number(hass, point_id), 30)
    await hass.async_block_till_done()
    await make_first_statistics(hass)
    done = await backfill(hass, runtime.adapter, runtime.client, device_id)
    assert done.unread == ""
    assert done.begins is not None
    assert datetime.now(UTC) - done.begins > timedelta(days=13)
    entity_id = entity_id_of(hass, point_id)
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        done.begins,
        None,
        {entity_id},
        "hour",
        None,
        types,
    )
    return log, rows[entity_id]


async def test_two_weeks_of_a_measurement_become_means(
    recorder_mock: Recorder, hass: HomeAssistant, building: Building
):
    log, rows = await past_of(hass, building, WEATHER, {"mean"})
    assert len(rows) > 13 * 24
    # The first and the last hour may be covered in part, others have their pauses
    for row in rows[24:48]:
        values = [log.truth(row["start"] + n * QUARTER_SECONDS) for n in range(4)]
        assert row["mean"] == pytest.approx(sum(values) / 4, abs=1e-3)


async def test_two_weeks_of_a_meter_become_sums_that_lead_to_the_present(
    recorder_mock: Recorder, hass: HomeAssistant, building: Building
):
    _, rows = await past_of(hass, building, BOILER, {"state", "sum"})
    assert len(rows) > 13 * 24
    for before, after in pairwise(rows):
        grown = after["state"] - before["state"]
        assert after["sum"] - before["sum"] == pytest.approx(grown)
        assert grown >= 0
    # The recorder begins at zero
    assert rows[-1]["sum"] <= 0
    assert rows[0]["sum"] < rows[-1]["sum"]
