"""Adding event stores as a person does, tried by the server, secrets never shown."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.plantroom.engine.errors import UnknownCommandError
from custom_components.plantroom.engine.gateway.configuration import (
    GatewayConfig,
)
from custom_components.plantroom.engine.gateway.models import StoreCheck
from custom_components.plantroom.setup_flow import pem_upload
from custom_components.plantroom.setup_flow.kurrentdb_form import kurrentdb_schema

from .entries import data_of, subentry
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
from .fake_gateway import DATABASE, FILLED, LOG, served
from .flow_steps import Walk, upload

PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


def test_what_a_form_holds_is_seen_by_these_tests() -> None:
    schema = kurrentdb_schema(replace(DATABASE, user="seen"), "name of it")
    shown = shown_in({"data_schema": schema})
    assert "seen" in shown
    assert "name of it" in shown


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
