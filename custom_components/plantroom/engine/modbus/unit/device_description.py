"""What a unit is to everybody else; pure."""

from ...models import Device, Protocol
from ..configuration import ModbusLineConfig, ModbusTransport
from .device_facts import DeviceFacts


def describe_device(
    line: ModbusLineConfig,
    unit_id: int,
    facts: DeviceFacts,
    *,
    name: str = "",
    profile: str = "",
) -> Device:
    """Return the device that a unit is, by the name it was given if it was."""
    return Device(
        device_id=f"{line.network_id}:{unit_id}",
        network_id=line.network_id,
        instance=unit_id,
        name=name or facts.model or f"Unit {unit_id}",
        address=address_of(line, unit_id),
        vendor=facts.vendor,
        model=facts.model,
        firmware=facts.firmware,
        serial_number=facts.serial_number,
        protocol=Protocol.MODBUS,
        profile=profile,
    )


def address_of(line: ModbusLineConfig, unit_id: int) -> str:
    """Return host and port or serial port, and the unit, for people."""
    place = f"{line.host}:{line.port}"
    if line.transport is ModbusTransport.SERIAL:
        place = line.device
    return f"{place}, unit {unit_id}"
