"""Adding event stores and subscriptions as a person does, tried by the server."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section

from custom_components.plantroom.engine.errors import UnknownCommandError
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    StoreKind,
    StreamKind,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.gateway.models import StoreCheck
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureConnectConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.setup_flow import pem_upload
from custom_components.plantroom.setup_flow.kurrentdb_form import kurrentdb_schema
from custom_components.plantroom.subentries import follow_own_device

from .entries import NETWORK, data_of, plantroom_entry, subentry
from .fake_engine import World
from .fake_gateway import DATABASE, FILLED, LOG, PLANT, served, served_entry
from .flow_steps import Walk, field, labels, upload

BARE = SiteConfig(networks=(NETWORK,))
OWN_DEVICE = f"device:{NETWORK.network_id}:{NETWORK.instance}"
STREAM = {
    "name": "Plant north",
    "stream_kind": "stream",
    "stream": "plant-north",
    "network_id": NETWORK.network_id,
    "show_objects": True,
    "advanced": {"group": "plantroom", "offset": 0},
}
KURRENTDB = {
    "name": "Plant DB",
    "uri": "kurrentdb://db.local:2113",
    "user": "gateway",
    "password": "secret",
    "certificates": {},
}
MQTT = {
    "http": False,
    "mqtt": True,
    "host": "broker.local",
    "port": 8883,
    "topic": "plant/+/events",
    "user": "gateway",
    "password": "secret",
    "tls": True,
}
PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


async def set_up(hass: HomeAssistant, site: SiteConfig = BARE, **facts: Any) -> Any:
    entry = served_entry(hass, site, **facts)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def begin(hass: HomeAssistant, entry: Any, kind: str) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": SOURCE_USER}
    )


async def change(hass: HomeAssistant, entry: Any, unique_id: str) -> Any:
    item = subentry(entry, unique_id)
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, item.subentry_type),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": item.subentry_id},
    )


def site_of(world: World) -> SiteConfig:
    return world.running[0].site


def shown_in(form: Any) -> str:
    """Return all that a form's fields hold before a person fills them."""
    found = []
    for marker, selector in form["data_schema"].schema.items():
        default = getattr(marker, "default", None)
        found += [marker.description, default() if callable(default) else None]
        if isinstance(selector, section):
            found.append(shown_in({"data_schema": selector.schema}))
    return str([found, form.get("description_placeholders")])


def test_what_a_form_holds_is_seen_by_these_tests() -> None:
    schema = kurrentdb_schema(replace(DATABASE, user="seen"), "name of it")
    shown = shown_in({"data_schema": schema})
    assert "seen" in shown
    assert "name of it" in shown


async def test_events_of_the_own_log_become_objects_with_entities(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass)
    form = await begin(hass, entry, "event_subscription")
    assert labels(form, "store") == ["own_log", "kurrentdb"]
    form = await walk.answer(form, {"store": "own_log"})
    refused = await walk.answer(form, {"http": False, "mqtt": False})
    assert refused["errors"] == {"base": "needs_inlet"}
    form = await walk.answer(refused, MQTT)
    assert form["step_id"] == "stream"
    done = await walk.answer(form, STREAM)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    gateway = site_of(world).gateway
    (store,), (subscription,) = gateway.stores, gateway.subscriptions
    assert store == EventStoreConfig(store_id=store.store_id, mqtt=store.mqtt)
    assert subscription == SubscriptionConfig(
        subscription_id=subscription.subscription_id,
        store_id=store.store_id,
        network_id=NETWORK.network_id,
        stream="plant-north",
    )
    assert subentry(entry, OWN_DEVICE).title == "Plantroom Building"
    titles = {item.title for item in entry.subentries.values()}
    assert {"Plant north", "Event log"} <= titles


