"""What the server is for: it goes on while Home Assistant is away, and comes back itself."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.server_link import ServerAddress
from custom_components.plantroom.connection.websocket import WebSocketConnection
from custom_components.plantroom.engine.history.models import HoursRequest
from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed

from .alarms import AlarmWatch, end_contact
from .engine_server import READINGS, EngineServer
from .house import DemoHouse
from .restart import check_restart
from .writing import DisagreementError

AIR_HANDLER, FILTER = 1001, "binary-input,3"
ROOM, OTHER_ROOM, TEMPERATURE = 2001, 2002, "analog-input,1"
SEEN_ONLY_BY_SERVER, AFTER_KILL = 28.5, 27.5
HELD_SECONDS, SETTLE_SECONDS = 3.0, 5.0
GONE_SECONDS, BACK_SECONDS = 30.0, 60.0
UNSEEN_SECONDS = 2.0
SHOWN = 10


@dataclass(slots=True, kw_only=True)
class Kept:
    """What the server keeps of a point: seconds that it saw, and the highest value.

    asked, told: between which moments it said so.
    """

    asked: float
    told: float
    seconds: float
    highest: float


async def check_away(house: DemoHouse, entities: Entities) -> dict[str, Any]:
    """Restart Home Assistant beside the server; raises DisagreementError."""
    engine = house.engine
    assert engine is not None
    async with _client(engine) as client:
        point_id = await _point_id(client, ROOM, TEMPERATURE)
        before, read_before = await _kept(client, point_id), await engine.metrics()
        feed, report = await check_restart(
            house, entities, lambda: _live_on(house, engine, read_before)
        )
        after = await _kept(client, point_id)
    unseen = (after.asked - before.told) - (after.seconds - before.seconds)
    if unseen > UNSEEN_SECONDS or after.highest < SEEN_ONLY_BY_SERVER:
        raise DisagreementError(f"the server missed {unseen:.1f} s: {before}, {after}")
    await _told_late(house, entities, feed)
    await _nothing_falls_back(feed, entities)
    return report | {
        "seconds_unseen_by_server": round(max(unseen, 0.0), 2),
        "highest_seen_while_away": after.highest,
        "hours_to_be_repaired": len(_due_hours(house)),
    }


async def check_kill(
    house: DemoHouse, entities: Entities, feed: StateFeed
) -> dict[str, float]:
    """Kill the server and start it again; raises TimeoutError, DisagreementError."""
    engine = house.engine
    assert engine is not None
    points = entities.enabled_points
    began = time.monotonic()
    await engine.kill()
    await feed.wait_until(
        lambda f: all(f.states.get(e) == "unavailable" for e in points), GONE_SECONDS
    )
    gone = time.monotonic()
    await house.building.set(OTHER_ROOM, TEMPERATURE, AFTER_KILL)
    starting = time.monotonic()
    await engine.start()
    started = time.monotonic()
    await feed.wait_for_values(points, BACK_SECONDS)
    values = time.monotonic()
    room = entities.of_point(OTHER_ROOM, TEMPERATURE)
    await feed.wait_for(room, str(AFTER_KILL), BACK_SECONDS)
    right = time.monotonic()
    await house.building.release(OTHER_ROOM, TEMPERATURE)
    await _nothing_falls_back(feed, entities)
    return {
        "seconds_to_unavailable": round(gone - began, 2),
        "seconds_of_start": round(started - starting, 2),
        "seconds_from_start_to_all_values": round(values - started, 2),
        "seconds_from_start_to_right": round(right - started, 2),
    }


async def _live_on(
    house: DemoHouse, engine: EngineServer, before: dict[str, float]
) -> None:
    """Let things happen that come and go before Home Assistant is back."""
    await house.building.set(ROOM, TEMPERATURE, SEEN_ONLY_BY_SERVER)
    await house.building.set(AIR_HANDLER, FILTER, True)
    await asyncio.sleep(HELD_SECONDS)
    await house.building.release(ROOM, TEMPERATURE)
    await end_contact(house.building, AIR_HANDLER, FILTER)
    read = (await engine.metrics())[READINGS] - before[READINGS]
    if read <= 0:
        raise DisagreementError("the server read nothing while Home Assistant was away")


async def _told_late(house: DemoHouse, entities: Entities, feed: StateFeed) -> None:
    """Wait for the alarm that came and went meanwhile, and take note of it."""
    watch = AlarmWatch.of(house.api, feed, entities, AIR_HANDLER)
    facts = await watch.told("cleared", replayed=True)
    item = await watch.listed(facts["alarm_id"])
    if item is None or item["status"] != "needs_action":
        raise DisagreementError(f"nobody has to take note of {facts}")
    await watch.tick_off(facts["alarm_id"])
    await watch.told("acknowledged")


async def _nothing_falls_back(feed: StateFeed, entities: Entities) -> None:
    """Look on for a while: what has its value again must keep one."""
    points = set(entities.enabled_points)
    feed.changes.clear()
    await asyncio.sleep(SETTLE_SECONDS)
    lost = [c for c in feed.changes if c.entity_id in points and not c.has_value]
    if lost or feed.without_value(points):
        raise DisagreementError(f"fell back: {lost[:SHOWN]}")


def _due_hours(house: DemoHouse) -> list[str]:
    """Return the hours whose statistics Home Assistant will put right when they end."""
    assert house.entry is not None
    path = house.folder / ".storage" / f"plantroom.{house.entry['entry_id']}.outages"
    outages = json.loads(path.read_text())["data"]["outages"]
    due: list[str] = outages[-1]["due"] if outages else []
    if not due:
        raise DisagreementError(f"no hour is to be repaired: {outages}")
    return due


@asynccontextmanager
async def _client(engine: EngineServer) -> AsyncIterator[EngineClient]:
    """Yield another client of the server, one that only looks on."""
    login = engine.login
    async with ClientSession() as session:
        connection = WebSocketConnection(
            session,
            ServerAddress(host=login.host, port=login.port),
            token=login.token,
            client_id="demo-check",
        )
        client = EngineClient(connection)
        await client.start(None)
        try:
            yield client
        finally:
            await client.stop()


async def _point_id(client: EngineClient, instance: int, reference: str) -> str:
    end = f":{instance}:{reference}"
    return next(p for p in client.mirror.points if p.endswith(end))


async def _kept(client: EngineClient, point_id: str) -> Kept:
    """Return what is kept of this hour and the one before."""
    asked, now = time.monotonic(), datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    answer = await client.hours(
        HoursRequest(
            point_ids=(point_id,),
            start=hour - timedelta(hours=1),
            end=hour + timedelta(hours=1),
        )
    )
    return Kept(
        asked=asked,
        told=time.monotonic(),
        seconds=sum(each.covered_seconds for each in answer.hours),
        highest=max(each.maximum for each in answer.hours),
    )
