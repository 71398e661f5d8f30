"""What a process lends the engine."""

from pathlib import Path
from typing import Protocol

from modbus_connection import ModbusUnit

from .modbus.configuration import ModbusLineConfig


class ModbusLink(Protocol):
    """One endpoint's connection, opened by the first request and kept."""

    def unit(self, unit_id: int) -> ModbusUnit:
        """Return a unit on the link; raises LineInUseError."""

    async def close(self) -> None:
        """Let go of the link; calling it twice does no harm."""


class EngineHost(Protocol):
    """Home Assistant is one host, the server another, a config flow a third."""

    @property
    def data_folder(self) -> Path | None:
        """Return where the engine may keep files; None: keep nothing."""

    @property
    def time_zone(self) -> str:
        """Return the IANA name of the building's time zone."""

    def modbus_link(self, config: ModbusLineConfig) -> ModbusLink:
        """Return the link to an endpoint; nothing is opened yet."""
