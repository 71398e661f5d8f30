"""What is asked of the gateway is refused where it cannot work, naming the field."""

import pytest

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    MqttInletConfig,
    StoreKind,
    SubscriptionConfig,
)

TOKEN = "a token of senders"
GOOD_TOKEN = TOKEN.replace(" ", "-")


def mqtt(**changes: object) -> MqttInletConfig:
    given = {"host": "127.0.0.1", "topic": "site/events", "client_id": "plantroom"}
    return MqttInletConfig(**{**given, **changes})


def refused(field: str, make) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert caught.value.facts["field"] == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", ""),
        ("port", 0),
        ("port", 65536),
        ("client_id", ""),
        ("topic", ""),
        ("topic", "site/#/events"),
        ("topic", "site#"),
        ("topic", "a+/b"),
        ("topic", "a\0b"),
        ("topic", "x" * 65536),
    ],
)
def test_a_way_in_by_mqtt_that_cannot_work_names_its_field(field, value):
    refused(field, lambda: mqtt(**{field: value}))


@pytest.mark.parametrize("topic", ["#", "+", "a/+/b", "a/#", "/a"])
def test_topics_are_those_of_any_subscription(topic):
    assert mqtt(topic=topic).topic == topic


def test_a_password_needs_its_user():
    refused("user", lambda: mqtt(password="x"))


def test_certificates_go_with_tls():
    refused("root_certificates", lambda: mqtt(tls=False, root_certificates="PEM"))


@pytest.mark.parametrize("token", ["short", "x" * 15, TOKEN, "ü" * 16])
def test_a_token_that_is_short_or_no_header_takes_is_refused(token):
    refused("http_token", lambda: EventStoreConfig(store_id="s", http_token=token))


@pytest.mark.parametrize(
    ("field", "value"), [("http_token", GOOD_TOKEN), ("mqtt", mqtt())]
)
def test_only_the_embedded_log_has_ways_in(field, value):
    refused(
        field,
        lambda: EventStoreConfig(
            store_id="s",
            kind=StoreKind.KURRENTDB,
            uri="kurrentdb://h",
            **{field: value},
        ),
    )


def test_a_way_in_is_something_to_do_without_a_subscription():
    assert GatewayConfig(stores=(EventStoreConfig(store_id="s"),)).idle
    for given in ({"http_token": GOOD_TOKEN}, {"mqtt": mqtt()}):
        store = EventStoreConfig(store_id="s", **given)
        assert not GatewayConfig(stores=(store,)).idle


def test_a_subscription_is_something_to_do():
    config = GatewayConfig(
        stores=(EventStoreConfig(store_id="s"),),
        subscriptions=(
            SubscriptionConfig(
                subscription_id="a", store_id="s", network_id="n", stream="x"
            ),
        ),
    )
    assert not config.idle


def test_two_servers_do_not_share_a_log_that_senders_fill():
    store = EventStoreConfig(store_id="s", http_token=GOOD_TOKEN)
    refused(
        "standby",
        lambda: GatewayConfig(stores=(store,), redis_url="redis://h", standby=True),
    )


def test_there_is_one_embedded_log():
    stores = tuple(EventStoreConfig(store_id=each) for each in "ab")
    refused("stores", lambda: GatewayConfig(stores=stores))


def test_secrets_are_not_in_what_is_logged():
    store = EventStoreConfig(
        store_id="s", http_token=GOOD_TOKEN, mqtt=mqtt(user="u", password="hidden")
    )
    assert GOOD_TOKEN not in repr(store)
    assert "hidden" not in repr(store)
