"""What a loaded config entry holds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .client import EngineClient
from .connection.direct import DirectConnection
from .connection.websocket import WebSocketConnection
from .const import CONNECTION, SERVER
from .engine.engine import Engine
from .engine.host import EngineHost
from .host import lasting_host
from .server_settings import ServerSettings, settings_of

if TYPE_CHECKING:
    from .alarms import AlarmFeed
    from .device_adapter import DeviceAdapter


@dataclass(slots=True, kw_only=True)
class RuntimeData:
    """The engine's client, and what makes its devices Home Assistant's."""

    client: EngineClient
    adapter: DeviceAdapter
    alarm_feed: AlarmFeed


type PlantroomConfigEntry = ConfigEntry[RuntimeData]


def direct_client(host: EngineHost) -> EngineClient:
    """Return a client, not started, with an engine of its own in this process."""
    return EngineClient(DirectConnection(Engine(host)))


def server_client(
    hass: HomeAssistant, settings: ServerSettings, *, take_over: bool = False
) -> EngineClient:
    """Return the client of a server, not started, that is watched for while away."""
    connection = server_connection(hass, settings, take_over=take_over)
    return EngineClient(connection, settings.client_id)


def server_connection(
    hass: HomeAssistant, settings: ServerSettings, *, take_over: bool = False
) -> WebSocketConnection:
    """Return the wire to a server, not connected, in Home Assistant's own session."""
    return WebSocketConnection(
        async_get_clientsession(hass),
        settings.address,
        token=settings.token,
        client_id=settings.client_id,
        take_over=take_over,
    )


def entry_client(hass: HomeAssistant, entry: ConfigEntry) -> EngineClient:
    """Return the client of a config entry's engine, wherever that runs."""
    if entry.data[CONNECTION] == SERVER:
        return server_client(hass, settings_of(entry.data))
    return direct_client(lasting_host(hass, entry.entry_id))
