"""What is written is what the register can hold, by the function the device knows."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from custom_components.plantroom.engine.errors import WriteRefusedError
from custom_components.plantroom.engine.modbus.configuration import ModbusTransport
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    Space,
    ValueType,
    WriteFunction,
)
from custom_components.plantroom.engine.models import ReadingSource, Verdict
from custom_components.plantroom.engine.requests import AuditQuery
from tests.site import until

from .field_bench import Field, device_of, field
from .line_bench import RTU_OVER_TCP, SERIAL, TCP
from .register_points import register
from .scripted_line import BACKENDS, ScriptedUnit

HOLDING, COIL = Space.HOLDING, Space.COIL
SINGLE_COIL, SINGLE, COILS, MULTIPLE, MASK = 5, 6, 15, 16, 22

everywhere = pytest.mark.parametrize("transport", [TCP, RTU_OVER_TCP, SERIAL])
both = pytest.mark.parametrize("backend", BACKENDS)


class Knowing(ScriptedUnit):
    """A device that knows some functions only, beside the reads."""

    def __init__(self, *functions: int, mute: bool = False, **facts: Any) -> None:
        super().__init__(1, **facts)
        self.functions = functions
        self.mute = mute

    async def answer(self, request: ModbusPDU) -> ModbusPDU | None:
        if request.function_code > 4 and request.function_code not in self.functions:
            self.asked.append((request.function_code, request.address, 0))
            if self.mute:
                return None
            return ExceptionResponse(request.function_code, ExcCodes.ILLEGAL_FUNCTION)
        return await super().answer(request)

    @property
    def tried(self) -> list[int]:
        """Return the functions of the writes that reached it."""
        return [function for function, _, _ in self.asked if function > 4]


def setpoint(**facts: Any):
    wanted = {"scale": 0.1, "writable": True, "minimum": 5, "maximum": 30}
    return register("sp", 10, **wanted | facts)


async def ready(site: Field, *points: Any, **facts: Any) -> None:
    """Serve the device and wait for its first readings."""
    await site.serve(device_of(1, *points, **facts))
    await until(lambda: all(site.reading(f"l:1:{p.key}") for p in points))


@both
@everywhere
async def test_a_value_is_snapped_written_proven_and_audited(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    async with field(
        unit, transport=transport, backend=backend, folder=tmp_path
    ) as site:
        await ready(site, setpoint())
        result = await site.write("l:1:sp", 21.37, actor="Ada")
        assert (result.verdict, result.requested) == (Verdict.VERIFIED, 21.4)
        assert unit.written == [(SINGLE, 10, [214])]
        reading = site.readings_of("l:1:sp")[-1]
        assert (reading.value, reading.source) == (21.4, ReadingSource.READ_BACK)
        rows = await site.engine.call("audit_log", AuditQuery(actions=("write",)))
        assert [(row.verdict, row.new) for row in rows] == [
            ("verified", 21.4),
            ("requested", 21.4),
        ]


@pytest.mark.parametrize(
    ("facts", "value", "words"),
    [
        ({"type": ValueType.FLOAT32}, 21.5, [0x41AC, 0]),
        ({"type": ValueType.FLOAT32, "word_order": Order.LITTLE}, 21.5, [0, 0x41AC]),
        ({"type": ValueType.INT32, "scale": 0.01, "minimum": None}, -2.5, [0xFFFF, 0xFF06]),
        ({"type": ValueType.INT16, "minimum": -50}, -1.26, [0xFFF3]),
        ({"type": ValueType.BCD16}, 21.5, [0x0215]),
        ({"step": 0.5}, 21.3, [215]),
        ({"offset": -40}, 20.0, [600]),
        ({"states": {"16": "Cool", "2": "Heat"}, "scale": 1.0, "minimum": None, "maximum": None}, "Cool", [16]),
        ({"type": ValueType.STRING, "length": 2, "scale": 1.0, "minimum": None, "maximum": None}, "Hi", [0x4869, 0]),
    ],
)  # fmt: skip
async def test_values_of_every_kind_are_written(
    facts: dict[str, Any], value: Any, words: list[int]
):
    if facts.get("type") is ValueType.FLOAT32:
        facts = {"scale": 1.0} | facts
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await ready(site, setpoint(**facts))
        result = await site.write("l:1:sp", value)
        assert result.verdict is Verdict.VERIFIED
        assert unit.written[-1][2] == words


async def test_a_coil_is_written():
    unit = ScriptedUnit(1)
    coil = register("coil", 3, space=COIL, type=ValueType.BOOL, writable=True)
    async with field(unit) as site:
        await ready(site, coil)
        for value in (True, False):
            result = await site.write("l:1:coil", value)
            assert result.verdict is Verdict.VERIFIED
        assert unit.written == [(SINGLE_COIL, 3, [1]), (SINGLE_COIL, 3, [0])]


@both
@pytest.mark.parametrize(
    ("facts", "known", "tried"),
    [
        ({}, [MULTIPLE], [SINGLE, MULTIPLE, MULTIPLE]),
        ({}, [SINGLE], [SINGLE, SINGLE]),
        ({"write_function": WriteFunction.MULTIPLE}, [SINGLE], [MULTIPLE, SINGLE] * 2),
        ({"write_function": WriteFunction.MULTIPLE}, [MULTIPLE], [MULTIPLE] * 2),
    ],
)
async def test_the_function_that_a_device_knows_is_found_and_remembered(
    backend: str, facts: dict[str, Any], known: list[int], tried: list[int]
):
    unit = Knowing(*known)
    async with field(unit, backend=backend) as site:
        await ready(site, setpoint(**facts))
        for value in (21.0, 22.0):
            result = await site.write("l:1:sp", value)
            assert result.verdict is Verdict.VERIFIED
        assert unit.tried == tried


async def test_a_coil_is_written_with_15_where_5_is_not_known():
    unit = Knowing(COILS)
    coil = register("coil", 3, space=COIL, type=ValueType.BOOL, writable=True)
    async with field(unit) as site:
        await ready(site, coil)
        for value in (False, True):
            assert (await site.write("l:1:coil", value)).verdict is Verdict.VERIFIED
        assert unit.tried == [SINGLE_COIL, COILS, COILS]


async def test_what_fills_two_registers_is_not_written_in_halves():
    unit = Knowing(SINGLE)
    async with field(unit) as site:
        await ready(site, setpoint(type=ValueType.UINT32))
        result = await site.write("l:1:sp", 21.0)
        assert (result.verdict, result.reason) == (Verdict.FAILED, "illegal-function")
        assert unit.written == []


async def test_what_fills_two_registers_is_written_one_by_one_where_a_map_says_so():
    unit = Knowing(SINGLE)
    point = setpoint(type=ValueType.UINT32, write_function=WriteFunction.SINGLE)
    async with field(unit) as site:
        await ready(site, point)
        assert (await site.write("l:1:sp", 21.0)).verdict is Verdict.VERIFIED
        assert unit.written == [(SINGLE, 10, [0]), (SINGLE, 11, [210])]


def switches(count: int = 4) -> list[Any]:
    return [
        register(f"s{n}", 20, bit=n, type=ValueType.BOOL, writable=True)
        for n in range(count)
    ]


@both
@pytest.mark.parametrize("functions", [[SINGLE], [MULTIPLE], [MASK], [SINGLE, MASK]])
async def test_bits_are_written_and_their_neighbours_stay(
    functions: list[int], backend: str
):
    unit = Knowing(*functions, words=[0b1010_0101_0101_1010] * 100)
    async with field(unit, backend=backend) as site:
        await ready(site, *switches())
        for n in range(4):
            value = not site.value(f"l:1:s{n}")
            result = await site.write(f"l:1:s{n}", value)
            assert result.verdict is Verdict.VERIFIED
        assert unit.image.words(HOLDING, 20, 1) == [0b1010_0101_0101_0101]
        if MASK in functions:
            assert unit.tried == [MASK] * 4
        else:
            assert unit.tried.count(MASK) == 1


async def test_a_device_that_is_silent_to_masks_gets_its_bits_in_two_steps():
    unit = Knowing(SINGLE, mute=True)
    async with field(unit, timeout_seconds=6.0) as site:
        await ready(site, *switches())
        for n in range(2):
            value = not site.value(f"l:1:s{n}")
            result = await site.write(f"l:1:s{n}", value)
            assert result.verdict is Verdict.VERIFIED
        assert unit.tried == [MASK, SINGLE, SINGLE]


async def test_nothing_of_ours_comes_between_reading_and_writing_bits():
    unit = Knowing(SINGLE, words=[0] * 100)
    async with field(unit) as site:
        await ready(site, *switches(8))
        await site.write("l:1:s0", True)
        unit.asked.clear()
        await asyncio.gather(*(site.write(f"l:1:s{n}", True) for n in range(1, 8)))
        assert unit.image.words(HOLDING, 20, 1) == [0xFF]


async def test_limits_hold_and_rounding_does_not_cross_them():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await ready(site, setpoint(maximum=21.36, minimum=5.05))
        with pytest.raises(WriteRefusedError):
            await site.write("l:1:sp", 21.4)
        assert (await site.write("l:1:sp", 21.36)).present_value == 21.3
        assert (await site.write("l:1:sp", 5.05)).present_value == 5.1


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"minimum": None, "maximum": None}, 7000.0),
        ({"minimum": None, "maximum": None}, -1.0),
        ({"states": {"0": "Off"}, "minimum": None, "maximum": None}, 2),
        ({"type": ValueType.STRING, "length": 2, "minimum": None, "maximum": None}, "Long one"),
    ],
)  # fmt: skip
async def test_what_a_register_cannot_hold_is_refused_and_not_sent(
    facts: dict[str, Any], value: Any
):
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await ready(site, setpoint(**facts))
        with pytest.raises(WriteRefusedError):
            await site.write("l:1:sp", value)
        assert unit.written == []


async def test_a_read_only_device_is_not_written():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await ready(site, setpoint(), writable=False)
        with pytest.raises(WriteRefusedError) as caught:
            await site.write("l:1:sp", 21.0)
        assert caught.value.reason == "not_writable"


@pytest.mark.parametrize("priority", [1, 8, 16])
async def test_a_priority_means_nothing_and_harms_nothing(priority: int):
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await ready(site, setpoint())
        result = await site.write("l:1:sp", 21.0, priority=priority)
        assert (result.verdict, result.priority) == (Verdict.VERIFIED, None)


async def test_a_register_cannot_be_released():
    async with field(ScriptedUnit(1)) as site:
        await ready(site, setpoint())
        with pytest.raises(WriteRefusedError) as caught:
            await site.write("l:1:sp", None)
        assert caught.value.reason == "not_commandable"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (ExcCodes.ILLEGAL_VALUE, "illegal-data-value"),
        (ExcCodes.ILLEGAL_ADDRESS, "illegal-data-address"),
        (ExcCodes.DEVICE_FAILURE, "server-device-failure"),
    ],
)
async def test_a_refused_write_says_why(code: ExcCodes, reason: str):
    class Refusing(Knowing):
        async def answer(self, request):
            if request.function_code > 4:
                return ExceptionResponse(request.function_code, code)
            return await super().answer(request)

    async with field(Refusing()) as site:
        await ready(site, setpoint())
        result = await site.write("l:1:sp", 21.0)
        assert (result.verdict, result.reason) == (Verdict.FAILED, reason)


async def test_an_acknowledged_write_is_proven_by_what_the_device_holds():
    class Acknowledging(Knowing):
        async def answer(self, request):
            response = await super().answer(request)
            if request.function_code > 4:
                return ExceptionResponse(request.function_code, ExcCodes.ACKNOWLEDGE)
            return response

    unit = Acknowledging(SINGLE)
    async with field(unit) as site:
        await ready(site, setpoint())
        assert (await site.write("l:1:sp", 21.0)).verdict is Verdict.VERIFIED
        assert unit.tried == [SINGLE]


async def test_a_device_that_is_busy_is_written_when_it_is_not():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await ready(site, setpoint(), poll_seconds=60)
        unit.script = [ExcCodes.DEVICE_BUSY]
        assert (await site.write("l:1:sp", 21.0)).verdict is Verdict.VERIFIED


async def test_a_device_that_takes_nothing_fails_the_write():
    class Stubborn(ScriptedUnit):
        async def async_setValues(self, _unit, function, address, values):  # noqa: N802
            return None

    async with field(Stubborn(1)) as site:
        await ready(site, setpoint())
        result = await site.write("l:1:sp", 21.0)
        assert (result.verdict, result.reason) == (Verdict.FAILED, "value-not-taken")


@both
@everywhere
async def test_a_write_whose_answer_was_lost_is_proven_and_not_repeated(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    class Lossy(Knowing):
        async def answer(self, request):
            response = await super().answer(request)
            return None if request.function_code > 4 else response

    unit = Lossy(SINGLE)
    async with field(
        unit,
        transport=transport,
        backend=backend,
        folder=tmp_path,
        timeout_seconds=0.3,
    ) as site:
        await ready(site, setpoint())
        assert (await site.write("l:1:sp", 21.0)).verdict is Verdict.VERIFIED
        assert unit.tried == [SINGLE]


async def test_a_scaled_register_is_written_with_the_exponent_that_is_there():
    unit = ScriptedUnit(1)
    unit.image.put(HOLDING, 11, [0xFFFE])
    point = setpoint(scale=1.0, exponent_address=11, maximum=None, minimum=None)
    async with field(unit) as site:
        await ready(site, point)
        result = await site.write("l:1:sp", 3.14159)
        assert (result.verdict, result.requested) == (Verdict.VERIFIED, 3.14)
        assert unit.image.words(HOLDING, 10, 2) == [314, 0xFFFE]


async def test_a_poll_that_was_under_way_does_not_bring_the_old_value_back():
    unit = ScriptedUnit(1)
    far = register("far", 80)
    async with field(unit) as site:
        await ready(site, setpoint(), far, poll_seconds=60)
        unit.asked.clear()
        unit.script = ["", 0.2]
        site.device().sampler.forget()
        site.network_of_line._poller.poll_soon("l:1")
        await until(lambda: len(unit.asked) == 2)
        assert (await site.write("l:1:sp", 21.0)).verdict is Verdict.VERIFIED
        await asyncio.sleep(0.3)
        assert [r.value for r in site.readings_of("l:1:sp")] == [1.0, 21.0]
