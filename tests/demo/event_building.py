"""A wing with a controller of another maker, which speaks no BACnet but sends events."""

import asyncio
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

STREAM: Final = "east-wing"
SUPPLY, ROOM = "analog-input,1", "analog-input,11"
SETPOINT, VALVE = "analog-value,1", "analog-output,1"
FAN, MODE = "binary-input,1", "multi-state-value,1"
TURN_SECONDS: Final = 1.0
# Anything that people would see soon, and that does not fill their list in a day
WRONG_FROM, WRONG_EVERY = 3, 600
_TIMEOUT: Final = ClientTimeout(total=5)

type Event = dict[str, Any]

OBJECTS: Final[dict[str, dict[str, Any]]] = {
    SUPPLY: {"objectName": "AHU-9 Supply temperature", "unitsText": "°C", "units": 62},
    ROOM: {"objectName": "Atelier temperature", "unitsText": "°C", "units": 62},
    SETPOINT: {
        "objectName": "AHU-9 Supply setpoint", "units": 62, "priorityArray": True,
        "minPresentValue": 12, "maxPresentValue": 30, "initialValue": 18,
    },
    VALVE: {
        "objectName": "AHU-9 Heating valve", "units": 98,
        "minPresentValue": 0, "maxPresentValue": 100, "initialValue": 20,
    },
    FAN: {
        "objectName": "AHU-9 Fan", "presentValueType": "boolean",
        "inactiveText": "stopped", "activeText": "running",
    },
    MODE: {
        "objectName": "AHU-9 Mode", "presentValueType": "unsigned",
        "stateTexts": ["night", "day", "purge"], "initialValue": 2,
    },
}  # fmt: skip


class EventBuilding:
    """Posts what its objects are, then what they show, for ever; a server may be away.

    held: values that somebody wants shown instead, by object.
    """

    def __init__(self, url: str, token: str) -> None:
        self.held: dict[str, float] = {}
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Send no more; idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        async with ClientSession(timeout=_TIMEOUT) as session:
            while not await self._send(session, [*_definitions()]):  # noqa: ASYNC110
                await asyncio.sleep(TURN_SECONDS)
            for turn in count():
                await self._send(session, [*self._values(turn)])
                await asyncio.sleep(TURN_SECONDS)

    async def _send(self, session: ClientSession, events: list[Event]) -> bool:
        """Return whether the server has them; what it missed is old news then."""
        try:
            async with session.post(
                self._url, json=events, headers=self._headers
            ) as answer:
                return answer.status < 300
        except ClientError, TimeoutError:
            return False

    def _values(self, turn: int) -> Iterator[Event]:
        wave = math.sin(turn / 30)
        shown = {SUPPLY: 18 + 2 * wave, ROOM: 21 + wave / 2, FAN: turn % 120 < 100}
        for name, value in (shown | self.held).items():
            rounded = value if isinstance(value, bool) else round(value, 1)
            yield _event("ValueUpdate", name, presentValue=rounded)
        if turn % WRONG_EVERY == WRONG_FROM:
            # What its maker got wrong: a temperature that is true
            yield _event("ValueUpdate", SUPPLY, presentValue=True)


def _definitions() -> Iterator[Event]:
    for name, facts in OBJECTS.items():
        plain = {"presentValueType": "real"}
        yield _event("ObjectDefinition", name, **(plain | facts))


def _event(event_type: str, name: str, **payload: Any) -> Event:
    kind, _, instance = name.partition(",")
    key = {"objectType": kind, "objectInstance": int(instance)}
    data = {
        "messageType": event_type,
        "timestamp": datetime.now(UTC).isoformat(),
        "sourceId": "AHU-9",
        "payload": key | payload,
    }
    return {"stream": STREAM, "type": event_type, "data": data}
