"""The requests of the protocol, by space."""

from collections.abc import Sequence

from modbus_connection import ModbusProtocolError, ModbusUnit

from .register_map import Space


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
