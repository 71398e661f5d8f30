"""The demo without a person: what it promises, measured and proven, as one report."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.home_assistant.api import HomeAssistantApi, RequestError
from tests.home_assistant.plantroom import Entities, SetupError
from tests.home_assistant.server import ServerError
from tests.home_assistant.state_feed import StateFeed
from tests.home_assistant.websocket import CommandError
from tests.simulators.client import SimulatorControl, SimulatorError

from .dashboard import make_dashboard
from .energy import check_energy
from .house import DemoHouse
from .latency import measure_latency
from .thermostat import check_thermostat
from .writing import DisagreementError, check_writing

VALUES_SECONDS = 60.0
RESTART_SECONDS = 30.0
LOG_SHOWN = 20

FAILURES = (
    CommandError, DisagreementError, LookupError, OSError, RequestError, ServerError,
    SetupError, SimulatorError, TimeoutError,
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Report:
    """What the check found; ok when `failures` is empty."""

    ok: bool = False
    failures: list[str] = field(default_factory=list)
    devices: int = 0
    points: int = 0
    entities: dict[str, int] = field(default_factory=dict)
    seconds_to_first_value: float | None = None
    seconds_to_all_values: float | None = None
    writes: list[dict[str, Any]] = field(default_factory=list)
    energy: dict[str, Any] = field(default_factory=dict)
    thermostat: dict[str, Any] = field(default_factory=dict)
    change_to_state_ms: dict[str, float] = field(default_factory=dict)
    restart: dict[str, float] = field(default_factory=dict)
    warnings_and_errors: int = 0
    log: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


async def check(house: DemoHouse) -> Report:
    """Run the whole demo and stop it; what fails is in the report."""
    report = Report()
    try:
        async with house:
            await _live(house, report)
    except FAILURES as err:
        report.failures.append(f"{type(err).__name__}: {err}")
    trouble = house.trouble()
    report.warnings_and_errors, report.log = len(trouble), trouble[:LOG_SHOWN]
    if trouble:
        report.failures.append(f"{len(trouble)} warnings or errors in the log")
    report.seconds = house.progress.seconds
    report.ok = not report.failures
    return report


async def _live(house: DemoHouse, report: Report) -> None:
    """Go through a day of the building: set up, write, follow, restart."""
    step = house.progress.step
    feed = StateFeed()
    await feed.start(house.api)
    await house.set_up()
    with step("every device is surveyed"):
        entities = await house.wait_for_entities()
    with step("every point has a value"):
        await feed.wait_for_values(entities.enabled_points, VALUES_SECONDS)
    await _count(house.api, entities, report)
    _note_first_values(feed, entities, house.entered_at, report)
    with step("the Energy dashboard gets a past, and Home Assistant finds no fault"):
        await house.fill_energy_dashboard()
        report.energy = asdict(await check_energy(house.api, house.building))
    with step("the dashboard is made"):
        await make_dashboard(house.api, house.folder)
    with step("a setpoint is written, and judged by an independent client"):
        writes = await check_writing(house.api, entities, house.building)
        report.writes = [asdict(judgement) for judgement in writes]
    with step("a thermostat is set over Modbus"):
        report.thermostat = asdict(await check_thermostat(house.api, house.building))
    with step("changes are followed from the device to the state"):
        latency = await measure_latency(house.building, entities, feed)
        report.change_to_state_ms = asdict(latency)
    with step("Home Assistant restarts"):
        report.restart = await _restart(house, entities)


async def _count(api: HomeAssistantApi, entities: Entities, report: Report) -> None:
    devices = {e.device_id for e in entities.with_key("connectivity")}
    known = await api.command("config/device_registry/list")
    report.devices = len(devices & {device["id"] for device in known})
    report.points = len(entities.of_points)
    report.entities = entities.by_platform()


def _note_first_values(
    feed: StateFeed, entities: Entities, entered_at: float, report: Report
) -> None:
    """Note when the first and the last point got its first value, since the entry was made."""
    points = set(entities.enabled_points)
    first: dict[str, float] = {}
    for change in feed.changes:
        if change.entity_id in points and change.has_value:
            first.setdefault(change.entity_id, change.at - entered_at)
    report.seconds_to_first_value = round(min(first.values()), 2)
    report.seconds_to_all_values = round(max(first.values()), 2)


async def _restart(house: DemoHouse, before: Entities) -> dict[str, float]:
    """Restart; every entity must be there at once and every value soon, without a survey."""
    points = before.enabled_points
    reads_of_setup = await _reads(house.building)
    began = time.monotonic()
    await house.restart_home_assistant()
    started = time.monotonic()
    feed = StateFeed()
    await feed.start(house.api)
    await house.api.wait_until_running()
    # Home Assistant shows what it remembers as restored until the integration adds it.
    missing = [
        e for e in points if feed.attributes.get(e, {"restored": 1}).get("restored")
    ]
    if missing:
        raise LookupError(f"not known after the restart: {missing[:LOG_SHOWN]}")
    await feed.wait_for_values(points, RESTART_SECONDS)
    values = time.monotonic()
    reads = await _reads(house.building) - reads_of_setup
    if reads > reads_of_setup / 2:
        raise LookupError(f"{reads} reads: the devices were surveyed again")
    return {
        "entities_known": len(points),
        "reads_before": reads_of_setup,
        "reads": reads,
        "seconds_to_start": round(started - began, 2),
        "seconds_from_start_to_all_values": round(values - started, 2),
    }


async def _reads(building: SimulatorControl) -> int:
    """Return how often devices were asked to read anything."""
    seen = await building.statistics()
    return sum(
        count
        for services in seen.values()
        for service, count in services.items()
        if service.startswith("Read")
    )
