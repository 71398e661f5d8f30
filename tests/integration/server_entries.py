"""Config entries whose engine is a server's, and the building behind it."""

from typing import Any

from homeassistant.core import HomeAssistant
from plantroom_server.server import PlantroomServer
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import DOMAIN, TITLE
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.server_settings import (
    ServerSettings,
    Tls,
    own_client_id,
    settings_data,
)
from custom_components.plantroom.site_mirror import site_subentries

from .server_process import ServerProcess


async def settings_for(
    hass: HomeAssistant, server: ServerProcess | PlantroomServer, **facts: Any
) -> ServerSettings:
    """Return how a server of ours on loopback, without TLS, is reached."""
    return ServerSettings(
        **{
            "host": "127.0.0.1",
            "port": server.port,
            "token": server.token,
            "client_id": await own_client_id(hass),
            "tls": Tls.NONE,
            **facts,
        }
    )


async def server_entry(
    hass: HomeAssistant,
    server: ServerProcess | PlantroomServer,
    site: SiteConfig | None = None,
    **facts: Any,
) -> MockConfigEntry:
    """Return an entry, added and not set up, that has the server serve a site."""
    settings = await settings_for(hass, server, **facts)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=TITLE,
        data=settings_data(settings),
        unique_id=server.server_id,
        subentries_data=site_subentries(site or SiteConfig(), {}),
    )
    entry.add_to_hass(hass)
    return entry
