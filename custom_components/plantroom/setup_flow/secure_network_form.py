"""The forms that ask for a BACnet/SC network or hub."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import uuid4

import probatio
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import CONF_INSTANCE
from ..engine.errors import ConfigurationError
from ..engine.secure_connect.configuration import (
    HUB_PORT,
    SecureHubConfig,
    SecureNetworkConfig,
)
from ..engine.site_config import BacnetNetworkConfig
from .network_form import INSTANCE, PORT, NetworkFormError

CONF_CHECK: Final = "check_host_names"
CONF_DIAL: Final = "dial_directly"
CONF_DIRECT_PORT: Final = "direct_port"
CONF_DIRECT_URI: Final = "direct_uri"
CONF_FAILOVER: Final = "failover"
CONF_MAX_NODES: Final = "max_nodes"
CONF_OBJECTS_OF: Final = "objects_of"
CONF_PRIMARY: Final = "primary"
DIRECT_CONNECTIONS: Final = "direct_connections"
DEFAULT_NAME: Final = "BACnet/SC"
DEFAULT_HUB: Final = "BACnet/SC hub"
NOBODY_YET: Final = "to be chosen"
_DIRECT_PORT: Final = NumberSelector(
    NumberSelectorConfig(min=0, max=65535, step=1, mode=NumberSelectorMode.BOX)
)
_NODES: Final = NumberSelector(
    NumberSelectorConfig(min=1, max=10000, step=1, mode=NumberSelectorMode.BOX)
)
_URIS: Final = (CONF_PRIMARY, CONF_FAILOVER, CONF_DIRECT_URI)


def fresh_secure_network() -> SecureNetworkConfig:
    """Return the network that a form proposes, with an id of its own."""
    return SecureNetworkConfig(
        network_id=uuid4().hex[:8],
        name=DEFAULT_NAME,
        primary="wss://hub.example:4443",
        credentials=NOBODY_YET,
    )


def fresh_hub() -> SecureHubConfig:
    """Return the hub that a form proposes, with an id of its own."""
    return SecureHubConfig(
        hub_id=uuid4().hex[:8], name=DEFAULT_HUB, credentials=NOBODY_YET
    )


def secure_network_schema(
    shown: SecureNetworkConfig, others: Iterable[BacnetNetworkConfig], *, new: bool
) -> probatio.Schema:
    """Return the form; new: nobody has said yet which hub there is.

    others: networks whose objects our own device may show on this one as well.
    """
    primary = {} if new else {"suggested_value": shown.primary}
    direct = probatio.Schema(
        {
            probatio.Required(
                CONF_DIAL, default=shown.dial_directly
            ): BooleanSelector(),
            probatio.Required(
                CONF_DIRECT_PORT, default=shown.direct_port
            ): _DIRECT_PORT,
            probatio.Optional(
                CONF_DIRECT_URI, description={"suggested_value": shown.direct_uri}
            ): TextSelector(),
        }
    )
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME, default=shown.name): TextSelector(),
            probatio.Required(CONF_PRIMARY, description=primary): TextSelector(),
            probatio.Optional(
                CONF_FAILOVER, description={"suggested_value": shown.failover}
            ): TextSelector(),
            probatio.Required(
                CONF_CHECK, default=shown.check_host_names
            ): BooleanSelector(),
            probatio.Required(CONF_INSTANCE, default=shown.instance): INSTANCE,
            **_objects_field(shown, others),
            probatio.Required(DIRECT_CONNECTIONS): section(
                direct, {"collapsed": not (shown.dial_directly or shown.direct_port)}
            ),
        }
    )


def secure_network_from_form(
    before: SecureNetworkConfig, answers: dict[str, Any]
) -> SecureNetworkConfig:
    """Return the network asked for, or raise NetworkFormError."""
    direct = answers[DIRECT_CONNECTIONS]
    for field in (CONF_PRIMARY, CONF_FAILOVER):
        if any(letter.isspace() for letter in answers.get(field, "").strip()):
            raise NetworkFormError(field, "bad_uri")
    try:
        return SecureNetworkConfig(
            network_id=before.network_id,
            name=answers[CONF_NAME].strip() or DEFAULT_NAME,
            primary=hub_uri(answers[CONF_PRIMARY]),
            failover=hub_uri(answers.get(CONF_FAILOVER, "")),
            credentials=before.credentials,
            instance=int(answers[CONF_INSTANCE]),
            check_host_names=answers[CONF_CHECK],
            direct_port=int(direct[CONF_DIRECT_PORT]),
            direct_uri=hub_uri(direct.get(CONF_DIRECT_URI, "")),
            dial_directly=direct[CONF_DIAL],
            objects_of=answers.get(CONF_OBJECTS_OF, ""),
        )
    except ConfigurationError as err:
        field = err.facts.get("field", "")
        if field == CONF_FAILOVER and answers.get(CONF_FAILOVER):
            same = answers[CONF_FAILOVER].strip() == answers[CONF_PRIMARY].strip()
            raise NetworkFormError(field, "same_hub" if same else "bad_uri") from err
        place = field if field == CONF_PRIMARY else "base"
        raise NetworkFormError(
            place, "bad_uri" if field in _URIS else "bad_direct"
        ) from err


def _objects_field(
    shown: SecureNetworkConfig, others: Iterable[BacnetNetworkConfig]
) -> dict[Any, SelectSelector]:
    options = [
        SelectOptionDict(value=each.network_id, label=each.name) for each in others
    ]
    if not options:
        return {}
    known = shown.objects_of in {option["value"] for option in options}
    marker = probatio.Optional(
        CONF_OBJECTS_OF,
        description={"suggested_value": shown.objects_of if known else None},
    )
    config = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    return {marker: SelectSelector(config)}


def hub_schema(shown: SecureHubConfig) -> probatio.Schema:
    """Return the form of a hub of our own."""
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME, default=shown.name): TextSelector(),
            probatio.Required(CONF_PORT, default=shown.port): PORT,
            probatio.Optional(
                CONF_HOST, description={"suggested_value": shown.host}
            ): TextSelector(),
            probatio.Required(CONF_MAX_NODES, default=shown.max_nodes): _NODES,
        }
    )


def hub_from_form(before: SecureHubConfig, answers: dict[str, Any]) -> SecureHubConfig:
    """Return the hub asked for."""
    return SecureHubConfig(
        hub_id=before.hub_id,
        name=answers[CONF_NAME].strip() or DEFAULT_HUB,
        credentials=before.credentials,
        host=answers.get(CONF_HOST, "").strip(),
        port=int(answers[CONF_PORT]),
        max_nodes=int(answers[CONF_MAX_NODES]),
    )


def hub_uri(text: str) -> str:
    """Return a URI as it was meant: wss:// and the port may be left out."""
    uri = text.strip()
    if not uri:
        return ""
    if "://" not in uri:
        uri = f"wss://{uri}"
    scheme, _, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    if ":" not in host.rpartition("]")[2]:
        host = f"{host}:{HUB_PORT}"
    return f"{scheme}://{host}{slash}{path}"
