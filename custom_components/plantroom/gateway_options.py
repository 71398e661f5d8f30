"""The gateway of a site that was taken from a server: kept as it is, set elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from .engine.errors import ConfigurationError
from .engine.gateway.configuration import GatewayConfig

OPTION_GATEWAY: Final = "gateway"

_decode = BasicDecoder(GatewayConfig).decode
_encode = BasicEncoder(GatewayConfig).encode


def gateway_config(
    options: Mapping[str, Any], network_ids: Collection[str]
) -> GatewayConfig:
    """Return the gateway for networks that are there; raises ConfigurationError."""
    kept = options.get(OPTION_GATEWAY)
    if kept is None:
        return GatewayConfig()
    try:
        gateway = _decode(kept)
    except MissingField, InvalidFieldValue, ValueError:
        # Their texts show the value, which has passwords in it
        raise ConfigurationError(
            "gateway: cannot be read", field=OPTION_GATEWAY
        ) from None
    return replace(
        gateway,
        subscriptions=tuple(
            each for each in gateway.subscriptions if each.network_id in network_ids
        ),
    )


def gateway_option(gateway: GatewayConfig) -> dict[str, Any] | None:
    """Return what the entry keeps of a gateway, None for one that does nothing."""
    return None if gateway == GatewayConfig() else _encode(gateway)
