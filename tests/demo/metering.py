"""The demo's Modbus side: its meters, its inverter and its thermostats."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.modbus import NewUnit, add_line, add_unit
from tests.home_assistant.websocket import CommandError
from tests.simulators.client import SimulatorControl

from .energy_history import SeededMeter, seed_history

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.25
METERS = 6
TIME_ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line of the simulated building, as a person adds it."""

    simulated: str
    name: str
    search_to: int
    units: tuple[NewUnit, ...]


LINES = (
    NewLine(
        simulated="gateway",
        name="Meters",
        search_to=5,
        units=(
            NewUnit(
                unit_id=1, name="Main meter", profile="eastron_sdm630", role="grid"
            ),
            NewUnit(
                unit_id=2, name="Lighting", profile="eastron_sdm630", role="consumer"
            ),
            NewUnit(
                unit_id=3, name="Ventilation", profile="eastron_sdm630", role="consumer"
            ),
            NewUnit(unit_id=4, name="Cooling", profile="abb_b23_b24", role="consumer"),
        ),
    ),
    NewLine(
        simulated="roof",
        name="Roof",
        search_to=1,
        units=(
            NewUnit(unit_id=1, name="Solar inverter", profile="sunspec", role="solar"),
        ),
    ),
    NewLine(
        simulated="rooms",
        name="Thermostats",
        search_to=2,
        units=(
            NewUnit(unit_id=1, name="Reception", profile="siemens_rdf302"),
            NewUnit(unit_id=2, name="Board room", profile="siemens_rdf302"),
        ),
    ),
)


async def add_modbus(
    api: HomeAssistantApi, entry_id: str, building: SimulatorControl
) -> None:
    """Add every line and its units."""
    for line in LINES:
        answers = _answers(building.modbus["lines"][line.simulated])
        await add_line(api, entry_id, answers | {"name": line.name}, line.search_to)
        for unit in line.units:
            await add_unit(api, entry_id, line.name, unit)


async def wait_for_meters(api: HomeAssistantApi) -> list[SeededMeter]:
    """Return the meters on the Energy dashboard once all of them have values."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            meters = await _meters(api)
            states = await api.states()
            values = [states.get(m.entity_id, {}).get("state", "") for m in meters]
            if len(meters) == METERS and all(map(_is_number, values)):
                return meters
            await asyncio.sleep(LOOK_SECONDS)


async def fill_energy_dashboard(api: HomeAssistantApi) -> None:
    """Give every meter on the Energy dashboard a past; nothing measured it."""
    meters = await wait_for_meters(api)
    await seed_history(api, meters, datetime.now(TIME_ZONE))


async def _meters(api: HomeAssistantApi) -> list[SeededMeter]:
    """Return what is on the Energy dashboard, none while there is no dashboard."""
    try:
        preferences = await api.command("energy/get_prefs")
    except CommandError:
        return []
    counts: dict[str | None, str] = {}
    for source in preferences["energy_sources"]:
        if source["type"] == "grid":
            counts[source["stat_energy_from"]] = "main import"
            counts[source["stat_energy_to"]] = "main export"
        if source["type"] == "solar":
            counts[source["stat_energy_from"]] = "solar"
    for device in preferences["device_consumption"]:
        counts[device["stat_consumption"]] = device["name"].lower()
    return [SeededMeter(entity_id=e, counts=c) for e, c in counts.items() if e]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _answers(line: dict[str, Any]) -> dict[str, Any]:
    if line["transport"] == "serial":
        serial = {"baudrate": "19200", "parity": "none", "stopbits": "1"}
        return {"transport": "serial", "device": line["device"], **serial}
    return {"transport": "tcp", "host": line["host"], "port": line["port"]}
