"""The demo without a person: what it promises, measured and proven, as one report."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.home_assistant.api import HomeAssistantApi, RequestError
from tests.home_assistant.plantroom import Entities, SetupError
from tests.home_assistant.server import ServerError
from tests.home_assistant.state_feed import StateFeed
from tests.home_assistant.websocket import CommandError
from tests.simulators.client import SimulatorError

from .alarms import check_alarms
from .continuity import check_away, check_kill
from .dashboard import make_dashboard
from .energy import check_energy
from .engine_server import EngineServerError
from .gateway_side import check_gateway
from .house import DemoHouse
from .latency import measure_latency
from .restart import check_restart
from .secure_side import check_secure
from .thermostat import check_thermostat
from .writing import DisagreementError, check_writing

VALUES_SECONDS = 60.0
LOG_SHOWN = 20
# How long a state takes to write, which a busy machine decides
SLOW = re.compile(r"Updating state for \S+ .* took")
# What has to be in the log, once each, when a server was killed
KILLED = (re.compile(r"Server \S+ is gone"), re.compile(r"Server \S+ is back"))

FAILURES = (
    CommandError, DisagreementError, EngineServerError, LookupError, OSError, RequestError,
    ServerError, SetupError, SimulatorError, TimeoutError,
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
    alarms: dict[str, Any] = field(default_factory=dict)
    change_to_state_ms: dict[str, float] = field(default_factory=dict)
    restart: dict[str, Any] = field(default_factory=dict)
    server_killed: dict[str, float] = field(default_factory=dict)
    secure_connect: dict[str, Any] = field(default_factory=dict)
    gateway: dict[str, Any] = field(default_factory=dict)
    slow_states: int = 0
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
    written = house.trouble()
    trouble = [record for record in written if not SLOW.search(record)]
    report.slow_states = len(written) - len(trouble)
    if report.server_killed:
        trouble = without_kill(trouble, report)
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
    with step("alarm rules are added"):
        await house.add_alarm_rules(entities)
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
    with step("an alarm goes to the to-do list, and its acknowledgement to the device"):
        alarms = await check_alarms(house.api, entities, house.building, feed)
        report.alarms = asdict(alarms)
    if house.engine is None:
        with step("Home Assistant restarts"):
            _, report.restart = await check_restart(house, entities)
    else:
        await _secure(house, entities, report)
        await _gateway(house, report)
        await _server(house, entities, report)


async def _secure(house: DemoHouse, entities: Entities, report: Report) -> None:
    """Write to a controller on BACnet/SC, through our hub."""
    if house.secure is None:
        return
    with house.progress.step("a controller on BACnet/SC is written, and judged there"):
        report.secure_connect = await check_secure(house.api, entities, house.secure)


async def _gateway(house: DemoHouse, report: Report) -> None:
    """Follow an event to a state and to BACnet, and a write to the log."""
    if house.gateway is None or house.engine is None:
        return
    with house.progress.step("an event becomes a state, and a write an event"):
        report.gateway = await check_gateway(
            house.api, house.gateway, house.engine, house.building.port
        )


async def _server(house: DemoHouse, entities: Entities, report: Report) -> None:
    """Be without Home Assistant for a while, then without the server."""
    step = house.progress.step
    with step("Home Assistant restarts, and the server goes on"):
        report.restart = await check_away(house, entities)
    feed = StateFeed()
    await feed.start(house.api)
    with step("the server is killed, and comes back"):
        report.server_killed = await check_kill(house, entities, feed)
    with step("the server that came back writes"):
        writes = await check_writing(house.api, entities, house.building)
        report.writes += [asdict(judgement) for judgement in writes]


def without_kill(trouble: list[str], report: Report) -> list[str]:
    """Return the log without what a killed server has to leave in it, once each."""
    left = [*trouble]
    for expected in KILLED:
        found = [record for record in left if expected.search(record)]
        if len(found) != 1:
            report.failures.append(f"{len(found)} times in the log: {expected.pattern}")
        left = [record for record in left if record not in found]
    return left


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
