"""The four orders in which makers put the bytes of a value into registers; pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ..engine.modbus.configuration import ModbusDeviceConfig
from ..engine.modbus.registers.codec import decode
from ..engine.modbus.registers.point_description import with_words_swapped
from ..engine.modbus.registers.register_map import Order, RegisterPoint, ValueType
from ..engine.models import PointValue

# Word order and byte order, by where the bytes ABCD of a 32-bit value end up
ORDERS: Final = {
    "abcd": (Order.BIG, Order.BIG),
    "cdab": (Order.LITTLE, Order.BIG),
    "badc": (Order.BIG, Order.LITTLE),
    "dcba": (Order.LITTLE, Order.LITTLE),
}


def has_order(point: RegisterPoint) -> bool:
    """Return whether another order would make another value of the point."""
    return point.words > 1 and point.type is not ValueType.STRING


def order_of(point: RegisterPoint) -> str:
    """Return the point's order."""
    wanted = (point.word_order, point.byte_order)
    return next(name for name, orders in ORDERS.items() if orders == wanted)


def with_order(point: RegisterPoint, name: str) -> RegisterPoint:
    """Return the point in an order."""
    word_order, byte_order = ORDERS[name]
    return replace(point, word_order=word_order, byte_order=byte_order)


def with_own_orders(device: ModbusDeviceConfig) -> ModbusDeviceConfig:
    """Return the device with a map of its own in the order that it is read in.

    What is changed of such a map is then all that is to be known of it.
    """
    if not device.registers or not device.swap_words:
        return device
    registers = tuple(map(with_words_swapped, device.registers))
    return replace(device, registers=registers, swap_words=False)


def in_all_orders(
    point: RegisterPoint, words: Sequence[int], exponent: int = 0
) -> dict[str, tuple[PointValue, str]]:
    """Return value, or why there is none, by order; exponent: as decode takes it."""
    return {
        name: decode(with_order(point, name), words, exponent=exponent)
        for name in ORDERS
    }