async def test_a_token_of_senders_is_shown_once(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass)
    menu = await begin(hass, entry, "event_store")
    assert menu["menu_options"] == ["own_log", "kurrentdb"]
    form = await walk.choose(menu, "own_log")
    shown = await walk.answer(form, {"http": True, "mqtt": False})
    assert shown["step_id"] == "token"
    assert shown["description_placeholders"]["url"] == "http://server.local:8740/events"
    token = shown["description_placeholders"]["token"]
    assert len(token) >= 43
    await walk.answer(shown, {})
    await hass.async_block_till_done()
    (store,) = site_of(world).gateway.stores
    assert store.http_token == token

    unique_id = f"event_store:{store.store_id}"
    form = await change(hass, entry, unique_id)
    assert token not in shown_in(form)
    done = await walk.answer(form, {"http": True, "renew": False, "mqtt": False})
    assert done["reason"] == "reconfigure_successful"
    assert data_of(entry, unique_id)["http_token"] == token

    form = await change(hass, entry, unique_id)
    shown = await walk.answer(form, {"http": True, "renew": True, "mqtt": False})
    renewed = shown["description_placeholders"]["token"]
    assert renewed != token
    await walk.answer(shown, {})
    assert data_of(entry, unique_id)["http_token"] == renewed


async def test_events_come_in_by_mqtt_too(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass, replace(BARE, gateway=GatewayConfig(stores=(LOG,))))
    form = await change(hass, entry, "event_store:log")
    refused = await walk.answer(form, {**MQTT, "topic": "plant/#/events"})
    assert refused["errors"] == {"topic": "bad_topic"}
    assert "secret" not in shown_in(refused)
    await walk.answer(refused, MQTT)
    await hass.async_block_till_done()
    (store,) = site_of(world).gateway.stores
    assert store.mqtt is not None
    assert (store.mqtt.host, store.mqtt.topic) == ("broker.local", "plant/+/events")
    assert (store.mqtt.user, store.mqtt.password) == ("gateway", "secret")

    before = store.mqtt
    form = await change(hass, entry, "event_store:log")
    assert "secret" not in shown_in(form)
    without = {key: value for key, value in MQTT.items() if key != "password"}
    await walk.answer(form, {**without, "port": 8884})
    await hass.async_block_till_done()
    (store,) = site_of(world).gateway.stores
    assert store.mqtt == replace(before, port=8884)


async def test_a_kurrentdb_is_tried_before_it_is_kept(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass)
    world.gateway.verdict = StoreCheck(
        works=False, field="password", detail="password is not accepted by KurrentDB"
    )
    form = await begin(hass, entry, "event_subscription")
    form = await walk.answer(form, {"store": "kurrentdb"})
    refused = await walk.answer(form, {**KURRENTDB, "password": "wrong"})
    assert refused["errors"] == {"password": "store_refused"}
    detail = refused["description_placeholders"]["detail"]
    assert detail == "password is not accepted by KurrentDB"
    assert "wrong" not in shown_in(refused)
    assert field(refused, "uri")[0].description["suggested_value"] == KURRENTDB["uri"]

    world.gateway.verdict = StoreCheck(works=True)
    form = await walk.answer(refused, KURRENTDB)
    assert form["step_id"] == "stream"
    answers = {**STREAM, "stream_kind": "all", "event_types": ["ValueUpdate", " "]}
    del answers["stream"]
    refused = await walk.answer(form, answers)
    assert refused["errors"] == {"command_stream": "bad_command_stream"}
    await walk.answer(refused, {**answers, "command_stream": "commands"})
    await hass.async_block_till_done()
    gateway = site_of(world).gateway
    (store,), (subscription,) = gateway.stores, gateway.subscriptions
    assert store == world.gateway.checked[-1]
    assert (store.kind, store.password) == (StoreKind.KURRENTDB, "secret")
    assert subscription.stream_kind is StreamKind.ALL
    assert subscription.event_types == ("ValueUpdate",)
    assert subscription.commands_to == "commands"


