"""The Energy dashboard of the demo, judged by Home Assistant and by an independent client."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymodbus.client import AsyncModbusTcpClient

from tests.home_assistant.api import HomeAssistantApi
from tests.simulators.client import SimulatorControl

from .energy_history import DAYS
from .metering import TIME_ZONE, wait_for_meters
from .writing import DisagreementError

# SDM630: import active energy in kWh (input registers, float32, high word first)
IMPORT_ENERGY = 72
MAIN_UNIT = 1
TOLERANCE_KWH = 0.5
PATIENCE_SECONDS = 60.0
NOT_YET = {"statistics_not_defined", "recorder_untracked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyReport:
    """What is on the dashboard, and the main meter as three parties have it, in kWh."""

    meters: int
    faults: list[str]
    hours_of_history: int
    main_meter_home_assistant: float
    main_meter_independent_client: float


async def check_energy(
    api: HomeAssistantApi, building: SimulatorControl
) -> EnergyReport:
    """Return the report; raises DisagreementError."""
    meters = await wait_for_meters(api)
    faults = await _faults(api)
    if faults:
        raise DisagreementError(f"the Energy dashboard has faults: {faults}")
    main = next(m.entity_id for m in meters if m.counts == "main import")
    shown, read = await _main_meter(api, building, main)
    if abs(shown - read) > TOLERANCE_KWH:
        raise DisagreementError(f"{main} shows {shown}, and the meter {read}")
    hours = await _hours(api, main)
    if hours < DAYS * 24:
        raise DisagreementError(f"{main} has {hours} hours of history")
    return EnergyReport(
        meters=len(meters),
        faults=faults,
        hours_of_history=hours,
        main_meter_home_assistant=shown,
        main_meter_independent_client=round(read, 2),
    )


async def _faults(api: HomeAssistantApi) -> list[str]:
    """Return what Home Assistant finds wrong, but that the recorder comes a little later."""
    found = await api.command("energy/validate")
    return sorted(
        {
            issue["type"]
            for part in found.values()
            for issues in part
            for issue in issues
        }
        - NOT_YET
    )


async def _main_meter(
    api: HomeAssistantApi, building: SimulatorControl, entity_id: str
) -> tuple[float, float]:
    """Return the meter's count as Home Assistant shows it and as pymodbus reads it."""
    line = building.modbus["lines"]["gateway"]
    client = AsyncModbusTcpClient(line["host"], port=line["port"])
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await client.connect()
            reply = await client.read_input_registers(
                IMPORT_ENERGY, count=2, device_id=MAIN_UNIT
            )
        value = client.convert_from_registers(reply.registers, client.DATATYPE.FLOAT32)
    finally:
        client.close()
    assert isinstance(value, float)
    state = await api.state(entity_id)
    return float(state["state"]), value


async def _hours(api: HomeAssistantApi, entity_id: str) -> int:
    now = datetime.now(TIME_ZONE)
    answer = await api.command(
        "recorder/statistics_during_period",
        start_time=(now - timedelta(days=DAYS + 2)).isoformat(),
        statistic_ids=[entity_id],
        period="hour",
        types=["sum"],
    )
    return len(answer.get(entity_id, []))
