"""The requests of the protocol, by space."""

from collections.abc import Sequence

from modbus_connection import ModbusProtocolError, ModbusUnit

from ..registers.register_map import Space


async def read_words(
    unit: ModbusUnit, space: Space, address: int, count: int
) -> tuple[int, ...]:
    """Return words, or bits as 0 and 1; raises ModbusError.

    A reply of another length is the answer to something else.
    """
    match space:
        case Space.COIL:
            words: Sequence[int] = await unit.read_coils(address, count)
        case Space.DISCRETE_INPUT:
            words = await unit.read_discrete_inputs(address, count)
        case Space.INPUT:
            words = await unit.read_input_registers(address, count)
        case Space.HOLDING:
            words = await unit.read_holding_registers(address, count)
    if len(words) != count:
        raise ModbusProtocolError(f"{len(words)} values where {count} were asked")
    return tuple(map(int, words))


async def write_words(
    unit: ModbusUnit, space: Space, address: int, words: Sequence[int], *, single: bool
) -> None:
    """Write with functions 5 or 6 (single), else 15 or 16; raises ModbusError."""
    if space is Space.COIL:
        if single:
            await unit.write_coil(address, bool(words[0]))
        else:
            await unit.write_coils(address, [bool(word) for word in words])
    elif single:
        await unit.write_register(address, words[0])
    else:
        await unit.write_registers(address, [*words])


async def read_device_identification(unit: ModbusUnit) -> dict[int, bytes]:
    """Return the basic objects by id (V1.1b3, 6.21); raises ModbusError."""
    try:
        return await unit.read_device_identification()
    except (AttributeError, TypeError, ValueError) as err:
        raise _not_what_was_asked(err) from err


async def report_server_id(unit: ModbusUnit) -> bytes:
    """Return what the device says of itself (V1.1b3, 6.13); raises ModbusError."""
    try:
        return await unit.report_server_id()
    except (AttributeError, TypeError, ValueError) as err:
        raise _not_what_was_asked(err) from err


def _not_what_was_asked(err: Exception) -> ModbusProtocolError:
    """Return the error for a reply to something else, in which a backend stumbles."""
    return ModbusProtocolError(f"the reply is to something else: {err}")