async def test_a_kurrentdb_that_is_down_today_is_kept_when_a_person_insists(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass)
    world.gateway.verdict = StoreCheck(works=False, detail="KurrentDB does not answer")
    menu = await begin(hass, entry, "event_store")
    form = await walk.choose(menu, "kurrentdb")
    refused = await walk.answer(form, KURRENTDB)
    assert refused["errors"] == {"base": "store_silent"}
    other = await walk.answer(refused, {**KURRENTDB, "uri": "kurrentdb://other"})
    assert other["errors"] == {"base": "store_silent"}
    done = await walk.answer(other, {**KURRENTDB, "uri": "kurrentdb://other"})
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_a_server_of_before_cannot_try_a_store_and_takes_it(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass)
    world.failures["check_event_store"] = UnknownCommandError(
        "There is no command check_event_store", command="check_event_store"
    )
    menu = await begin(hass, entry, "event_store")
    form = await walk.choose(menu, "kurrentdb")
    done = await walk.answer(form, KURRENTDB)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_what_is_secret_stays_when_nothing_else_is_given(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass, FILLED)
    form = await change(hass, entry, "event_store:db")
    assert DATABASE.password not in shown_in(form)
    same = {"name": "DB", "uri": "kurrentdb://new", "user": "gateway"}
    done = await walk.answer(form, {**same, "certificates": {}})
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    changed = replace(DATABASE, uri="kurrentdb://new")
    assert site_of(world).gateway.stores == (LOG, changed)
    assert subentry(entry, "event_store:db").title == "DB"
    assert len(world.connections) == 1

    form = await change(hass, entry, "event_store:db")
    other = {"name": "DB", "uri": "kurrentdb://new", "user": "other"}
    await walk.answer(form, {**other, "certificates": {}})
    await hass.async_block_till_done()
    assert site_of(world).gateway.stores[1].password == ""


async def test_certificates_are_uploaded_kept_and_forgotten(
    hass: HomeAssistant, world: World, walk: Walk, hass_client: Any
) -> None:
    entry = await set_up(hass, FILLED)
    answers = {"name": "DB", "uri": DATABASE.uri, "user": "gateway"}
    form = await change(hass, entry, "event_store:db")
    noise = await upload(hass, hass_client, "no certificate")
    refused = await walk.answer(
        form, {**answers, "certificates": {"root_certificates": noise}}
    )
    assert refused["errors"] == {"base": "bad_pem"}
    alone = await upload(hass, hass_client, PEM)
    refused = await walk.answer(
        refused, {**answers, "certificates": {"client_certificate": alone}}
    )
    assert refused["errors"] == {"base": "bad_client_key"}
    key = await upload(hass, hass_client, PEM)
    await walk.answer(refused, {**answers, "certificates": {"client_key": key}})
    await hass.async_block_till_done()
    store = site_of(world).gateway.stores[1]
    assert (store.client_certificate, store.client_key) == (PEM, PEM)

    form = await change(hass, entry, "event_store:db")
    assert PEM not in shown_in(form)
    forget = {"forget_certificates": True}
    await walk.answer(form, {**answers, "certificates": forget})
    await hass.async_block_till_done()
    assert site_of(world).gateway.stores[1] == DATABASE


async def test_a_file_too_long_for_a_certificate_is_refused(
    hass: HomeAssistant, world: World, walk: Walk, hass_client: Any
) -> None:
    entry = await set_up(hass, FILLED)
    form = await change(hass, entry, "event_store:db")
    long = await upload(hass, hass_client, PEM + "A" * pem_upload.LONGEST_PEM)
    answers = {"name": "DB", "uri": DATABASE.uri, "user": "gateway"}
    refused = await walk.answer(
        form, {**answers, "certificates": {"root_certificates": long}}
    )
    assert refused["errors"] == {"base": "bad_pem"}


async def test_several_subscriptions_share_a_store_with_groups_of_their_own(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass, FILLED)
    form = await begin(hass, entry, "event_subscription")
    assert labels(form, "store") == [
        "Event log",
        "KurrentDB db.local:2113",
        "kurrentdb",
    ]
    form = await walk.answer(form, {"store": "log"})
    same = {**STREAM, "stream": PLANT.stream}
    refused = await walk.answer(form, same)
    assert refused["errors"] == {"base": "taken_group"}
    advanced = {"group": "second", "offset": 1000}
    await walk.answer(refused, {**same, "advanced": advanced})
    await hass.async_block_till_done()
    gateway = site_of(world).gateway
    assert len(gateway.stores) == 2
    assert [each.group for each in gateway.subscriptions] == ["plantroom", "second"]
    assert gateway.subscriptions[1].offset == 1000


async def test_objects_are_shown_only_where_somebody_wants_them(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass)
    form = await begin(hass, entry, "event_subscription")
    form = await walk.answer(form, {"store": "own_log"})
    form = await walk.answer(form, MQTT)
    await walk.answer(form, {**STREAM, "show_objects": False})
    await hass.async_block_till_done()
    assert site_of(world).devices == ()


