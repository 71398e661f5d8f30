"""Links of a host that has no Home Assistant, each with a connection of its own."""

import logging
from typing import override

from modbus_connection import ModbusUnit
from modbus_connection.pymodbus import ModbusConnection

from ...host import ModbusLink
from ..configuration import ModbusLineConfig
from .link_params import link_params

# It calls every time-out an error, with the octets of the last frames
_THEIR_LOGGER = logging.getLogger("pymodbus.logging")


class PymodbusLink(ModbusLink):
    """A connection over pymodbus, which nobody else uses."""

    def __init__(self, config: ModbusLineConfig) -> None:
        """Take the endpoint; nothing is opened yet."""
        if _THEIR_LOGGER.level == logging.NOTSET:
            _THEIR_LOGGER.setLevel(logging.CRITICAL)
        self._connection = ModbusConnection(link_params(config))

    @override
    def unit(self, unit_id: int) -> ModbusUnit:
        return self._connection.for_unit(unit_id)

    @override
    async def close(self) -> None:
        await self._connection.close()
