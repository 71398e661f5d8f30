"""Register points for tests."""

from typing import Any

from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
)


def register(key: str = "value", address: int = 0, **facts: Any) -> RegisterPoint:
    """Return a point of one unsigned register, but for the facts given."""
    return RegisterPoint(**{"key": key, "name": key, "address": address} | facts)
