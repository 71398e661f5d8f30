"""Events of a real server as entities: they come, go, and are commanded back."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.plantroom import deleted_objects
from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.gateway.models import SubscriptionState
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.peers.kurrentdb.access import OPS, User
from tests.peers.kurrentdb.server import KurrentServer
from tests.ports import free_port
from tests.server.event_source.kurrentdb_certificates import made
from tests.site import network_config, until

from .fake_gateway import subscription_entity
from .flow_steps import Walk, upload
from .office import entity_id_of
from .server_entries import server_entry
from .server_process import ServerProcess, server_process

STREAM = "plant-north"
OWN = "n:4194000"
SUPPLY, VALVE, FAN = (
    f"{OWN}:{reference}"
    for reference in ("analog-input,1", "analog-output,2", "binary-output,3")
)
WAIT_SECONDS = 60


@pytest.fixture
async def server(
    socket_enabled: None, tmp_path: Path, hass: HomeAssistant
) -> AsyncIterator[ServerProcess]:
    """Run a server that serves nothing yet."""
    async with server_process(tmp_path / "server") as started:
        yield started


@pytest.fixture
async def entry(hass: HomeAssistant, server: ServerProcess) -> AsyncIterator[Any]:
    """Set up a BACnet network on the server."""
    site = SiteConfig(networks=(network_config(free_port()),))
    made = await server_entry(hass, server, site)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    yield made
    await hass.config_entries.async_unload(made.entry_id)


class Sender:
    """Posts events as a program of somebody else does."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    async def send(self, event_type: str, **payload: Any) -> None:
        """Post one event, which is kept when this returns."""
        data = {
            "messageType": event_type,
            "timestamp": datetime.now(UTC).isoformat(),
            "sourceId": "plc",
            "payload": payload,
        }
        event = {"stream": STREAM, "data": data}
        async with (
            ClientSession() as session,
            session.post(self._url, json=event, headers=self._headers) as answer,
        ):
            assert answer.status < 300, await answer.text()


def stream_answers(**answers: Any) -> dict[str, Any]:
    plain = {
        "name": "North",
        "stream_kind": "stream",
        "stream": STREAM,
        "network_id": "n",
        "show_objects": True,
        "advanced": {"group": "plantroom", "offset": 0},
    }
    return plain | answers


async def begin(hass: HomeAssistant, entry: Any) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "event_subscription"), context={"source": SOURCE_USER}
    )


def shown(hass: HomeAssistant, unique_id: str) -> str:
    """Return an entity's state, "" while there is no such entity."""
    for item in er.async_get(hass).entities.values():
        if item.unique_id == unique_id:
            state = hass.states.get(item.entity_id)
            return "" if state is None else state.state
    return ""


def told(hass: HomeAssistant, key: str) -> str:
    """Return what an entity of the subscription says."""
    state = hass.states.get(subscription_entity(hass, key))
    return "" if state is None else state.state


def commands(server: ServerProcess) -> list[dict[str, Any]]:
    """Return what was commanded, as the server's log has it."""
    with closing(sqlite3.connect(server.folder / "events.db")) as database:
        rows = database.execute(
            "SELECT data FROM event WHERE stream = ? ORDER BY position",
            (f"{STREAM}-commands",),
        ).fetchall()
    return [json.loads(data) for (data,) in rows]


