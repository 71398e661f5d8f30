"""A thermostat's setpoint is moved through Home Assistant; its register is looked at."""

import asyncio
from dataclasses import dataclass

from tests.home_assistant.api import HomeAssistantApi
from tests.simulators.client import SimulatorControl

from .writing import DisagreementError

ENTITY = "number.reception_comfort_setpoint"
UNIT, ADDRESS = "thermostat 1", 102
KELVIN_A_COUNT = 0.02
WANTED = 22.5
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermostatReport:
    """The setpoint asked for, and the register afterwards, in counts."""

    entity_id: str
    setpoint: float
    register: int


async def check_thermostat(
    api: HomeAssistantApi, building: SimulatorControl
) -> ThermostatReport:
    """Return the report; raises DisagreementError."""
    await api.action("number.set_value", {"entity_id": ENTITY, "value": WANTED})
    (register,) = await building.command(
        "modbus_words", unit=UNIT, space="holding", address=ADDRESS, count=1
    )
    if register != round(WANTED / KELVIN_A_COUNT):
        raise DisagreementError(f"{UNIT} holds {register} after {WANTED} was asked for")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while float((await api.state(ENTITY))["state"]) != WANTED:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
    return ThermostatReport(entity_id=ENTITY, setpoint=WANTED, register=register)
