"""An engine's history that counts a point on real time, until it is killed: python -m … FOLDER."""

import asyncio
import sys
from pathlib import Path

from custom_components.plantroom.engine.energy.local_time import LocalTime
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.history.history import History
from custom_components.plantroom.engine.history.log_reading import LogReading
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.problems import Problems
from tests.site import point, reading


async def count(folder: Path) -> None:
    """Show the seconds since the start, kept all the time, and say what was kept."""
    events = EventBus()
    points = Points(events)
    logs = LogReading(events, lambda _: None, lambda _: (1.0, 0.0), LocalTime(str))
    history = History(events, points, Problems(events), folder, logs)
    await history.start()
    points.define("n:1", [point()])
    history.watch(frozenset({"n:1:analog-value,1"}))
    for number in range(100_000):
        points.update([("n:1:analog-value,1", reading(float(number)))])
        await history.save()
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(count(Path(sys.argv[1])))
