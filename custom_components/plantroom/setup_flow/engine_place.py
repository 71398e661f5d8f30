"""Where the engine is that a dialogue tries networks and lines with."""

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..client import EngineClient
from ..const import CONNECTION, SERVER
from ..engine.errors import PlantroomError
from ..engine.secure_connect.configuration import SecureNetworkConfig
from ..engine.site_config import BacnetNetworkConfig, NetworkConfig, SiteConfig
from ..host import passing_host
from ..runtime import direct_client, server_connection
from ..server_settings import ServerSettings, settings_of
from .interfaces import LOOPBACK, Interface, ipv4_interfaces

_LOGGER = logging.getLogger(__name__)


class EnginePlace(ABC):
    """Runs a network for as long as a dialogue needs it."""

    @abstractmethod
    async def interfaces(self) -> list[Interface]:
        """Return the interfaces of the engine's machine, at least one.

        Raises PlantroomError when the machine cannot be asked.
        """

    @abstractmethod
    def trying(
        self, network: NetworkConfig
    ) -> AbstractAsyncContextManager[EngineClient]:
        """Lend a client whose engine runs the network; raises PlantroomError."""


class InHomeAssistant(EnginePlace):
    """An engine of its own in this process, that leaves no trace."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Take what lends the engine what it needs."""
        self._hass = hass

    @override
    async def interfaces(self) -> list[Interface]:
        return await ipv4_interfaces(self._hass)

    @override
    @asynccontextmanager
    async def trying(self, network: NetworkConfig) -> AsyncGenerator[EngineClient]:
        client = direct_client(passing_host(self._hass))
        try:
            await client.start(with_network(SiteConfig(), network))
            yield client
        finally:
            await client.stop()


class OnServer(EnginePlace):
    """The server's engine, which also goes on with what it serves already."""

    def __init__(self, hass: HomeAssistant, settings: ServerSettings) -> None:
        """Take where the server is."""
        self._hass = hass
        self._settings = settings

    @override
    async def interfaces(self) -> list[Interface]:
        async with self._client() as client:
            found = await client.interfaces()
        return [
            Interface(name=each.name, address=each.address, default=not number)
            for number, each in enumerate(found)
        ]

    @override
    @asynccontextmanager
    async def trying(self, network: NetworkConfig) -> AsyncGenerator[EngineClient]:
        async with self._client() as client:
            before = await client.site()
            try:
                await client.configure(with_network(before, network))
                yield client
            finally:
                await client.configure(before)

    @asynccontextmanager
    async def _client(self) -> AsyncGenerator[EngineClient]:
        """Lend a client that passes: it watches nothing and pushes nothing."""
        client = EngineClient(server_connection(self._hass, self._settings))
        try:
            await client.start(None)
            yield client
        finally:
            await client.stop()


def place_of(hass: HomeAssistant, entry: ConfigEntry) -> EnginePlace:
    """Return where a config entry's engine is."""
    if entry.data[CONNECTION] == SERVER:
        return OnServer(hass, settings_of(entry.data))
    return InHomeAssistant(hass)


async def interfaces_of(place: EnginePlace) -> list[Interface]:
    """Return the interfaces of a place; a machine that cannot be asked has loopback."""
    try:
        found = await place.interfaces()
    except PlantroomError as err:
        _LOGGER.warning("Cannot ask server for its interfaces: %s", err)
        found = []
    return found or [Interface(name="lo", address=LOOPBACK, default=True)]


def with_network(site: SiteConfig, network: NetworkConfig) -> SiteConfig:
    """Return the site with a network, in the place of the one of its id if any."""
    if isinstance(network, BacnetNetworkConfig):
        others = tuple(n for n in site.networks if n.network_id != network.network_id)
        return replace(site, networks=(*others, network))
    if isinstance(network, SecureNetworkConfig):
        secure = site.secure_connect
        rest = tuple(n for n in secure.networks if n.network_id != network.network_id)
        return replace(site, secure_connect=replace(secure, networks=(*rest, network)))
    lines = tuple(n for n in site.modbus_lines if n.network_id != network.network_id)
    return replace(site, modbus_lines=(*lines, network))
