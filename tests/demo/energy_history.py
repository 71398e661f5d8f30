"""Two weeks of energy before the demo began, so that the Energy dashboard is not empty.

The hours are computed by the same models that the simulated meters have, and imported as
statistics; nothing measured them, and the dashboard says so.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.home_assistant.api import HomeAssistantApi
from tests.simulators.modbus.installation import Installation
from tests.simulators.physics import Surroundings

DAYS = 14
HOUR = timedelta(hours=1)
MEAN_NONE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededMeter:
    """An entity, and the name of what its meter counts in the models."""

    entity_id: str
    counts: str


def hours_before(end: datetime, days: int = DAYS) -> list[dict[str, float]]:
    """Return the kWh of every hour until end, by what is counted; end: local time.

    The first of them is the first hour of a day.
    """
    first = (end - timedelta(days=days)).replace(hour=0)
    building = Installation(seed=days)
    building.seconds = 0.0
    hours = []
    before = _counted(building)
    for _ in range(int((end - first) / HOUR)):
        building.step(Surroundings(), HOUR.total_seconds())
        now = _counted(building)
        hours.append({name: now[name] - before[name] for name in now})
        before = now
    return hours


async def seed_history(
    api: HomeAssistantApi, meters: list[SeededMeter], now: datetime
) -> None:
    """Import the hours before now, local time, of every meter."""
    end = now.replace(minute=0, second=0, microsecond=0)
    hours = await asyncio.to_thread(hours_before, end)
    for meter in meters:
        state = await api.state(meter.entity_id)
        unit = state["attributes"]["unit_of_measurement"]
        factor = {"Wh": 1000.0, "kWh": 1.0, "MWh": 0.001}[unit]
        increments = [factor * hour[meter.counts] for hour in hours]
        await api.command(
            "recorder/import_statistics",
            metadata={
                "has_sum": True,
                "mean_type": MEAN_NONE,
                "name": None,
                "source": "recorder",
                "statistic_id": meter.entity_id,
                "unit_class": "energy",
                "unit_of_measurement": unit,
            },
            stats=[*_rows(increments, float(state["state"]), end)],
        )


def _rows(
    increments: list[float], reading: float, end: datetime
) -> Iterator[dict[str, Any]]:
    """Yield rows that end at the reading with the sum 0, from which Home Assistant goes on."""
    total = sum(increments)
    counted = -total
    for number, increment in enumerate(increments):
        counted += increment
        start = end - (len(increments) - number) * HOUR
        yield {
            "start": start.astimezone(UTC).isoformat(),
            "state": round(reading + counted, 3),
            "sum": round(counted, 3),
        }


def _counted(building: Installation) -> dict[str, float]:
    electricity = ("main", "lighting", "ventilation", "cooling")
    meters = {name: building.model(name).values() for name in electricity}
    return {
        "main import": float(meters["main"]["import_energy"]),
        "main export": float(meters["main"]["export_energy"]),
        **{name: float(meters[name]["import_energy"]) for name in electricity[1:]},
        "solar": float(building.model("solar").values()["energy"]) / 1000,
        "heat": building.heat.truth.imported_kwh,
    }
