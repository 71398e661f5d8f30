"""A link that breaks or cannot be opened is told apart from the units behind it."""

import asyncio
import gc
from pathlib import Path

import pytest

from custom_components.plantroom.engine.errors import (
    LineInUseError,
    LineUnreachableError,
)
from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.lines.line import ModbusLine
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.lines.replies import DroppedError
from custom_components.plantroom.engine.modbus.lines.turns import Urgency
from tests.simulators.modbus.behaviours import HangUpError

from ..line_bench import (
    HOLDING,
    NEVER,
    RTU_OVER_TCP,
    SERIAL,
    TCP,
    both,
    line_bench,
)
from ..scripted_line import ScriptedUnit


@both
async def test_a_connection_that_breaks_while_a_unit_is_asked_is_not_waited_out(
    backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    async with line_bench(
        TCP, backend, unit, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        unit.always = HangUpError()
        with pytest.raises(DroppedError):
            await LineUnit(it.line, 1, seconds=NEVER).read(HOLDING, 0, 1)
        unit.always = ""
        assert await it.unit().read(HOLDING, 1, 1) == (1,)
        assert it.told == [None]


@both
async def test_a_connection_that_was_closed_meanwhile_is_opened_again(
    backend: str, tmp_path: Path
):
    async with line_bench(TCP, backend, ScriptedUnit(1), folder=tmp_path) as it:
        for _ in range(5):
            assert await it.unit().read(HOLDING, 1, 1) == (1,)
            await it.served.drop_connections()
            await asyncio.sleep(0.05)
        assert it.told == [None]


@both
async def test_a_link_that_only_ever_breaks_is_down(backend: str, tmp_path: Path):
    unit = ScriptedUnit(1)
    unit.always = HangUpError()
    async with line_bench(
        TCP, backend, unit, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        for _ in range(3):
            with pytest.raises(DroppedError):
                await LineUnit(it.line, 1, seconds=NEVER).read(HOLDING, 0, 1)
        with pytest.raises(LineUnreachableError) as caught:
            await LineUnit(it.line, 1, seconds=NEVER).read(HOLDING, 0, 1)
        assert caught.value.facts["reason"] == "breaks"


@both
@pytest.mark.parametrize("transport", [TCP, RTU_OVER_TCP])
async def test_a_refused_connection_takes_the_line_down_and_up_again(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    async with line_bench(transport, backend, ScriptedUnit(1), folder=tmp_path) as it:
        await it.unit().read(HOLDING, 0, 1)
        await it.served.stop()
        await asyncio.sleep(0.05)
        with pytest.raises(LineUnreachableError) as caught:
            await it.unit().read(HOLDING, 0, 1)
        assert caught.value.facts["line"] == "Line"
        # Polls do not try it again and again; people do
        with pytest.raises(LineUnreachableError):
            await it.unit().read(HOLDING, 0, 1)
        assert len(it.told) == 2
        await it.served.start()
        assert await it.unit(1, Urgency.INTERACTIVE).read(HOLDING, 2, 1) == (2,)
        assert await it.unit().read(HOLDING, 3, 1) == (3,)
        assert it.told == [None, it.told[1], None]


@both
async def test_a_serial_port_that_is_not_there_is_missing(backend: str, tmp_path: Path):
    async with line_bench(
        SERIAL,
        backend,
        ScriptedUnit(1),
        folder=tmp_path,
        device=str(tmp_path / "ttyNone"),
    ) as it:
        with pytest.raises(LineUnreachableError):
            await it.unit().read(HOLDING, 0, 1)


async def test_an_endpoint_in_use_with_other_settings_is_down_with_the_reason():
    class Taken(ModbusLink):
        def unit(self, unit_id: int):
            raise LineInUseError("Taken", line="Line", reason="19200 baud")

        async def close(self) -> None: ...

    told: list[object] = []
    config = ModbusLineConfig(network_id="l", name="Line", host="127.0.0.1")
    line = ModbusLine(config, Taken(), told.append)
    with pytest.raises(LineInUseError):
        await LineUnit(line, 1).read(HOLDING, 0, 1)
    assert isinstance(told[0], LineInUseError)


@both
async def test_who_gives_up_while_the_link_opens_leaves_no_error_behind(
    backend: str, tmp_path: Path
):
    unheard: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: unheard.append(context))
    async with line_bench(TCP, backend, ScriptedUnit(1), folder=tmp_path) as it:
        await it.served.stop()
        reading = asyncio.create_task(it.unit().read(HOLDING, 0, 1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.sleep(0.2)
    gc.collect()
    assert unheard == []
