"""Notifications as the engine takes them: subscription, store and event."""

import time
from typing import Any

from custom_components.plantroom.engine.events import NumberedEvent, ReadingsChanged
from custom_components.plantroom.engine.models import ReadingSource
from tests.bench.notified import Arrivals, listen_for, subscribed
from tests.bench.object_names import change_name
from tests.bench.workers.whole_engine import (
    Readings,
    running_engine,
    site,
    survey,
    watch_all,
)
from tests.simulators.client import SimulatorControl

POLL_SECONDS = 300.0


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what notifications cost and how long each was on its way."""
    points = settings["points"] * len(settings["devices"])
    arrivals = Arrivals()
    readings = Readings()
    names: dict[str, tuple[int, str]] = {}

    def take(event: NumberedEvent) -> None:
        if not isinstance(event.event, ReadingsChanged):
            return
        at = time.time()
        for point_id, reading in event.event.readings:
            if reading.source is ReadingSource.COV and isinstance(reading.value, float):
                arrivals.take(*names[point_id], reading.value, at)

    async with (
        SimulatorControl(settings["control_port"]) as control,
        running_engine(settings["folder"]) as engine,
    ):
        unlisten = engine.events.listen(readings.take)
        config = site(settings, POLL_SECONDS, change_of_value=True)
        await engine.call("configure", config)
        snapshot = await survey(engine, points)
        names.update((p.point_id, change_name(p.point_id)) for p in snapshot.points)
        await watch_all(engine, snapshot, readings)
        await subscribed(control, points)
        unlisten()
        engine.events.listen(take)
        return await listen_for(arrivals, control, settings)