async def test_another_group_is_taken_by_the_running_engine(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass, FILLED)
    form = await change(hass, entry, "event_subscription:plant")
    answers = {**STREAM, "name": "Plant", "stream": PLANT.stream}
    del answers["show_objects"]
    advanced = {"group": "other", "offset": 0}
    done = await walk.answer(form, {**answers, "advanced": advanced})
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert site_of(world).gateway.subscriptions == (replace(PLANT, group="other"),)
    assert len(world.connections) == 1


async def test_other_events_are_another_subscription_of_the_same_device(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass, FILLED)
    before = subentry(entry, "event_subscription:plant").subentry_id
    form = await change(hass, entry, "event_subscription:plant")
    answers = {**STREAM, "name": "Plant", "stream": "plant-south"}
    del answers["show_objects"]
    await walk.answer(form, answers)
    await hass.async_block_till_done()
    (after,) = site_of(world).gateway.subscriptions
    assert after.stream == "plant-south"
    assert after.subscription_id != PLANT.subscription_id
    kept = subentry(entry, f"event_subscription:{after.subscription_id}")
    assert kept.subentry_id == before
    assert OWN_DEVICE in {item.unique_id for item in entry.subentries.values()}


async def test_objects_are_of_any_network_that_has_its_own(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    alone = SecureNetworkConfig(
        network_id="sc1", name="Campus", primary="wss://hub.local", credentials="c"
    )
    shared = replace(
        alone, network_id="sc2", name="Annex", objects_of=NETWORK.network_id
    )
    secure = SecureConnectConfig(networks=(alone, shared))
    entry = await set_up(hass, replace(BARE, secure_connect=secure))
    form = await begin(hass, entry, "event_subscription")
    form = await walk.answer(form, {"store": "own_log"})
    form = await walk.answer(form, MQTT)
    assert labels(form, "network_id") == ["Building (4194000)", "Campus (4194000)"]
    await walk.answer(form, {**STREAM, "network_id": "sc1"})
    await hass.async_block_till_done()
    assert "device:sc1:4194000" in {i.unique_id for i in entry.subentries.values()}
    assert site_of(world).gateway.subscriptions[0].network_id == "sc1"


async def test_our_own_device_is_shown_under_the_instance_that_it_gets(
    hass: HomeAssistant, world: World
) -> None:
    entry = await set_up(hass, FILLED)
    item = subentry(entry, OWN_DEVICE)
    data = {**item.data, "priority": 10}
    hass.config_entries.async_update_subentry(entry, item, data=data)
    follow_own_device(hass, entry, replace(NETWORK, name="Other name"))
    assert subentry(entry, OWN_DEVICE).subentry_id == item.subentry_id
    follow_own_device(hass, entry, replace(NETWORK, instance=4))
    ids = {each.unique_id for each in entry.subentries.values()}
    assert OWN_DEVICE not in ids
    moved = data_of(entry, f"device:{NETWORK.network_id}:4")
    assert moved == {**data, "instance": 4}


async def test_without_a_network_there_is_no_device_to_fill(
    hass: HomeAssistant, world: World
) -> None:
    entry = await set_up(hass, SiteConfig())
    form = await begin(hass, entry, "event_subscription")
    assert form["reason"] == "no_networks"


async def test_an_engine_in_home_assistant_offers_no_events(
    hass: HomeAssistant, world: World
) -> None:
    entry = plantroom_entry(hass)
    assert not {"event_store", "event_subscription"} & {*entry.supported_subentry_types}


async def test_what_waits_for_a_server_says_so(
    hass: HomeAssistant, world: World
) -> None:
    entry = served_entry(hass, FILLED)
    hass.config_entries.async_update_entry(
        entry, data={"connection": "direct"}, unique_id="direct"
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    for unique_id in ("event_subscription:plant", "event_store:log"):
        assert (await change(hass, entry, unique_id))["reason"] == "needs_server"
    assert site_of(world).gateway == GatewayConfig()


async def test_a_followed_server_is_changed_elsewhere(
    hass: HomeAssistant, world: World
) -> None:
    entry = served_entry(hass, FILLED, follows=True)
    for kind in ("event_store", "event_subscription"):
        assert (await begin(hass, entry, kind))["reason"] == "read_only"
