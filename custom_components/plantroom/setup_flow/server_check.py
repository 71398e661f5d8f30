"""Ask a server who it is and what it serves, and say what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN
from homeassistant.core import HomeAssistant

from ..client import EngineClient
from ..const import CONF_FINGERPRINT, CONF_TLS
from ..engine.errors import (
    AuthenticationError,
    CertificateError,
    ConnectionLostError,
    PlantroomError,
    SchemaError,
    ServerBusyError,
)
from ..engine.modbus.lines.unreachable import Obstacle, obstacle_of
from ..engine.site_config import SiteConfig
from ..runtime import server_connection
from ..server_settings import ServerSettings, Tls
from ..site_mirror import names_of, site_options, site_subentries

_OBSTACLES: Final = {
    Obstacle.REFUSED: (CONF_PORT, "server_refused"),
    Obstacle.TIMEOUT: (CONF_HOST, "server_silent"),
    Obstacle.NO_ROUTE: (CONF_HOST, "server_no_route"),
    Obstacle.UNKNOWN_HOST: (CONF_HOST, "server_unknown_host"),
    Obstacle.TLS: (CONF_TLS, "server_no_tls"),
}


class ServerFaultError(Exception):
    """A server cannot be used; field and key are those of the form's error."""

    def __init__(self, field: str, key: str, placeholders: dict[str, str]) -> None:
        """Keep where the error belongs and what its text needs."""
        super().__init__(key)
        self.field = field
        self.key = key
        self.placeholders = placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What a server says of itself.

    configured_by: "file", "client" (another one) or "". site: what it serves.
    subentries, options: those that ask for that.
    """

    server_id: str
    may_configure: bool
    configured_by: str = ""
    site: SiteConfig = field(default_factory=SiteConfig)
    subentries: tuple[ConfigSubentryData, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def serves(self) -> bool:
        """Return whether it serves anything."""
        return bool(self.site.all_networks)


async def ask_server(
    hass: HomeAssistant, settings: ServerSettings, *, take_over: bool = False
) -> ServerFacts:
    """Return what a server says of itself; raises ServerFaultError.

    take_over: be the one who configures it from now on.
    """
    connection = server_connection(hass, settings, take_over=take_over)
    client = EngineClient(connection)
    try:
        await client.start(None)
        site = await client.site()
        welcome = connection.welcome
        if welcome is None:
            raise ConnectionLostError("No welcome")
        return ServerFacts(
            server_id=welcome.server_id or f"{settings.host}:{settings.port}",
            may_configure=welcome.may_configure,
            configured_by=welcome.configured_by,
            site=site,
            subentries=tuple(site_subentries(site, names_of(client))),
            options=site_options(site),
        )
    except PlantroomError as err:
        raise server_fault(settings, err) from err
    finally:
        await client.stop()


def server_fault(settings: ServerSettings, err: PlantroomError) -> ServerFaultError:
    """Return the form's error for what keeps us from a server."""
    facts = {
        "schema": "?",
        "minimum": "?",
        **err.facts,
        "host": settings.host,
        "port": str(settings.port),
        "message": str(err),
    }
    return ServerFaultError(*_place(settings, err), facts)


def _place(settings: ServerSettings, err: PlantroomError) -> tuple[str, str]:
    """Return the field and the key of the text."""
    match err:
        case AuthenticationError():
            return CONF_TOKEN, "wrong_token"
        case SchemaError() if err.facts.get("side") == "client":
            return "base", "integration_too_old"
        case SchemaError():
            return "base", "server_too_old"
        case CertificateError() if settings.tls is Tls.PINNED:
            return CONF_FINGERPRINT, "wrong_fingerprint"
        case CertificateError():
            return CONF_TLS, "certificate_not_trusted"
        case ServerBusyError():
            return "base", "server_busy"
        case ConnectionLostError():
            return _OBSTACLES.get(obstacle_of(err), ("base", "not_a_server"))
    return "base", "server_engine_fails"
