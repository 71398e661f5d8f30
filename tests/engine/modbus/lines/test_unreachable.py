"""Why an endpoint cannot be opened."""

import errno
import socket
import ssl

import pytest
from modbus_connection import (
    ClientClosedError,
    ModbusConnection,
    ModbusConnectionError,
    ModbusSerialParams,
    ModbusTcpParams,
    ModbusTlsParams,
)
from modbus_connection.tmodbus import ModbusConnection as TmodbusConnection

from custom_components.plantroom.engine.modbus.lines.unreachable import (
    Obstacle,
    obstacle_of,
)
from tests.ports import free_port


async def failure(connection: ModbusConnection) -> BaseException:
    """Return what a first request ends with."""
    try:
        await connection.for_unit(1).read_holding_registers(0, 1)
    except (OSError, ModbusConnectionError) as err:
        return err
    finally:
        await connection.close()
    raise AssertionError("the request was answered")


async def test_closed_port_is_refused():
    params = ModbusTcpParams(host="127.0.0.1", port=free_port())
    assert obstacle_of(await failure(TmodbusConnection(params))) is Obstacle.REFUSED


async def test_gateway_with_a_closed_port_is_refused():
    params = ModbusSerialParams(device=f"socket://127.0.0.1:{free_port()}")
    assert obstacle_of(await failure(TmodbusConnection(params))) is Obstacle.REFUSED


async def test_serial_port_that_is_not_there_is_missing(tmp_path):
    params = ModbusSerialParams(device=str(tmp_path / "ttyUSB0"))
    assert obstacle_of(await failure(TmodbusConnection(params))) is Obstacle.MISSING


async def test_file_is_not_a_port(tmp_path):
    file = tmp_path / "ttyUSB0"
    file.touch()
    params = ModbusSerialParams(device=str(file))
    assert obstacle_of(await failure(TmodbusConnection(params))) is Obstacle.NOT_A_PORT


async def test_certificate_file_that_is_not_there_is_missing(tmp_path):
    params = ModbusTlsParams(
        host="127.0.0.1", port=free_port(), verify=str(tmp_path / "ca.pem")
    )
    assert obstacle_of(await failure(TmodbusConnection(params))) is Obstacle.MISSING


@pytest.mark.parametrize(
    ("cause", "obstacle"),
    [
        (socket.gaierror(-2, "Name or service not known"), Obstacle.UNKNOWN_HOST),
        (ssl.SSLCertVerificationError("self-signed"), Obstacle.TLS),
        (PermissionError(errno.EACCES, ""), Obstacle.NO_PERMISSION),
        (OSError(errno.EBUSY, "busy"), Obstacle.BUSY),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Obstacle.NO_ROUTE),
        (TimeoutError(), Obstacle.TIMEOUT),
        (ClientClosedError("closed"), Obstacle.CLOSED),
        (OSError("of no kind known"), Obstacle.OTHER),
        (ValueError("strange"), Obstacle.OTHER),
    ],
)
def test_what_the_system_said_is_found_behind_library_errors(cause, obstacle):
    outer = ModbusConnectionError("could not connect")
    outer.__cause__ = ModbusConnectionError()
    outer.__cause__.__cause__ = cause
    assert obstacle_of(outer) is obstacle


def test_errors_that_go_round_in_a_circle_come_to_an_end():
    one, other = ModbusConnectionError(), ConnectionRefusedError()
    one.__cause__, other.__cause__ = other, one
    assert obstacle_of(one) is Obstacle.REFUSED
