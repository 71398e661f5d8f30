"""How a Plantroom server is reached, as a config entry keeps it."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from aiohttp import Fingerprint
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import instance_id
from homeassistant.util.ssl import get_default_context

from .connection.server_link import ServerAddress
from .const import (
    CONF_ADDON,
    CONF_CLIENT_ID,
    CONF_FINGERPRINT,
    CONF_FOLLOWS,
    CONF_TLS,
    CONNECTION,
    SERVER,
)

DEFAULT_PORT: Final = 8740
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


class Tls(StrEnum):
    """How a server's certificate is verified."""

    PINNED = "pinned"
    AUTHORITY = "authority"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where a server is, what it wants to be shown, and what is its own.

    fingerprint: SHA-256 of the certificate in hexadecimal, where it is pinned. addon:
    whether it is our add-on. follows: whether its site is taken as it is.
    """

    host: str
    token: str = field(repr=False)
    client_id: str
    port: int = DEFAULT_PORT
    tls: Tls = Tls.PINNED
    fingerprint: str = ""
    addon: str = ""
    follows: bool = False

    @property
    def address(self) -> ServerAddress:
        """Return where to connect, and how the certificate is verified."""
        return ServerAddress(host=self.host, port=self.port, ssl=self._verified)

    @property
    def _verified(self) -> ssl.SSLContext | Fingerprint | None:
        match self.tls:
            case Tls.PINNED:
                return Fingerprint(bytes.fromhex(self.fingerprint))
            case Tls.AUTHORITY:
                return get_default_context()
            case Tls.NONE:
                return None


def settings_of(data: Mapping[str, Any]) -> ServerSettings:
    """Return the settings in a config entry's data."""
    return ServerSettings(
        host=data[CONF_HOST],
        port=data[CONF_PORT],
        token=data[CONF_TOKEN],
        client_id=data[CONF_CLIENT_ID],
        tls=Tls(data[CONF_TLS]),
        fingerprint=data[CONF_FINGERPRINT],
        addon=data[CONF_ADDON],
        follows=data[CONF_FOLLOWS],
    )


def settings_data(settings: ServerSettings) -> dict[str, Any]:
    """Return the data of a config entry with these settings."""
    return {
        CONNECTION: SERVER,
        CONF_HOST: settings.host,
        CONF_PORT: settings.port,
        CONF_TOKEN: settings.token,
        CONF_CLIENT_ID: settings.client_id,
        CONF_TLS: settings.tls.value,
        CONF_FINGERPRINT: settings.fingerprint,
        CONF_ADDON: settings.addon,
        CONF_FOLLOWS: settings.follows,
    }


async def own_client_id(hass: HomeAssistant) -> str:
    """Return who this Home Assistant is to a server, over restarts and new entries."""
    return f"home-assistant-{(await instance_id.async_get(hass))[:32]}"


def fingerprint_in(text: str) -> str:
    """Return a fingerprint as it is kept, however it was written; raises ValueError."""
    plain = re.sub(r"[\s:]", "", text).lower().removeprefix("sha256")
    if not _FINGERPRINT.fullmatch(plain):
        raise ValueError("not a SHA-256 in hexadecimal")
    return plain
