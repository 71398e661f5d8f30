"""A reply is taken for the one that was asked for, or for none."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)
from custom_components.plantroom.engine.modbus.configuration import ModbusTransport
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from tests.virtual_time import pass_time

from ..line_bench import (
    HOLDING,
    NEVER,
    RTU_OVER_TCP,
    TCP,
    LineBench,
    both,
    everywhere,
    in_frames,
    line_bench,
    until_asked,
)
from ..scripted_line import ScriptedUnit


@both
@everywhere
async def test_a_reply_that_was_lost_is_asked_for_again(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    async with line_bench(transport, backend, unit, folder=tmp_path) as it:
        for _ in range(2):
            await it.unit().read(HOLDING, 0, 1)
        unit.script = [None, None]
        assert await it.unit().read(HOLDING, 7, 2) == (7, 8)
        unit.always = None
        with pytest.raises(DeviceOfflineError):
            await it.unit().read(HOLDING, 7, 2)


@both
@in_frames
async def test_a_late_reply_is_never_taken_for_another(
    transport: ModbusTransport,
    backend: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """Both backends take it for the reply to the next request of the unit."""
    units = ScriptedUnit(1), ScriptedUnit(2)
    async with line_bench(
        transport, backend, *units, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        hasty = LineUnit(it.line, 1, seconds=0.1, once=True)
        for _ in range(2):
            units[0].script = [late := asyncio.Event()]
            with pytest.raises(DeviceOfflineError):
                await hasty.read(HOLDING, 10, 2)
            await assert_next_is_right(it, units[0], late, monkeypatch)


@both
@in_frames
async def test_a_reply_to_a_request_that_was_cancelled_is_never_taken_for_another(
    transport: ModbusTransport,
    backend: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    units = ScriptedUnit(1), ScriptedUnit(2)
    async with line_bench(
        transport, backend, *units, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        units[0].script = [late := asyncio.Event()]
        task = asyncio.create_task(it.unit().read(HOLDING, 10, 2))
        await until_asked(units[0])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await assert_next_is_right(it, units[0], late, monkeypatch)


async def assert_next_is_right(
    it: LineBench,
    unit: ScriptedUnit,
    late: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ask a unit for something else, and let a late reply come before its time is over."""
    unit.script.clear()
    task = asyncio.create_task(it.unit().read(HOLDING, 20, 2))
    await asyncio.sleep(0.01)
    late.set()
    # When another unit was heard, so was what came before it
    for _ in range(2):
        assert await it.unit(2).read(HOLDING, 30, 2) == (30, 31)
    assert not task.done()
    pass_time(monkeypatch, NEVER)
    assert await task == (20, 21)


@both
@in_frames
async def test_a_late_reply_does_not_hold_up_other_units(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    units = ScriptedUnit(1), ScriptedUnit(2, range(1000, 1100))
    async with line_bench(
        transport, backend, *units, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        units[0].script = [late := asyncio.Event()]
        with pytest.raises(DeviceOfflineError):
            await LineUnit(it.line, 1, seconds=0.1, once=True).read(HOLDING, 10, 2)
        for number in range(20):
            if number == 10:
                late.set()
            assert await it.unit(2).read(HOLDING, 20, 2) == (1020, 1021)
            await asyncio.sleep(0.01)


@both
@pytest.mark.parametrize("count", [2, 3])
async def test_a_reply_of_another_length_is_nonsense(
    count: int, backend: str, tmp_path: Path
):
    class Short(ScriptedUnit):
        async def answer(self, request):
            response = await super().answer(request)
            assert response is not None
            response.registers = response.registers[:-1]
            return response

    async with line_bench(
        TCP, backend, Short(1), folder=tmp_path, timeout_seconds=0.3
    ) as it:
        with pytest.raises(MalformedReplyError):
            await it.unit().read(HOLDING, 0, count)


GARBAGE = {
    "zeros": bytes(300),
    "ones": b"\xff" * 300,
    "an endless length": b"\x00\x01\x00\x00\xff\xff\x01\x03\x02\x00\x05",
    "no length": b"\x00\x01\x00\x00\x00\x00",
    "another protocol": b"\x00\x01\x00\x07\x00\x05\x01\x03\x02\x00\x05",
    "an unknown function": b"\x00\x01\x00\x00\x00\x05\x01\x7f\x02\x00\x05",
    "a web server": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "a truncated reply": b"\x00\x01\x00\x00\x00\x05\x01\x03\x09\x00\x05",
    "an empty exception": b"\x00\x01\x00\x00\x00\x02\x01\x83",
}


@pytest.fixture
async def garbage() -> AsyncIterator[tuple[list[bytes], int]]:
    """Yield what a server answers to everything, and its port."""
    says: list[bytes] = [b""]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        try:
            while await reader.read(300):
                writer.write(says[0])
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield says, server.sockets[0].getsockname()[1]
    server.close()
    server.close_clients()
    await server.wait_closed()


@both
@pytest.mark.parametrize("transport", [TCP, RTU_OVER_TCP])
@pytest.mark.parametrize("octets", GARBAGE.values(), ids=[*GARBAGE])
async def test_garbage_is_an_error_and_nothing_worse(
    octets: bytes,
    transport: ModbusTransport,
    backend: str,
    garbage: tuple[list[bytes], int],
    tmp_path: Path,
):
    says, port = garbage
    says[0] = octets
    async with line_bench(
        transport, backend, folder=tmp_path, port=port, timeout_seconds=0.1
    ) as it:
        with pytest.raises(
            (DeviceOfflineError, MalformedReplyError, DeviceRefusedError)
        ):
            await it.unit().read(HOLDING, 0, 1)


@both
@everywhere
async def test_the_answer_of_another_unit_is_not_an_answer(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    class Impostor(ScriptedUnit):
        async def answer(self, request):
            response = await super().answer(request)
            request.dev_id = 9
            return response

    async with line_bench(
        transport, backend, Impostor(1), folder=tmp_path, timeout_seconds=0.2
    ) as it:
        with pytest.raises((DeviceOfflineError, MalformedReplyError)):
            await it.unit().read(HOLDING, 0, 1)