async def add_own_log(hass: HomeAssistant, entry: Any, walk: Walk) -> Sender:
    """Have events come into the server's own log over HTTP, and be objects."""
    form = await walk.answer(await begin(hass, entry), {"store": "own_log"})
    token = await walk.answer(form, {"http": True, "mqtt": False})
    facts = token["description_placeholders"]
    form = await walk.answer(token, {})
    done = await walk.answer(form, stream_answers())
    assert done["type"] == "create_entry"
    await hass.async_block_till_done()
    await until(lambda: state_of(entry) is SubscriptionState.RUNNING, WAIT_SECONDS)
    return Sender(facts["url"], facts["token"])


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look soon whether objects are gone."""
    monkeypatch.setattr(f"{deleted_objects.__name__}.LOOK_SECONDS", 0.5)


async def test_objects_come_are_commanded_and_go_as_entities(
    hass: HomeAssistant, server: ServerProcess, entry: Any, walk: Walk
) -> None:
    sender = await add_own_log(hass, entry, walk)
    for kind, instance, name in (
        ("analog-input", 1, "Supply"),
        ("analog-output", 2, "Valve"),
        ("binary-output", 3, "Fan"),
    ):
        await sender.send(
            "ObjectDefinition",
            objectType=kind,
            objectInstance=instance,
            objectName=name,
            presentValueType="boolean" if kind == "binary-output" else "real",
            initialValue=0,
        )
    await sender.send(
        "ValueUpdate", objectType="analog-input", objectInstance=1, presentValue=21.5
    )
    await until(lambda: shown(hass, SUPPLY) == "21.5", WAIT_SECONDS)
    await until(lambda: shown(hass, FAN) == "off", WAIT_SECONDS)
    assert entity_id_of(hass, VALVE).startswith("number.")

    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": entity_id_of(hass, VALVE), "value": 40},
        blocking=True,
    )
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": entity_id_of(hass, FAN)}, blocking=True
    )
    await until(lambda: len(commands(server)) == 2, WAIT_SECONDS)
    assert [
        (each["objectType"], each["objectInstance"], each["presentValue"])
        for each in commands(server)
    ] == [("analog-output", 2, 40.0), ("binary-output", 3, True)]
    assert {each["priority"] for each in commands(server)} == {8}
    await until(lambda: float(shown(hass, VALVE)) == 40.0, WAIT_SECONDS)
    await until(lambda: shown(hass, FAN) == "on", WAIT_SECONDS)

    await sender.send("ObjectDelete", objectType="analog-input", objectInstance=1)
    await until(
        lambda: not er.async_get(hass).async_get_entity_id("sensor", DOMAIN, SUPPLY),
        WAIT_SECONDS,
    )
    assert shown(hass, VALVE) == "40.0"

    await sender.send(
        "ValueUpdate", objectType="analog-input", objectInstance=9, presentValue=1
    )
    await until(lambda: told(hass, "parked_events") == "1", WAIT_SECONDS)
    assert told(hass, "served_objects") == "2"
    (event,) = await entry.runtime_data.client.parked_events(
        next(iter(entry.runtime_data.client.mirror.subscriptions))
    )
    assert event.reason == "unknown-object: no analog-input,9"

    await server.stop()
    await until(lambda: shown(hass, VALVE) == "unavailable", WAIT_SECONDS)
    await server.start()
    await until(lambda: shown(hass, VALVE) == "40.0", WAIT_SECONDS)
    assert not er.async_get(hass).async_get_entity_id("sensor", DOMAIN, SUPPLY)


async def test_a_wrong_password_is_said_at_its_field_and_mended_by_a_repair(
    hass: HomeAssistant,
    entry: Any,
    walk: Walk,
    tmp_path: Path,
    hass_client: Any,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    authority, tls = made(tmp_path / "tls")
    users = {"gateway": User(password="right", groups=(OPS,))}
    with KurrentServer(tmp_path / "data", tls=tls, users=users) as database:
        form = await walk.answer(await begin(hass, entry), {"store": "kurrentdb"})
        answers = {"name": "DB", "uri": database.uri, "user": "gateway"}
        wrong = {**answers, "password": "wrong", "certificates": {}}
        refused = await walk.answer(form, wrong)
        assert refused["errors"] == {"base": "store_refused"}
        detail = refused["description_placeholders"]["detail"]
        assert detail.startswith("root_certificates are missing")
        given = {"root_certificates": await upload(hass, hass_client, authority)}
        refused = await walk.answer(refused, {**wrong, "certificates": given})
        assert refused["errors"] == {"password": "store_refused"}
        right = {**answers, "password": "right", "certificates": {}}
        form = await walk.answer(refused, right)
        assert form["step_id"] == "stream"
        await walk.answer(form, stream_answers())
        await hass.async_block_till_done()
        await until(lambda: state_of(entry) is SubscriptionState.RUNNING, WAIT_SECONDS)

        store = next(item for item in entry.subentries.values() if item.title == "DB")
        hass.config_entries.async_update_subentry(
            entry, store, data={**store.data, "password": "of last year"}
        )
        await until(lambda: stopped(hass), WAIT_SECONDS)
        issue = stopped(hass)
        assert issue.translation_placeholders["detail"] == (
            "password or user is not accepted by KurrentDB"
        )
        repairs = hass.data["repairs"]["flow_manager"]
        menu = await repairs.async_init(DOMAIN, data={"issue_id": issue.issue_id})
        opened = await repairs.async_configure(
            menu["flow_id"], {"next_step_id": "change_store"}
        )
        done = await walk.answer({"flow_id": opened["next_flow"][1]}, right)
        assert done["reason"] == "reconfigure_successful"
        await until(lambda: state_of(entry) is SubscriptionState.RUNNING, WAIT_SECONDS)
        await until(lambda: not stopped(hass), WAIT_SECONDS)


def state_of(entry: Any) -> SubscriptionState | None:
    """Return what the only subscription does."""
    statuses = [*entry.runtime_data.client.mirror.subscriptions.values()]
    return statuses[0].state if statuses else None


def stopped(hass: HomeAssistant) -> Any:
    """Return the repair of a subscription that stopped, None without one."""
    return next(
        (
            each
            for each in ir.async_get(hass).issues.values()
            if each.domain == DOMAIN
            and each.translation_key == "subscription_stopped"
            and each.active
        ),
        None,
    )
