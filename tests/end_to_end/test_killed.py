"""Home Assistant is killed: it knows afterwards since when it saw nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.demo.house import DemoHouse
from tests.site import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

STARTED_SECONDS = 60.0
# The recorder commits every second, and every few seconds there is something to record
LAST_RECORDED = timedelta(seconds=45)


def outages_of(house: DemoHouse) -> list[dict[str, Any]]:
    """Return what is on the disk, nothing before the first start is through."""
    assert house.entry is not None
    path = house.folder / ".storage" / f"plantroom.{house.entry['entry_id']}.outages"
    if not path.exists():
        return []
    kept: list[dict[str, Any]] = json.loads(path.read_text())["data"]["outages"]
    return kept


async def wait_for_outage(house: DemoHouse, killed: datetime) -> dict[str, Any]:
    """Return the outage that ended with the start after a kill."""

    def found() -> list[dict[str, Any]]:
        return [
            each
            for each in outages_of(house)
            if datetime.fromisoformat(each["end"]) > killed
        ]

    await until(found, STARTED_SECONDS)
    return found()[-1]


async def killed_and_started(house: DemoHouse) -> datetime:
    """Return when the process was killed."""
    await house.api.disconnect()
    await house.server.kill()
    at = datetime.now(UTC)
    await house.server.start()
    await house.api.wait_until_running()
    return at


async def test_killed_home_assistant_keeps_what_is_to_be_filled_in(house: DemoHouse):
    first = await killed_and_started(house)
    outage = await wait_for_outage(house, first)
    start = datetime.fromisoformat(outage["start"])
    assert first - LAST_RECORDED < start < first + timedelta(seconds=1)
    hour = start.replace(minute=0, second=0, microsecond=0)
    # What is over may be filled in already
    assert outage["due"][0] == hour.isoformat() or is_over(hour)

    second = await killed_and_started(house)
    await wait_for_outage(house, second)
    assert outage in outages_of(house) or is_over(hour)


def is_over(hour: datetime) -> bool:
    return datetime.now(UTC) >= hour + timedelta(hours=1)
