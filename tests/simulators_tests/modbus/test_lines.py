"""Every transport, seen by two stacks that are not the simulator's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.libmodbus_client import LibmodbusClientError
from tests.simulators.modbus.serial_line import SILENCE_SECONDS
from tests.simulators.modbus.side import ModbusSide
from tests.simulators.modbus.sunspec import BASE, MARKER, key_of

from .clients import SILENT_SECONDS, float32, libmodbus_of, pymodbus_of, uint32

METERS = ("main meter", "lighting meter", "ventilation meter")
GATEWAY_TARGET, ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 11, 1, 2, 3


@pytest.fixture
async def side() -> AsyncIterator[ModbusSide]:
    async with ModbusSide(speed=0) as started:
        started.pass_time(3600)
        yield started


@pytest.mark.parametrize("name", METERS)
async def test_libmodbus_reads_a_meter_where_the_maker_says(
    side: ModbusSide, name: str
) -> None:
    model = side.unit(name).model.values()
    async with libmodbus_of(side, name) as client:
        assert float32(await client.read_input(52, 2)) == pytest.approx(model["power"])
        assert float32(await client.read_input(70, 2)) == pytest.approx(
            model["frequency"]
        )
        energies = await client.read_input(72, 4)
        assert float32(energies[:2]) == pytest.approx(model["import_energy"])
        assert float32(energies[2:]) == pytest.approx(model["export_energy"])
        whole = await client.read_input(0, 80)
        assert whole[72:76] == energies


async def test_libmodbus_reads_sixty_four_bits_of_the_cooling_meter(
    side: ModbusSide,
) -> None:
    async with libmodbus_of(side, "cooling meter") as client:
        words = await client.read_holding(0x5000, 4)
        kwh = int.from_bytes(b"".join(word.to_bytes(2) for word in words)) / 100
        assert kwh == side.unit("cooling meter").model.values()["import_energy"]
        watts = uint32(await client.read_holding(0x5B14, 2)) / 100
        assert watts == pytest.approx(
            side.unit("cooling meter").model.values()["power"], abs=0.01
        )


async def test_libmodbus_writes_on_the_serial_line_what_the_room_then_has(
    side: ModbusSide,
) -> None:
    async with libmodbus_of(side, "thermostat 1") as client:
        await client.write_register(102, 24 * 50)
        assert side.unit("thermostat 1").get("comfort_setpoint") == 24.0
        assert await client.read_holding(100, 3) == [1, 0, 1200]
        before = await client.read_input(1002, 1)
        for _ in range(6):
            side.pass_time(1800)
        after = await client.read_input(1002, 1)
        assert after[0] > before[0] + 100
        with pytest.raises(LibmodbusClientError) as refused:
            await client.write_register(102, 41 * 50)
        assert refused.value.exception_code == ILLEGAL_VALUE
        assert side.unit("thermostat 1").get("comfort_setpoint") == 24.0


async def test_libmodbus_writes_bits_and_words_of_all_kinds(side: ModbusSide) -> None:
    relays = side.unit("relay module")
    async with libmodbus_of(side, "relay module") as client:
        await client.write_coil(0, 1)
        await client.write_coils(2, [1, 0, 1])
        assert await client.read_coils(0, 8) == [1, 0, 1, 0, 1, 0, 0, 0]
        assert [relays.get(f"relay_{n}") for n in (1, 3, 5)] == [1, 1, 1]
        assert await client.read_discrete_inputs(0, 2) == [0, 0]
        side.pass_time(2)
        assert await client.read_discrete_inputs(0, 2) == [1, 0]
        await client.write_registers(0, [1000, 10_000])
        assert (relays.get("output_1"), relays.get("output_2")) == (10.0, 100.0)
        await client.mask_write(100, 0xFFFD, 0x0002)
        assert (relays.get("switch_1"), relays.get("switch_2")) == (0, 1)
        with pytest.raises(LibmodbusClientError) as refused:
            await client.write_registers(7, [1, 1])
        assert refused.value.exception_code == ILLEGAL_ADDRESS


@pytest.mark.parametrize("line", ["gateway", "secure gateway"])
async def test_pymodbus_reads_the_same_meter_in_the_clear_and_over_tls(
    side: ModbusSide, line: str
) -> None:
    async with pymodbus_of(side, line) as client:
        answer = await client.read_input_registers(72, count=2, device_id=1)
        assert float32(answer.registers) == pytest.approx(
            side.unit("main meter").model.values()["import_energy"]
        )


async def test_pymodbus_reads_rtu_frames_in_a_tcp_stream(side: ModbusSide) -> None:
    async with pymodbus_of(side, "serial server") as client:
        answer = await client.read_holding_registers(2, count=2, device_id=12)
        meter = side.unit("spare meter").model.values()
        assert uint32(answer.registers) / 100 == meter["import_energy"]


async def test_two_clients_read_at_once(side: ModbusSide) -> None:
    async with (
        libmodbus_of(side, "main meter") as one,
        libmodbus_of(side, "lighting meter") as other,
    ):
        first, second = await asyncio.gather(
            one.read_input(72, 2), other.read_input(72, 2)
        )
    assert first != second


async def test_an_absent_unit_is_told_by_the_gateway_and_silent_on_a_bus(
    side: ModbusSide,
) -> None:
    async with pymodbus_of(side, "gateway") as client:
        answer = await client.read_input_registers(0, count=2, device_id=99)
        assert answer.exception_code == GATEWAY_TARGET
    table = side.unit("thermostat 2").table
    side.unit("thermostat 2").plugged = False
    with pytest.raises(LibmodbusClientError) as silent:
        async with libmodbus_of(side, table.name, seconds=SILENT_SECONDS) as client:
            await client.read_holding(102, 1)
    assert silent.value.exception_code is None


async def test_identification_is_answered_by_those_that_have_it(
    side: ModbusSide,
) -> None:
    async with pymodbus_of(side, "gateway") as client:
        found: Any = await client.read_device_information(device_id=5)
        assert found.information == {0: b"Northwind Controls", 1: b"NW-R8", 2: b"1.4"}
        one: Any = await client.read_device_information(
            read_code=4, object_id=4, device_id=5
        )
        assert one.information == {4: b"Relay module"}
        none = await client.read_device_information(
            read_code=4, object_id=6, device_id=5
        )
        assert none.exception_code == ILLEGAL_ADDRESS
        meter = await client.read_device_information(device_id=1)
        assert meter.exception_code == ILLEGAL_FUNCTION


async def test_a_killed_line_is_gone_and_revived_is_where_it_was(
    side: ModbusSide,
) -> None:
    port = side.line_config("gateway").port
    await side.kill("gateway")
    with pytest.raises(LibmodbusClientError):
        async with libmodbus_of(side, "main meter"):
            pass
    await side.revive("gateway")
    assert side.line_config("gateway").port == port
    async with libmodbus_of(side, "main meter") as client:
        assert len(await client.read_input(0, 2)) == 2


async def test_a_pulled_adapter_comes_back_at_the_same_path(side: ModbusSide) -> None:
    path = side.line_config("rooms").device
    await side.kill("rooms")
    with pytest.raises(LibmodbusClientError):
        async with libmodbus_of(side, "thermostat 1"):
            pass
    await side.revive("rooms")
    assert side.line_config("rooms").device == path
    async with libmodbus_of(side, "thermostat 1") as client:
        assert await client.read_holding(102, 1) == [1050]


async def test_a_value_set_from_inside_is_held_until_it_is_released(
    side: ModbusSide,
) -> None:
    thermostat = side.unit("thermostat 1")
    thermostat.set("room_temperature", 30.0)
    side.pass_time(60)
    async with libmodbus_of(side, "thermostat 1") as client:
        assert await client.read_input(1002, 1) == [1500]
        thermostat.set("room_temperature", None)
        assert await client.read_input(1002, 1) == [0xFFFF]
        thermostat.release("room_temperature")
        assert (await client.read_input(1002, 1))[0] < 1100


async def test_half_a_frame_is_forgotten_after_a_silence(side: ModbusSide) -> None:
    half = bytes.fromhex("01 03 00 66 00")
    port = Path(side.line_config("rooms").device)
    await asyncio.to_thread(port.write_bytes, half)
    await asyncio.sleep(SILENCE_SECONDS * 2)
    async with libmodbus_of(side, "thermostat 1") as client:
        assert await client.read_holding(102, 1) == [1050]


async def test_frames_cut_and_run_together_are_told_apart(side: ModbusSide) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", side.line_config("gateway").port
    )
    request = bytes.fromhex("0001 0000 0006 01 04 0034 0002")
    writer.write(request[:5])
    await writer.drain()
    writer.write(request[5:] + request + request[:7])
    answers = await reader.readexactly(2 * 13)
    assert answers[:13] == answers[13:]
    assert answers[7:9] == bytes((4, 4))
    writer.close()
    await writer.wait_closed()


async def test_an_unknown_function_is_refused(side: ModbusSide) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", side.line_config("gateway").port
    )
    writer.write(bytes.fromhex("0007 0000 0003 01 5A 00"))
    assert await reader.readexactly(9) == bytes.fromhex("0007 0000 0003 01 DA 01")
    writer.close()
    await writer.wait_closed()


async def test_the_inverter_is_told_by_its_marker(side: ModbusSide) -> None:
    async with libmodbus_of(side, "inverter") as client:
        assert tuple(await client.read_holding(BASE, 2)) == MARKER
        assert await client.read_holding(BASE + 2, 2) == [1, 66]
    inverter = side.unit("inverter")
    watts = inverter.model.values()["power"]
    assert inverter.get(key_of(103, "W")) == pytest.approx(watts, abs=5)
