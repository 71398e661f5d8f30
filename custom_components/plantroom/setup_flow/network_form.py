"""The form that asks for a BACnet/IP network."""

from ipaddress import IPv4Address, IPv4Interface
from typing import Any
from uuid import uuid4

import probatio
from homeassistant.const import CONF_ADDRESS, CONF_NAME, CONF_PORT
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import CONF_BBMD, CONF_BBMD_TTL, CONF_INSTANCE
from ..engine.bacnet.wire.addresses import BacnetAddress
from ..engine.site_config import MAX_INSTANCE, BacnetNetworkConfig
from .interfaces import Interface

ACROSS_SUBNETS = "across_subnets"
DEFAULT_NAME = "BACnet/IP"

PORT = NumberSelector(
    NumberSelectorConfig(min=1, max=65535, step=1, mode=NumberSelectorMode.BOX)
)
INSTANCE = NumberSelector(
    NumberSelectorConfig(min=0, max=MAX_INSTANCE, step=1, mode=NumberSelectorMode.BOX)
)
SECONDS_TO_LIVE = NumberSelector(
    NumberSelectorConfig(
        min=15,
        max=65535,
        step=1,
        mode=NumberSelectorMode.BOX,
        unit_of_measurement="s",
    )
)


class NetworkFormError(Exception):
    """An input that cannot be right: the form's field, and the key of its error."""

    def __init__(self, field: str, key: str) -> None:
        """Keep where the error belongs."""
        super().__init__(key)
        self.field = field
        self.key = key


def fresh_network(address: str) -> BacnetNetworkConfig:
    """Return the network that a form proposes, with an id of its own."""
    return BacnetNetworkConfig(
        network_id=uuid4().hex[:8], name=DEFAULT_NAME, address=address
    )


def network_schema(
    interfaces: list[Interface], shown: BacnetNetworkConfig
) -> probatio.Schema:
    """Return the form, filled with the network that is shown."""
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME, default=shown.name): TextSelector(),
            probatio.Required(CONF_ADDRESS, default=shown.address): _interface_selector(
                interfaces
            ),
            probatio.Required(CONF_PORT, default=shown.port): PORT,
            probatio.Required(CONF_INSTANCE, default=shown.instance): INSTANCE,
            probatio.Required(ACROSS_SUBNETS): section(
                probatio.Schema(
                    {
                        probatio.Optional(
                            CONF_BBMD,
                            description={"suggested_value": shown.bbmd},
                        ): TextSelector(),
                        probatio.Required(
                            CONF_BBMD_TTL, default=shown.bbmd_ttl
                        ): SECONDS_TO_LIVE,
                    }
                ),
                {"collapsed": not shown.bbmd},
            ),
        }
    )


def network_from_form(network_id: str, answers: dict[str, Any]) -> BacnetNetworkConfig:
    """Return the network asked for, or raise NetworkFormError."""
    across = answers[ACROSS_SUBNETS]
    return BacnetNetworkConfig(
        network_id=network_id,
        name=answers[CONF_NAME].strip() or DEFAULT_NAME,
        address=_interface_address(answers[CONF_ADDRESS]),
        port=int(answers[CONF_PORT]),
        instance=int(answers[CONF_INSTANCE]),
        bbmd=_bbmd_address(across.get(CONF_BBMD, "")),
        bbmd_ttl=int(across[CONF_BBMD_TTL]),
    )


def host_of(network: BacnetNetworkConfig) -> IPv4Address:
    """Return the network's own IP address."""
    return IPv4Interface(network.address).ip


def _interface_selector(interfaces: list[Interface]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(
                    value=interface.address,
                    label=f"{interface.name} — {interface.address}",
                )
                for interface in interfaces
            ],
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _interface_address(text: str) -> str:
    if "/" not in text:
        raise NetworkFormError(CONF_ADDRESS, "bad_interface")
    try:
        return str(IPv4Interface(text.strip()))
    except ValueError as err:
        raise NetworkFormError(CONF_ADDRESS, "bad_interface") from err


def _bbmd_address(text: str) -> str:
    """Return the text as it was typed: without a port it means the network's own."""
    address = text.strip()
    try:
        behind_router = bool(address) and BacnetAddress.parse(address).router
    except ValueError as err:
        raise NetworkFormError("base", "bad_bbmd") from err
    if behind_router:
        raise NetworkFormError("base", "bad_bbmd")
    return address
