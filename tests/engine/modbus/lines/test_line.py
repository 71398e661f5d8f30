"""Units are asked in turn, and the line knows whose fault it is and goes on."""

import asyncio
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
)
from custom_components.plantroom.engine.modbus.configuration import ModbusTransport
from custom_components.plantroom.engine.modbus.lines import turns
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.lines.replies import GatewayError
from custom_components.plantroom.engine.modbus.lines.turns import Urgency
from custom_components.plantroom.engine.modbus.registers.register_map import Space

from ..line_bench import (
    HOLDING,
    NEVER,
    TCP,
    LineBench,
    both,
    everywhere,
    line_bench,
    until_asked,
)
from ..scripted_line import ScriptedUnit


@both
@everywhere
async def test_words_and_bits_are_read_in_every_space(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    async with line_bench(transport, backend, ScriptedUnit(1), folder=tmp_path) as it:
        assert await it.unit().read(HOLDING, 10, 3) == (10, 11, 12)
        assert await it.unit().read(Space.INPUT, 10, 3) == (10, 11, 12)
        assert await it.unit().read(Space.COIL, 10, 9) == (0, 1) * 4 + (0,)
        assert await it.unit().read(Space.DISCRETE_INPUT, 11, 2) == (1, 0)
        assert it.told == [None]


@both
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (ExcCodes.ILLEGAL_FUNCTION, "illegal-function"),
        (ExcCodes.ILLEGAL_ADDRESS, "illegal-data-address"),
        (ExcCodes.ILLEGAL_VALUE, "illegal-data-value"),
        (ExcCodes.DEVICE_FAILURE, "server-device-failure"),
    ],
)
async def test_an_exception_is_called_as_the_standard_calls_it(
    code: ExcCodes, reason: str, backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    async with line_bench(TCP, backend, unit, folder=tmp_path) as it:
        unit.script = [code]
        with pytest.raises(DeviceRefusedError) as caught:
            await it.unit().read(HOLDING, 0, 1)
        assert caught.value.reason == reason
        assert await it.unit().read(HOLDING, 0, 1) == (0,)
        assert len(unit.asked) == 2


@both
@pytest.mark.parametrize(
    "code", [ExcCodes.GATEWAY_PATH_UNAVIABLE, ExcCodes.GATEWAY_NO_RESPONSE]
)
async def test_a_gateway_that_reaches_nobody_says_so_at_once(
    code: ExcCodes, backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    unit.always = code
    async with line_bench(
        TCP, backend, unit, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        with pytest.raises(GatewayError):
            await it.unit().read(HOLDING, 0, 1)
        assert len(unit.asked) == 1


@both
@everywhere
async def test_a_silent_unit_is_no_fault_of_the_line(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    units = ScriptedUnit(1), ScriptedUnit(2)
    units[0].always = None
    async with line_bench(transport, backend, *units, folder=tmp_path) as it:
        with pytest.raises(DeviceOfflineError):
            await LineUnit(it.line, 1, seconds=0.1).read(HOLDING, 0, 1)
        assert await it.unit(2).read(HOLDING, 5, 1) == (5,)
        assert it.told == [None]


@both
@everywhere
async def test_a_cancelled_request_leaves_the_line_to_others(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    units = ScriptedUnit(1), ScriptedUnit(2)
    units[0].always = None
    async with line_bench(
        transport, backend, *units, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        holder = asyncio.create_task(it.unit(1).read(HOLDING, 0, 1))
        waiting = asyncio.create_task(it.unit(2).read(HOLDING, 0, 1))
        await until_asked(units[0])
        waiting.cancel()
        holder.cancel()
        for task in (holder, waiting):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await it.unit(2).read(HOLDING, 3, 1) == (3,)


@both
@everywhere
async def test_a_busy_unit_is_asked_again_and_was_never_away(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    async with line_bench(transport, backend, unit, folder=tmp_path) as it:
        unit.script = [ExcCodes.DEVICE_BUSY]
        assert await it.unit().read(HOLDING, 4, 1) == (4,)
        assert [address for _, address, _ in unit.asked] == [4, 4]


async def test_a_unit_that_stays_busy_says_so_in_the_end(tmp_path: Path):
    unit = ScriptedUnit(1)
    unit.always = ExcCodes.DEVICE_BUSY
    async with line_bench(TCP, "pymodbus", unit, folder=tmp_path) as it:
        with pytest.raises(DeviceRefusedError) as caught:
            await it.unit().read(HOLDING, 4, 1)
        assert caught.value.reason == "server-device-busy"


@both
async def test_units_get_the_silence_that_they_want(backend: str, tmp_path: Path):
    units = ScriptedUnit(1), ScriptedUnit(2)
    async with line_bench(
        TCP, backend, *units, folder=tmp_path, timeout_seconds=1.0
    ) as it:
        it.line.space_out(1, 1.1)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for unit_id in (1, 2, 1):
            assert await it.unit(unit_id).read(HOLDING, 3, 1) == (3,)
        assert loop.time() - began >= 2 * 1.1


@both
async def test_what_is_urgent_goes_first(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(turns, "PATIENT_EVERY_SECONDS", NEVER)
    unit = ScriptedUnit(1)
    async with line_bench(TCP, backend, unit, folder=tmp_path) as it:
        await ask_in_disorder(it, unit)
        # Who was not heard for our own business was asked again
        asked = dict.fromkeys(address for _, address, _ in unit.asked)
        assert [*asked] == [0, 1, 2, 3, 4]


async def ask_in_disorder(it: LineBench, unit: ScriptedUnit) -> None:
    unit.script = [answers := asyncio.Event()]
    first = asyncio.create_task(it.unit().read(HOLDING, 0, 1))
    await until_asked(unit)
    wanted = [
        (4, Urgency.PROBE),
        (3, Urgency.POLL),
        (2, Urgency.INTERACTIVE),
        (1, Urgency.WRITE),
    ]
    tasks = [
        asyncio.create_task(it.unit(1, urgency).read(HOLDING, address, 1))
        for address, urgency in wanted
    ]
    await asyncio.sleep(0)
    answers.set()
    await asyncio.gather(first, *tasks)
