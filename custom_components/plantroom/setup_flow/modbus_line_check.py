"""Try a Modbus line before it is configured, and say what stands in the way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_PORT

from ..client import EngineClient
from ..engine.errors import (
    DeviceError,
    LineInUseError,
    LineUnreachableError,
    PlantroomError,
)
from ..engine.modbus.configuration import ModbusLineConfig, ModbusTransport
from ..engine.modbus.lines.unreachable import Obstacle
from ..engine.modbus.registers.register_map import Space
from ..engine.requests import ReadRegistersRequest
from .engine_place import EnginePlace
from .network_check import NetworkFaultError

# Opening takes a few seconds, a unit that is not there as long as the line allows
TRY_SECONDS: Final = 90.0
_ASKED_UNIT: Final = 1

_OF_PORT: Final = frozenset({Obstacle.REFUSED, Obstacle.TLS})


@asynccontextmanager
async def open_line(
    place: EnginePlace, line: ModbusLineConfig
) -> AsyncGenerator[EngineClient]:
    """Yield a client of an engine that runs this line for now; nothing is opened yet.

    Raises NetworkFaultError when the engine cannot start.
    """
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(place.trying(line))
        except PlantroomError as err:
            raise line_fault(line, err) from err
        yield client


async def try_line(place: EnginePlace, line: ModbusLineConfig) -> None:
    """Open a line and ask somebody; raises NetworkFaultError when it does not open.

    Whether a unit of that id is there does not matter: its silence is heard on an
    open line only.
    """
    request = ReadRegistersRequest(
        network_id=line.network_id,
        unit_id=_ASKED_UNIT,
        space=Space.HOLDING,
        address=0,
        count=1,
    )
    try:
        async with asyncio.timeout(TRY_SECONDS), open_line(place, line) as client:
            await client.read_registers(request)
    except DeviceError:
        return
    except PlantroomError as err:
        raise line_fault(line, err) from err
    except TimeoutError as err:
        raise line_fault(line, LineUnreachableError("", reason="timeout")) from err


def refuse_taken_endpoint(
    line: ModbusLineConfig, others: list[ModbusLineConfig]
) -> None:
    """Raise NetworkFaultError when one of our own lines has the endpoint."""
    for other in others:
        if other.network_id != line.network_id and _endpoint(other) == _endpoint(line):
            raise NetworkFaultError(
                _field(line), "line_exists", {**_facts(line), "other": other.name}
            )


def line_fault(line: ModbusLineConfig, err: PlantroomError) -> NetworkFaultError:
    """Return the form's error for what the engine says of a line."""
    facts = {**_facts(line), "message": str(err), **err.facts}
    if isinstance(err, LineInUseError):
        key = "line_in_use" if facts.get("owner") else "line_in_use_unknown"
        return NetworkFaultError(_field(line), key, facts)
    if isinstance(err, LineUnreachableError):
        return _obstacle_fault(line, facts)
    return NetworkFaultError("base", "line_failed", facts)


def _obstacle_fault(line: ModbusLineConfig, facts: dict[str, str]) -> NetworkFaultError:
    reason = facts["reason"]
    obstacle = Obstacle(reason) if reason in Obstacle else Obstacle.OTHER
    if obstacle is Obstacle.OTHER:
        return NetworkFaultError("base", "line_failed", facts)
    if obstacle is Obstacle.MISSING and line.transport is ModbusTransport.TLS:
        return NetworkFaultError("base", "line_file_missing", facts)
    of_port = obstacle in _OF_PORT and line.transport is not ModbusTransport.SERIAL
    field = CONF_PORT if of_port else _field(line)
    return NetworkFaultError(field, f"line_{obstacle}", facts)


def _field(line: ModbusLineConfig) -> str:
    return CONF_DEVICE if line.transport is ModbusTransport.SERIAL else CONF_HOST


def _facts(line: ModbusLineConfig) -> dict[str, str]:
    return {
        "line": line.name,
        "host": line.host,
        "port": str(line.port),
        "device": line.device,
        "owner": "",
        "reason": "",
    }


def _endpoint(line: ModbusLineConfig) -> tuple[str, int]:
    if line.transport is ModbusTransport.SERIAL:
        return line.device, 0
    return line.host.casefold(), line.port
