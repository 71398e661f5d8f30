"""What a loaded config entry holds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry

from .client import EngineClient
from .connection.direct import DirectConnection
from .engine.engine import Engine
from .engine.host import EngineHost

if TYPE_CHECKING:
    from .device_adapter import DeviceAdapter


@dataclass(slots=True, kw_only=True)
class RuntimeData:
    """The engine's client, and what makes its devices Home Assistant's."""

    client: EngineClient
    adapter: DeviceAdapter


type PlantroomConfigEntry = ConfigEntry[RuntimeData]


def direct_client(host: EngineHost) -> EngineClient:
    """Return a client, not started, with an engine of its own in this process."""
    return EngineClient(DirectConnection(Engine(host)))
