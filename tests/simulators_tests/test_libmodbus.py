"""The independent peer itself: what its server is told it holds, and its client reads."""

import pytest

from custom_components.plantroom.engine.modbus.registers.register_map import Space
from tests.peers import libmodbus_build
from tests.peers.libmodbus_build import PeerMissingError
from tests.peers.libmodbus_client import LibmodbusClient, LibmodbusClientError
from tests.peers.libmodbus_server import LibmodbusError, LibmodbusServer
from tests.peers.linked_ports import LinkedPorts


async def test_the_server_holds_all_four_tables_over_tcp() -> None:
    async with LibmodbusServer.tcp() as server:
        await server.set(Space.HOLDING, 40000, 0x5375, 0x6E53)
        await server.set(Space.INPUT, 65534, 1, 65535)
        await server.set(Space.COIL, 7, 1, 0, 1)
        await server.set(Space.DISCRETE_INPUT, 0, 1)
        async with LibmodbusClient.tcp(server.port, 9) as client:
            assert await client.read_holding(40000, 2) == [0x5375, 0x6E53]
            assert await client.read_input(65534, 2) == [1, 65535]
            assert await client.read_coils(7, 3) == [1, 0, 1]
            assert await client.read_discrete_inputs(0, 2) == [1, 0]
            await client.write_registers(10, [3, 4])
            await client.write_register(12, 5)
            await client.write_coil(100, 1)
            await client.write_coils(101, [0, 1])
            with pytest.raises(LibmodbusClientError) as refused:
                await client.read_input(65535, 2)
            assert refused.value.exception_code == 2
        assert await server.get(Space.HOLDING, 10, 3) == [3, 4, 5]
        assert await server.get(Space.COIL, 100, 3) == [1, 0, 1]
        assert await server.requests() == {
            1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 1, 15: 1, 16: 1,
        }  # fmt: skip


async def test_the_server_is_one_unit_of_a_serial_line() -> None:
    async with LinkedPorts() as ports:
        ours, theirs = ports.paths
        async with LibmodbusServer.rtu(theirs, unit_id=17) as server:
            await server.set(Space.HOLDING, 0, *range(125))
            async with LibmodbusClient.rtu(ours, 17) as client:
                assert await client.read_holding(0, 125) == list(range(125))
            with pytest.raises(LibmodbusClientError) as silent:
                async with LibmodbusClient.rtu(ours, 18, timeout=0.2) as client:
                    await client.read_holding(0, 1)
            assert silent.value.exception_code is None


async def test_a_command_that_makes_no_sense_is_refused() -> None:
    async with LibmodbusServer.tcp() as server:
        with pytest.raises(LibmodbusError, match="out of range"):
            await server.set(Space.COIL, 0, 2)
        with pytest.raises(LibmodbusError, match="out of range"):
            await server.get(Space.HOLDING, 65535, 2)


def test_without_a_compiler_it_is_said_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libmodbus_build, "COMPILERS", ("no-such-compiler",))
    with pytest.raises(PeerMissingError, match="libmodbus-dev"):
        libmodbus_build._compiler()
