"""Adding event subscriptions as a person does, with a store that is there or new."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

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
from custom_components.plantroom.subentries import follow_own_device

from .entries import NETWORK, data_of, plantroom_entry, subentry
from .event_dialogue import (
    BARE,
    KURRENTDB,
    MQTT,
    begin,
    change,
    set_up,
    shown_in,
    site_of,
)
from .fake_engine import World
from .fake_gateway import FILLED, PLANT, served, served_entry
from .flow_steps import Walk, field, labels

OWN_DEVICE = f"device:{NETWORK.network_id}:{NETWORK.instance}"
STREAM = {
    "name": "Plant north",
    "stream_kind": "stream",
    "stream": "plant-north",
    "network_id": NETWORK.network_id,
    "show_objects": True,
    "advanced": {"group": "plantroom", "offset": 0},
}


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


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
    (subscription,) = site_of(world).gateway.subscriptions
    unique_id = f"event_subscription:{subscription.subscription_id}"
    for wanted in (True, False):
        form = await change(hass, entry, unique_id)
        assert field(form, "show_objects")[0].default() is not wanted
        await walk.answer(form, {**STREAM, "show_objects": wanted})
        await hass.async_block_till_done()
        ids = {item.unique_id for item in entry.subentries.values()}
        assert (OWN_DEVICE in ids) is wanted
    assert site_of(world).gateway.subscriptions == (subscription,)


async def test_another_group_is_taken_by_the_running_engine(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    entry = await set_up(hass, FILLED)
    form = await change(hass, entry, "event_subscription:plant")
    answers = {**STREAM, "name": "Plant", "stream": PLANT.stream}
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


async def test_a_server_that_is_away_is_waited_for(
    hass: HomeAssistant, world: World
) -> None:
    entry = await set_up(hass, FILLED)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await begin(hass, entry, "event_store"))["reason"] == "not_loaded"
    found = await change(hass, entry, "event_subscription:plant")
    assert found["reason"] == "not_loaded"


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
