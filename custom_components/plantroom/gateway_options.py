"""What all event subscriptions share: the recovery cache, and a standby server."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.dialect import Dialect
from mashumaro.exceptions import InvalidFieldValue, MissingField

from .engine.errors import ConfigurationError
from .engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    SubscriptionConfig,
)

OPTION_GATEWAY: Final = "gateway"


class _Brief(Dialect):
    """What is at its default is not kept."""

    omit_default = True


_decode = BasicDecoder(GatewayConfig).decode
_encode = BasicEncoder(GatewayConfig, default_dialect=_Brief).encode


def gateway_config(
    options: Mapping[str, Any],
    stores: Iterable[EventStoreConfig] = (),
    subscriptions: Iterable[SubscriptionConfig] = (),
) -> GatewayConfig:
    """Return the gateway of these stores; raises ConfigurationError."""
    return replace(
        shared_options(options),
        stores=tuple(stores),
        subscriptions=tuple(subscriptions),
    )


def shared_options(options: Mapping[str, Any]) -> GatewayConfig:
    """Return a gateway with what is shared alone; raises ConfigurationError."""
    try:
        return _decode(options.get(OPTION_GATEWAY) or {})
    except MissingField, InvalidFieldValue, ValueError:
        # Their texts show the value, which may have a password in it
        raise ConfigurationError(
            "gateway: cannot be read", field=OPTION_GATEWAY
        ) from None


def gateway_option(gateway: GatewayConfig) -> dict[str, Any] | None:
    """Return what the entry's options keep of a gateway, None where that is nothing."""
    shared = replace(gateway, stores=(), subscriptions=())
    return None if shared == GatewayConfig() else _encode(shared)
