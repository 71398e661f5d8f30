"""Raises and clears alarms until it is killed: python -m tests.engine.alarms.raising FOLDER.

Writes the number of each transition as soon as it is told.
"""

import asyncio
import sys
from pathlib import Path

from tests.simulators.engine_alone import keep_home_assistant_out

keep_home_assistant_out()

from custom_components.plantroom.engine.alarms.models import Condition  # noqa: E402
from custom_components.plantroom.engine.events import AlarmsChanged  # noqa: E402

from .alarm_news import news  # noqa: E402
from .booked import booked  # noqa: E402

AT_ONCE = 7


async def raise_until_killed(folder: Path) -> None:
    """Raise a few alarms at a time, for ever."""
    async with booked(folder) as made:

        def write(numbered) -> None:
            if isinstance(numbered.event, AlarmsChanged):
                numbers = [str(t.number) for t in numbered.event.transitions]
                sys.stdout.write("\n".join(numbers) + "\n")
                sys.stdout.flush()

        made.events.listen(write)
        number = 0
        while True:
            for _ in range(AT_ONCE):
                number += 1
                made.book.take(news(number=number))
                if number % 2:
                    made.book.take(
                        news(Condition.NORMAL, number=number, ack_required=False)
                    )
            await asyncio.sleep(0.001)


if __name__ == "__main__":
    asyncio.run(raise_until_killed(Path(sys.argv[1])))
