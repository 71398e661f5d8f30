"""The demo's events: a way into the server's log, and our own device that shows them."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.config_flows import ConfigFlow
from tests.home_assistant.plantroom import Entities, SetupError, find_entry
from tests.home_assistant.state_feed import StateFeed
from tests.peers.rusty_client import RustyClient

from .engine_server import EngineServer
from .event_building import OBJECTS, ROOM, SETPOINT, STREAM, EventBuilding
from .writing import DisagreementError

OWN_INSTANCE, OWN_HOST = 4194000, "127.0.0.1"
NAME = "East wing"
KEPT = "event_sender.json"
PRIORITY, WRITTEN, SHOWN = 8, 19.5, 23.5
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.25
SETTLE_SECONDS = 1.5


@dataclass(slots=True, kw_only=True)
class GatewaySide:
    """The subscription's set-up, and the wing that sends; the token is in a file."""

    folder: Path
    wing: EventBuilding | None = field(init=False, default=None)

    async def add(self, api: HomeAssistantApi, entry_id: str) -> None:
        """Add log and subscription in the dialogue that people use, and begin to send."""
        await settled(api)
        flow = await ConfigFlow.start_subentry(api, entry_id, "event_subscription")
        await flow.submit({"store": "own_log"})
        token = await flow.submit({"http": True, "mqtt": False})
        facts = token["description_placeholders"]
        await flow.submit({})
        done = await flow.submit(
            {
                "name": NAME,
                "stream_kind": "stream",
                "stream": STREAM,
                "network_id": flow.default("network_id"),
                "show_objects": True,
                "advanced": {"group": "plantroom", "offset": 0},
            }
        )
        if done["type"] != "create_entry":
            raise SetupError(f"no subscription: {done}")
        self._kept.touch(mode=0o600)
        self._kept.write_text(
            json.dumps({"url": facts["url"], "token": facts["token"]})
        )
        self.start()
        await settled(api)

    def start(self) -> None:
        """Let the wing send with the token that it was given."""
        facts = json.loads(self._kept.read_text())
        self.wing = EventBuilding(facts["url"], facts["token"])
        self.wing.start()

    async def stop(self) -> None:
        """Let the wing be silent; idempotent."""
        wing, self.wing = self.wing, None
        if wing is not None:
            await wing.stop()

    @property
    def _kept(self) -> Path:
        return self.folder / KEPT


async def settled(api: HomeAssistantApi) -> None:
    """Return once Plantroom is loaded and stays so: a reload ends all dialogues."""
    since: float | None = None
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(WAIT_SECONDS):
        while since is None or loop.time() - since < SETTLE_SECONDS:
            entry = await find_entry(api)
            if entry is None or entry["state"] != "loaded":
                since = None
            elif since is None:
                since = loop.time()
            await asyncio.sleep(POLL_SECONDS)


async def wait_for_wing(api: HomeAssistantApi) -> Entities:
    """Return the entities once there is one of each object that events made."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            entities = await Entities.load(api)
            if len(entities.points_of(OWN_INSTANCE)) >= len(OBJECTS):
                return entities
            await asyncio.sleep(POLL_SECONDS)


async def check_gateway(
    api: HomeAssistantApi, side: GatewaySide, engine: EngineServer, port: int
) -> dict[str, Any]:
    """Follow an event to a state and to a BACnet client, and a write to the log.

    port: of the BACnet network. Raises DisagreementError, TimeoutError.
    """
    assert side.wing is not None
    entities = await wait_for_wing(api)
    feed = StateFeed()
    await feed.start(api)
    side.wing.held[ROOM] = SHOWN
    await feed.wait_for(entities.of_point(OWN_INSTANCE, ROOM), str(SHOWN), WAIT_SECONDS)
    async with RustyClient(port=port) as peer:
        read = await peer.read(f"{OWN_HOST}:{port}", ROOM, "present-value")
    if read != SHOWN:
        raise DisagreementError(f"{read} over BACnet, not {SHOWN}")
    entity_id = entities.of_point(OWN_INSTANCE, SETPOINT)
    await api.action("number.set_value", {"entity_id": entity_id, "value": WRITTEN})
    command = await _command(engine.folder)
    side.wing.held.clear()
    return {
        "objects": len(entities.points_of(OWN_INSTANCE)),
        "value_read_over_bacnet": read,
        "command": {key: command[key] for key in ("presentValue", "priority")},
        "parked": await _parked(api, entities),
    }


async def _command(folder: Path) -> dict[str, Any]:
    """Return the event that a write became."""
    kind, _, instance = SETPOINT.partition(",")
    async with asyncio.timeout(WAIT_SECONDS):
        while not (found := await asyncio.to_thread(_commands, folder)):  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)
    wanted = (kind, int(instance), WRITTEN, PRIORITY)
    told = [
        (
            each["objectType"],
            each["objectInstance"],
            each["presentValue"],
            each["priority"],
        )
        for each in found
    ]
    if told != [wanted]:
        raise DisagreementError(f"the log says {told}, not {wanted}")
    return found[0]


def _commands(folder: Path) -> list[dict[str, Any]]:
    uri = f"file:{folder / 'events.db'}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as database:
        rows = database.execute(
            "SELECT data FROM event WHERE stream = ? ORDER BY position",
            (f"{STREAM}-commands",),
        ).fetchall()
    return [json.loads(data) for (data,) in rows]


async def _parked(api: HomeAssistantApi, entities: Entities) -> int:
    """Return how many events were put aside, once the wrong one was."""
    [entity_id] = [
        each.entity_id
        for each in entities.all
        if each.unique_id.endswith("parked_events")
    ]
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            state = (await api.states())[entity_id]["state"]
            if state.isdecimal() and int(state) > 0:
                return int(state)
            await asyncio.sleep(POLL_SECONDS)
