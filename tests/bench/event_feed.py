"""Somebody who sends events to a store: python -m tests.bench.event_feed JSON.

Each line of its input is one JSON object: {"define": objects}, or {"first", "count",
"rate"} for values numbered from first, rate 0 for all at once. Each answer is a line too.
"""

import asyncio
import json
import sys
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, override
from uuid import uuid4

from aiohttp import ClientSession
from kurrentdbclient import AsyncKurrentDBClient, NewEvent, StreamState
from plantroom_server.event_source.embedded import EmbeddedLog
from plantroom_server.event_source.port import NewEvent as LogEvent

from tests.bench.cores import pin

STREAM = "bench"
TURN_SECONDS = 0.005
AT_ONCE = 500

type Event = tuple[str, bytes]


def definition(instance: int) -> Event:
    """Return an analog input that tells of every change."""
    payload = (
        f'{{"objectType":"analog-input","objectInstance":{instance},'
        f'"objectName":"Measurement {instance}","presentValueType":"real",'
        '"units":62,"covIncrement":0}'
    )
    return _event("ObjectDefinition", payload)


def value(instance: int, number: int) -> Event:
    """Return a value, which is the event's number."""
    payload = (
        f'{{"objectType":"analog-input","objectInstance":{instance},'
        f'"presentValue":{number},"quality":"good"}}'
    )
    return _event("ValueUpdate", payload)


def _event(event_type: str, payload: str) -> Event:
    at = datetime.now(UTC).isoformat()
    data = (
        f'{{"messageType":"{event_type}","timestamp":"{at}","sourceId":"bench",'
        f'"payload":{payload}}}'
    )
    return event_type, data.encode()


class Store(ABC):
    """Where events go."""

    @abstractmethod
    async def send(self, events: list[Event]) -> None:
        """Return when they are kept."""

    async def fill(self, events: list[Event]) -> None:
        """Keep many, as soon as they can be."""
        for first in range(0, len(events), AT_ONCE):
            await self.send(events[first : first + AT_ONCE])


class Posted(Store):
    """The server's own log, by its way in over HTTP."""

    def __init__(self, session: ClientSession, settings: dict[str, Any]) -> None:
        self._session = session
        self._url = settings["url"]
        self._headers = {"Authorization": f"Bearer {settings['token']}"}
        self._folder = Path(settings["folder"])

    @override
    async def send(self, events: list[Event]) -> None:
        texts = [
            b'{"stream":"%b","type":"%b","data":%b}'
            % (STREAM.encode(), event_type.encode(), data)
            for event_type, data in events
        ]
        body = b"[%b]" % b",".join(texts)
        async with self._session.post(
            self._url, data=body, headers=self._headers
        ) as answer:
            if answer.status >= 300:
                raise SystemExit(f"refused: {await answer.text()}")

    @override
    async def fill(self, events: list[Event]) -> None:
        """Write into the log's file; the last event, sent as usual, has it read."""
        log = EmbeddedLog(self._folder)
        await log.start()
        kept = [
            LogEvent(event_id=str(uuid4()), event_type=event_type, data=data)
            for event_type, data in events[:-1]
        ]
        await log.append(STREAM, kept)
        await log.stop()
        await self.send(events[-1:])


class Kurrent(Store):
    """A KurrentDB."""

    def __init__(self, client: AsyncKurrentDBClient) -> None:
        self._client = client

    @override
    async def send(self, events: list[Event]) -> None:
        await self._client.append_to_stream(
            STREAM,
            events=[NewEvent(type=kind, data=data) for kind, data in events],
            current_version=StreamState.ANY,
        )


async def feed(store: Store, asked: dict[str, Any], objects: int) -> dict[str, Any]:
    """Send what is asked for; return when each event was, by time.monotonic."""
    if "define" in asked:
        await store.fill([definition(n) for n in range(asked["define"])])
        return {}
    first, count, rate = asked["first"], asked["count"], asked["rate"]
    numbers = range(first, first + count)
    if not rate:
        began = time.monotonic()
        await store.fill([value(n % objects, n) for n in numbers])
        return {"sent_at": [began], "seconds": time.monotonic() - began}
    sent_at: list[float] = []
    began = time.monotonic()
    while len(sent_at) < count:
        due = min(count, int(rate * (time.monotonic() - began)) + 1)
        turn = numbers[len(sent_at) : min(due, len(sent_at) + AT_ONCE)]
        if turn:
            sent_at += [time.monotonic()] * len(turn)
            await store.send([value(n % objects, n) for n in turn])
        await asyncio.sleep(TURN_SECONDS)
    return {"sent_at": sent_at, "seconds": time.monotonic() - began}


async def run(settings: dict[str, Any]) -> None:
    """Answer every line of the input."""
    async with ClientSession() as session:
        if settings["kind"] == "log":
            await _answer(Posted(session, settings), settings["objects"])
            return
        client = AsyncKurrentDBClient(settings["url"])
        await client.connect()
        await _answer(Kurrent(client), settings["objects"])
        await client.close()


async def _answer(store: Store, objects: int) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer = await feed(store, json.loads(line), objects)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    pin(given["core"])
    asyncio.run(run(given))
