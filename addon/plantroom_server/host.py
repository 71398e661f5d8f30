"""What the server lends the engine."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from custom_components.plantroom.engine.host import ModbusLink
from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.lines.pymodbus_links import PymodbusLink

_LOGGER = logging.getLogger(__name__)

LOCAL_TIME: Final = Path("/etc/localtime")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHost:
    """An EngineHost of its own connections; data_folder None keeps nothing."""

    data_folder: Path | None
    time_zone: str = "UTC"

    def modbus_link(self, config: ModbusLineConfig) -> ModbusLink:
        """Return a connection that nobody else uses."""
        return PymodbusLink(config)


def time_zone_name(wanted: str, local_time: Path = LOCAL_TIME) -> str:
    """Return the wanted IANA name, else the machine's, else "UTC"."""
    if wanted:
        try:
            return ZoneInfo(wanted.removeprefix(":")).key
        except ValueError, OSError, ZoneInfoNotFoundError:
            _LOGGER.warning("There is no time zone %s", wanted)
    _, found, name = str(local_time.resolve()).partition("/zoneinfo/")
    return name if found else "UTC"
