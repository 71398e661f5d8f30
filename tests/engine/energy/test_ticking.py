"""Meters are followed by the minute, as long as the engine runs."""

import asyncio
from typing import Any, cast

import pytest

from custom_components.plantroom.engine.energy.local_time import LocalTime
from custom_components.plantroom.engine.energy.metering import Metering
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.problems import Problems
from custom_components.plantroom.engine.storage.meters import MeterStore
from tests.site import device_config, reading
from tests.virtual_time import in_virtual_time

from .metering_bench import DEVICE, power

SOURCE, ENERGY = f"{DEVICE}:power", f"{DEVICE}:power~energy"


class StoreInMemory:
    """A MeterStore without a thread."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.saves = 0

    async def load(self) -> dict[str, str]:
        return dict(self.states)

    async def save(self, states: dict[str, str]) -> None:
        self.saves += 1
        self.states |= states

    async def keep_only(self, _device_ids: Any) -> None:
        return


async def metered(store: StoreInMemory) -> tuple[Metering, Points]:
    """Return a started metering of one power, which is watched."""
    events = EventBus()
    points = Points(events)
    metering = Metering(
        points,
        Problems(events),
        cast(MeterStore, store),
        LocalTime(str),
        rewatch=lambda: None,
    )
    points.derive_with(metering)
    await metering.start()
    await metering.configure([device_config(1, poll_seconds=10)])
    points.define(DEVICE, [power()])
    metering.watch(frozenset({SOURCE}))
    return metering, points


@in_virtual_time
async def test_an_hour_is_counted_shown_and_kept_by_the_minute():
    store = StoreInMemory()
    metering, points = await metered(store)
    points.update([(SOURCE, reading(6.0))])
    await asyncio.sleep(3601)
    shown = points.reading(ENERGY)
    assert shown is not None
    assert shown.value == pytest.approx(6.0, abs=0.04)
    assert store.saves == 60
    await metering.stop()
    await metering.stop()
    assert store.saves == 61
    assert len(asyncio.all_tasks()) == 1
    again, points = await metered(store)
    assert points.reading(ENERGY).value == shown.value
    await again.stop()


@in_virtual_time
async def test_a_minute_that_fails_is_logged_and_the_next_one_counts(
    caplog: pytest.LogCaptureFixture,
):
    metering, points = await metered(StoreInMemory())
    points.update([(SOURCE, reading(6.0))])
    tick = metering.tick
    failures = iter([ValueError("broken")])

    async def fail_once() -> None:
        for failure in failures:
            raise failure
        await tick()

    metering.tick = fail_once  # type: ignore[method-assign]
    await asyncio.sleep(121)
    assert points.reading(ENERGY).value == pytest.approx(0.2, abs=0.04)
    await metering.stop()
    assert "The meters could not be followed" in caplog.text
