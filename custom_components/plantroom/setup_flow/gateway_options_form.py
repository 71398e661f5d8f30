"""The form of what all event subscriptions share: the recovery cache, a standby."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

import probatio
from homeassistant.data_entry_flow import Optional
from homeassistant.helpers.field_visibility import FieldCondition
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..engine.gateway.configuration import EventStoreConfig, GatewayConfig
from .kurrentdb_form import PASSWORD
from .network_form import NetworkFormError

CONF_CACHE: Final = "cache"
CONF_REDIS_URL: Final = "redis_url"
CONF_STANDBY: Final = "standby"
OF_SERVER: Final = "of_server"
REDIS: Final = "redis"
SCHEMES: Final = ("redis://", "rediss://", "unix://")
_HAS_REDIS: Final[FieldCondition] = {"field": CONF_CACHE, "value": REDIS}
_CACHES: Final = SelectSelector(
    SelectSelectorConfig(
        options=[OF_SERVER, REDIS],
        translation_key="recovery_cache",
        mode=SelectSelectorMode.LIST,
    )
)


def gateway_options_schema(shown: GatewayConfig) -> probatio.Schema:
    """Return the form, filled but for the URL, which may hold a password."""
    cache = REDIS if shown.redis_url else OF_SERVER
    return probatio.Schema(
        {
            probatio.Required(CONF_CACHE, default=cache): _CACHES,
            Optional(CONF_REDIS_URL, visible=_HAS_REDIS): PASSWORD,
            Optional(
                CONF_STANDBY, default=shown.standby, visible=_HAS_REDIS
            ): BooleanSelector(),
        }
    )


def gateway_from_form(
    before: GatewayConfig,
    answers: Mapping[str, Any],
    stores: Collection[EventStoreConfig],
) -> GatewayConfig:
    """Return the options asked for; raises NetworkFormError."""
    if answers[CONF_CACHE] == OF_SERVER:
        return replace(before, redis_url="", standby=False)
    url = answers.get(CONF_REDIS_URL, "").strip() or before.redis_url
    if not url.startswith(SCHEMES):
        raise NetworkFormError(CONF_REDIS_URL, "bad_redis_url")
    standby = answers.get(CONF_STANDBY, False)
    if standby and any(store.has_inlet for store in stores):
        raise NetworkFormError(CONF_STANDBY, "inlet_with_standby")
    return replace(before, redis_url=url, standby=standby)
