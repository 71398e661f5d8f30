"""Every difficult unit misbehaves as it is named, as two other stacks see it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pymodbus.exceptions import ModbusIOException

from tests.peers.libmodbus_client import LibmodbusClientError
from tests.simulators.modbus.behaviours import HANGS_UP_EVERY, SLOW_SECONDS, Slow
from tests.simulators.modbus.installation import ROLLS_OVER_AT_KWH
from tests.simulators.modbus.side import ModbusSide

from .clients import ANSWER_SECONDS, SILENT_SECONDS, libmodbus_of, pymodbus_of, uint32

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, FAILURE, BUSY = 1, 2, 3, 4, 6


@pytest.fixture
async def side() -> AsyncIterator[ModbusSide]:
    async with ModbusSide(profile="difficult", speed=0) as started:
        started.pass_time(60)
        yield started


async def refusal(side: ModbusSide, unit: str, address: int, count: int) -> int | None:
    """Return the exception code that libmodbus gets for a read."""
    async with libmodbus_of(side, unit) as client:
        with pytest.raises(LibmodbusClientError) as refused:
            await client.read_holding(address, count)
    return refused.value.exception_code


async def is_silent(side: ModbusSide, unit: str, count: int) -> bool:
    """Tell whether libmodbus gets no answer to a read."""
    async with libmodbus_of(side, unit, seconds=SILENT_SECONDS) as client:
        with pytest.raises(LibmodbusClientError) as refused:
            await client.read_holding(0, count)
    return refused.value.exception_code is None


async def test_one_never_answers_and_the_next_does(side: ModbusSide) -> None:
    assert await is_silent(side, "never answers", 2)
    async with pymodbus_of(side, "difficult", seconds=SILENT_SECONDS) as client:
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(0, count=2, device_id=2)
        client.ctx.comm_params.timeout_connect = ANSWER_SECONDS
        answer = await client.read_holding_registers(0, count=12, device_id=1)
        assert len(answer.registers) == 12


async def test_one_is_busy_twice_for_each_request(side: ModbusSide) -> None:
    for _ in range(2):
        assert [await refusal(side, "busy", 0, 2) for _ in range(2)] == [BUSY, BUSY]
        async with pymodbus_of(side, "difficult") as client:
            answer = await client.read_holding_registers(0, count=2, device_id=3)
            assert not answer.isError()
    assert await refusal(side, "busy", 4, 1) == BUSY


async def test_one_swaps_words(side: ModbusSide) -> None:
    async with (
        libmodbus_of(side, "in order") as right,
        libmodbus_of(side, "swaps words") as wrong,
    ):
        words = await right.read_holding(0, 12)
        swapped = await wrong.read_holding(0, 12)
    assert swapped[:4] == [words[1], words[0], words[3], words[2]]
    assert swapped[:4] != words[:4]
    assert swapped[4] == words[4]


async def test_words_are_swapped_on_command_and_back(side: ModbusSide) -> None:
    async with libmodbus_of(side, "in order") as client:
        words = await client.read_holding(0, 4)
        side.unit("in order").swap_words()
        assert await client.read_holding(0, 4) == [
            words[1], words[0], words[3], words[2],
        ]  # fmt: skip
        side.unit("in order").swap_words()
        assert await client.read_holding(0, 4) == words


async def test_one_refuses_to_read_across_its_hole(side: ModbusSide) -> None:
    assert await refusal(side, "has a hole", 0, 12) == ILLEGAL_ADDRESS
    assert await refusal(side, "has a hole", 6, 2) == ILLEGAL_ADDRESS
    assert await refusal(side, "has a hole", 9, 1) == ILLEGAL_ADDRESS
    async with pymodbus_of(side, "difficult") as client:
        for address, count in ((0, 7), (10, 2)):
            answer = await client.read_holding_registers(
                address, count=count, device_id=5
            )
            assert len(answer.registers) == count


@pytest.mark.parametrize("unit", ["no single writes", "no multiple writes"])
async def test_one_takes_only_multiple_writes_and_one_only_single(
    side: ModbusSide, unit: str
) -> None:
    async with libmodbus_of(side, unit) as client:
        single = client.write_register(0, 100), client.write_coil(0, 1)
        multiple = client.write_registers(0, [200]), client.write_coils(0, [1])
        refused, taken = (
            (single, multiple) if unit == "no single writes" else (multiple, single)
        )
        for write in refused:
            with pytest.raises(LibmodbusClientError) as error:
                await write
            assert error.value.exception_code == ILLEGAL_FUNCTION
        for write in taken:
            await write
    expected = 2.0 if unit == "no single writes" else 1.0
    assert side.unit(unit).get("output_1") == expected
    assert side.unit(unit).get("relay_1") == 1


async def test_one_is_slow(side: ModbusSide) -> None:
    assert await is_silent(side, "slow", 2)
    async with libmodbus_of(side, "slow", seconds=SLOW_SECONDS + 30) as client:
        assert len(await client.read_holding(0, 2)) == 2


async def test_a_slow_one_holds_nobody_up(side: ModbusSide) -> None:
    side.unit("slow").behaviour = Slow(60.0)
    async with (
        pymodbus_of(side, "difficult", seconds=60.0) as slow,
        libmodbus_of(side, "in order") as quick,
    ):
        late = asyncio.ensure_future(
            slow.read_holding_registers(0, count=2, device_id=8)
        )
        assert len(await quick.read_holding(0, 2)) == 2
        assert not late.done()
        late.cancel()
        await asyncio.gather(late, return_exceptions=True)


async def test_one_rolls_its_counter_over(side: ModbusSide) -> None:
    async with libmodbus_of(side, "rolls over") as client:
        before = uint32(await client.read_holding(2, 2)) / 100
        side.pass_time(3600)
        after = uint32(await client.read_holding(2, 2)) / 100
    assert before > ROLLS_OVER_AT_KWH - 2
    assert after < 100
    assert side.truth("rolls over").imported_kwh == pytest.approx(
        ROLLS_OVER_AT_KWH + after - (ROLLS_OVER_AT_KWH - 1), abs=0.011
    )


async def test_one_is_replaced_on_command(side: ModbusSide) -> None:
    async with libmodbus_of(side, "gets replaced") as client:
        used = side.truth("gets replaced").imported_kwh
        serial = uint32(await client.read_holding(10, 2))
        side.replace_meter("gets replaced", 3.0)
        assert uint32(await client.read_holding(2, 2)) == 300
        assert uint32(await client.read_holding(10, 2)) == serial + 1
    assert side.truth("gets replaced").imported_kwh == used


async def test_one_hangs_up_instead_of_every_fourth_answer(side: ModbusSide) -> None:
    for _ in range(2):
        async with libmodbus_of(side, "hangs up") as client:
            for _ in range(HANGS_UP_EVERY - 1):
                await client.read_holding(0, 2)
            with pytest.raises(LibmodbusClientError) as lost:
                await client.read_holding(0, 2)
            assert lost.value.exception_code is None


async def test_one_answers_any_unit_id(side: ModbusSide) -> None:
    async with pymodbus_of(side, "any unit") as client:
        for unit_id in (1, 2, 100, 247):
            answer = await client.read_holding_registers(0, count=2, device_id=unit_id)
            assert (answer.dev_id, len(answer.registers)) == (unit_id, 2)


async def test_one_leaves_the_last_register_out(side: ModbusSide) -> None:
    async with pymodbus_of(side, "difficult") as client:
        answer = await client.read_holding_registers(0, count=4, device_id=12)
        assert len(answer.registers) == 3
    assert await is_silent(side, "short answers", 4)


async def test_one_gives_few_registers_at_a_time(side: ModbusSide) -> None:
    assert await refusal(side, "few registers", 0, 5) == ILLEGAL_VALUE
    async with libmodbus_of(side, "few registers") as client:
        assert len(await client.read_holding(0, 4)) == 4


async def test_one_is_broken(side: ModbusSide) -> None:
    assert await refusal(side, "broken", 0, 1) == FAILURE
