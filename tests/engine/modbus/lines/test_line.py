"""Whatever comes back, or does not, the line knows whose fault it is and goes on."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    LineInUseError,
    LineUnreachableError,
    MalformedReplyError,
)
from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.lines.line import ModbusLine
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.lines.replies import (
    DroppedError,
    GatewayError,
)
from custom_components.plantroom.engine.modbus.lines.turns import Urgency
from custom_components.plantroom.engine.modbus.registers.register_map import Space
from tests.simulators.modbus.behaviours import HangUpError

from ..line_bench import RTU_OVER_TCP, SERIAL, TCP, LineBench, line_bench
from ..scripted_line import BACKENDS, ScriptedUnit

HOLDING = Space.HOLDING
# Nobody waits so long in these tests: who does fails by the test's own time-out
NEVER = 60.0

both = pytest.mark.parametrize("backend", BACKENDS)
everywhere = pytest.mark.parametrize("transport", [TCP, RTU_OVER_TCP, SERIAL])
in_frames = pytest.mark.parametrize("transport", [RTU_OVER_TCP, SERIAL])


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
    async with line_bench(
        transport, backend, *units, folder=tmp_path, timeout_seconds=0.1
    ) as it:
        with pytest.raises(DeviceOfflineError):
            await it.unit(1).read(HOLDING, 0, 1)
        assert await it.unit(2).read(HOLDING, 5, 1) == (5,)
        assert it.told == [None]


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
        unit.script = [None, None, None]
        with pytest.raises(DeviceOfflineError):
            await it.unit().read(HOLDING, 7, 2)


@both
@in_frames
async def test_a_late_reply_is_never_taken_for_another(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    """Both backends take it for the reply to the next request of the unit."""
    unit = ScriptedUnit(1)
    async with line_bench(transport, backend, unit, folder=tmp_path) as it:
        hasty = LineUnit(it.line, 1, seconds=0.1)
        for _ in range(2):
            unit.script = [0.3, 0.3]
            with pytest.raises(DeviceOfflineError):
                await hasty.read(HOLDING, 10, 2)
            assert await it.unit().read(HOLDING, 20, 2) == (20, 21)


@both
@in_frames
async def test_a_reply_to_a_request_that_was_cancelled_is_never_taken_for_another(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    async with line_bench(transport, backend, unit, folder=tmp_path) as it:
        unit.script = [0.3, 0.3]
        task = asyncio.create_task(it.unit().read(HOLDING, 10, 2))
        await until_asked(unit)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await it.unit().read(HOLDING, 20, 2) == (20, 21)


@both
@in_frames
async def test_a_late_reply_does_not_hold_up_other_units(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    units = ScriptedUnit(1), ScriptedUnit(2, range(1000, 1100))
    async with line_bench(
        transport, backend, *units, folder=tmp_path, timeout_seconds=NEVER
    ) as it:
        units[0].script = [0.2]
        with pytest.raises(DeviceOfflineError):
            await LineUnit(it.line, 1, seconds=0.1).read(HOLDING, 10, 2)
        for _ in range(20):
            assert await it.unit(2).read(HOLDING, 20, 2) == (1020, 1021)
            await asyncio.sleep(0.01)


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
    async with line_bench(
        transport, backend, unit, folder=tmp_path, timeout_seconds=3.0
    ) as it:
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
async def test_units_get_the_silence_that_they_want(backend: str, tmp_path: Path):
    units = ScriptedUnit(1), ScriptedUnit(2)
    async with line_bench(
        TCP, backend, *units, folder=tmp_path, timeout_seconds=0.1
    ) as it:
        it.line.space_out(1, 0.15)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for unit_id in (1, 2, 1):
            assert await it.unit(unit_id).read(HOLDING, 3, 1) == (3,)
        assert loop.time() - began >= 2 * 0.15


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


async def until_asked(unit: ScriptedUnit) -> None:
    """Wait until a request reached a unit."""
    async with asyncio.timeout(10):
        while not unit.asked:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@both
async def test_what_is_urgent_goes_first(backend: str, tmp_path: Path):
    unit = ScriptedUnit(1)
    async with line_bench(TCP, backend, unit, folder=tmp_path) as it:
        await ask_in_disorder(it, unit)
        assert [address for _, address, _ in unit.asked] == [0, 1, 2, 3, 4]


async def ask_in_disorder(it: LineBench, unit: ScriptedUnit) -> None:
    unit.script = [0.1]
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
    await asyncio.gather(first, *tasks)


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
