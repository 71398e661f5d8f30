"""Lines as modbus_connection, and Home Assistant with it, describes them."""

from typing import Final, Literal, cast

from modbus_connection import ModbusSerialParams, ModbusTcpParams, ModbusTlsParams

from ..configuration import ModbusLineConfig, ModbusTransport

# What Home Assistant gives RTU over TCP itself: other settings are another connection
_SPEED_OF_A_SOCKET: Final = 115200

type LinkParams = ModbusTcpParams | ModbusTlsParams | ModbusSerialParams


def link_params(config: ModbusLineConfig) -> LinkParams:
    """Return what modbus_connection opens an endpoint with."""
    host, port = config.host.strip(), config.port
    match config.transport:
        case ModbusTransport.TCP:
            return ModbusTcpParams(host=host, port=port)
        case ModbusTransport.TLS:
            return ModbusTlsParams(
                host=host,
                port=port,
                verify=config.ca_file or True,
                client_cert=config.certificate_file or None,
                client_key=config.key_file or None,
            )
        case ModbusTransport.RTU_OVER_TCP:
            # In its letters as Home Assistant has it
            host = ModbusTcpParams(host=host).host
            address = f"[{host}]" if ":" in host else host
            return ModbusSerialParams(
                device=f"socket://{address}:{port}", baudrate=_SPEED_OF_A_SOCKET
            )
        case ModbusTransport.SERIAL:
            return ModbusSerialParams(
                device=config.device,
                baudrate=config.baudrate,
                bytesize=cast("Literal[7, 8]", config.bytesize),
                parity=config.parity.value,
                stopbits=cast("Literal[1, 2]", config.stopbits),
            )
