"""Event stores and subscriptions as subentries, and back."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from .const import CONNECTION, SERVER, SUBENTRY_STORE, SUBENTRY_SUBSCRIPTION
from .engine.errors import ConfigurationError
from .engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    StoreKind,
    SubscriptionConfig,
)

OWN_LOG: Final = "Event log"
EVERYTHING: Final = "$all"


_decode_store: Final = BasicDecoder(EventStoreConfig).decode
_encode_store: Final = BasicEncoder(EventStoreConfig).encode
_decode_subscription: Final = BasicDecoder(SubscriptionConfig).decode
_encode_subscription: Final = BasicEncoder(SubscriptionConfig).encode


def event_store(data: Mapping[str, Any]) -> EventStoreConfig:
    """Return the store that a subentry's data describe; raises ConfigurationError."""
    try:
        return _decode_store(dict(data))
    except MissingField, InvalidFieldValue, ValueError:
        # Their texts show the value, which may be a password
        raise ConfigurationError(
            "gateway: an event store cannot be read", field="gateway"
        ) from None


def event_store_data(store: EventStoreConfig) -> dict[str, Any]:
    """Return plain data that event_store takes."""
    data: dict[str, Any] = _encode_store(store)
    return data


def event_store_subentry(
    store: EventStoreConfig, title: str = ""
) -> ConfigSubentryData:
    """Return the subentry of a store; without a title it is called by its host."""
    return ConfigSubentryData(
        data=event_store_data(store),
        subentry_type=SUBENTRY_STORE,
        title=title or event_store_title(store),
        unique_id=event_store_unique_id(store.store_id),
    )


def event_store_title(store: EventStoreConfig) -> str:
    """Return what a store is called that nobody named."""
    if store.kind is StoreKind.EMBEDDED:
        return OWN_LOG
    return f"KurrentDB {urlsplit(store.uri).netloc}"


def event_store_unique_id(store_id: str) -> str:
    """Return the unique id of a store's subentry."""
    return f"event_store:{store_id}"


def subscription(data: Mapping[str, Any]) -> SubscriptionConfig:
    """Return the subscription that a subentry's data describe."""
    return _decode_subscription(dict(data))


def subscription_data(config: SubscriptionConfig) -> dict[str, Any]:
    """Return plain data that subscription takes."""
    data: dict[str, Any] = _encode_subscription(config)
    return data


def subscription_subentry(
    config: SubscriptionConfig, title: str = ""
) -> ConfigSubentryData:
    """Return the subentry of a subscription; without a title it has its stream's."""
    return ConfigSubentryData(
        data=subscription_data(config),
        subentry_type=SUBENTRY_SUBSCRIPTION,
        title=title or config.stream or EVERYTHING,
        unique_id=subscription_unique_id(config.subscription_id),
    )


def subscription_unique_id(subscription_id: str) -> str:
    """Return the unique id of a subscription's subentry."""
    return f"event_subscription:{subscription_id}"


def gateway_subentries(
    gateway: GatewayConfig, names: Mapping[str, str]
) -> list[ConfigSubentryData]:
    """Return the subentries that ask for a gateway; names: known ones, by id."""
    return [
        *(event_store_subentry(store) for store in gateway.stores),
        *(
            subscription_subentry(each, names.get(each.subscription_id, ""))
            for each in gateway.subscriptions
        ),
    ]


def has_gateway(entry: ConfigEntry) -> bool:
    """Return whether events are of use: the engine is a server's, or once was."""
    return entry.data[CONNECTION] == SERVER or any(
        item.subentry_type in {SUBENTRY_STORE, SUBENTRY_SUBSCRIPTION}
        for item in entry.subentries.values()
    )


def event_stores_of(entry: ConfigEntry) -> list[tuple[str, EventStoreConfig]]:
    """Return the stores configured, each with the name that people know it by."""
    return [
        (item.title, event_store(item.data))
        for item in entry.get_subentries_of_type(SUBENTRY_STORE)
    ]


def subscriptions_of(entry: ConfigEntry) -> list[SubscriptionConfig]:
    """Return the subscriptions configured."""
    return [
        subscription(item.data)
        for item in entry.get_subentries_of_type(SUBENTRY_SUBSCRIPTION)
    ]


def networks_with_events(subscriptions: Iterable[Mapping[str, Any]]) -> Collection[str]:
    """Return the networks whose own device events fill; takes subentries' data."""
    return {data["network_id"] for data in subscriptions}
