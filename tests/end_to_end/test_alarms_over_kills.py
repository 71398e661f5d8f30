"""Home Assistant is killed while a device has alarms: each thing is told, and told once."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.demo.house import DemoHouse
from tests.home_assistant.plantroom import Entities, find_entry

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

AHU, FROST = 1001, "binary-input,4"
TOLD_SECONDS = 150.0
EVENTS = """
    SELECT event_data.shared_data FROM events
    JOIN event_types USING (event_type_id) JOIN event_data USING (data_id)
    WHERE event_types.event_type = 'plantroom_alarm' ORDER BY events.event_id
"""


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what another process does, or raise TimeoutError."""
    async with asyncio.timeout(TOLD_SECONDS):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def recorded(house: DemoHouse) -> list[dict[str, Any]]:
    """Return what Home Assistant's recorder has on its disk of the frost alarm."""
    path = house.folder / "home-assistant_v2.db"

    def read() -> list[dict[str, Any]]:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            rows = database.execute(EVENTS).fetchall()
        finally:
            database.close()
        facts = [json.loads(data) for (data,) in rows]
        return [each for each in facts if each["alarm_id"].endswith(FROST)]

    return await asyncio.to_thread(read)


async def kept_number(house: DemoHouse) -> int:
    """Return the number up to which alarms were told, as it is on the disk."""
    entry = await find_entry(house.api)
    assert entry is not None
    path = house.folder / ".storage" / f"plantroom.alarms.{entry['entry_id']}"
    if not path.exists():
        return 0
    number: int = json.loads(path.read_text())["data"]["number"]
    return number


async def registry_is_kept(house: DemoHouse, entities: Entities) -> bool:
    """Return whether all our entities are on the disk, where a kill leaves them alone."""
    path = house.folder / ".storage" / "core.entity_registry"
    if not path.exists():
        return False
    rows = json.loads(path.read_text())["data"]["entities"]
    return {e.entity_id for e in entities.all} <= {row["entity_id"] for row in rows}


async def kill_and_return(house: DemoHouse, *, frost: bool) -> None:
    """Kill Home Assistant, let frost come or go, and start it again."""
    await house.api.disconnect()
    await house.server.kill()
    await house.building.set(AHU, FROST, frost)
    await house.server.start()
    await house.api.wait_until_running()


async def test_alarm_that_comes_and_goes_between_kills_is_told_once(
    house: DemoHouse, entities: Entities
) -> None:
    event = entities.of_device(AHU, "-alarm_event")
    await until(lambda: registry_is_kept(house, entities))
    before = [facts["number"] for facts in await recorded(house)]

    async def kinds() -> list[str]:
        found = [f for f in await recorded(house) if f["number"] not in before]
        return [facts["kind"] for facts in found]

    async def is_kept() -> bool:
        last = (await recorded(house))[-1]["number"]
        return await kept_number(house) >= last

    async def raised() -> bool:
        return await kinds() == ["raised"]

    await kill_and_return(house, frost=True)
    await until(raised)
    await until(is_kept)
    shown = (await house.api.state(event))["attributes"]
    assert (shown["event_type"], shown["state"]) == ("raised", "active")

    await kill_and_return(house, frost=False)

    async def cleared() -> bool:
        return await kinds() == ["raised", "cleared"]

    await until(cleared)
    alarm_id = (await recorded(house))[-1]["alarm_id"]
    await house.api.action("plantroom.acknowledge_alarm", {"alarm_id": alarm_id})

    async def acknowledged() -> bool:
        return await kinds() == ["raised", "cleared", "acknowledged"]

    await until(acknowledged)
    numbers = [facts["number"] for facts in await recorded(house)]
    assert numbers == sorted(set(numbers))
