"""Producers at work: definitions, then counters for ever, and poison among them."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from .replay import TYPES, Logged
from .stores import EmbeddedStore, KurrentStore, NotKeptError

INPUTS, VALUES, OTHERS = 24, 8, 4
POISON_PERCENT = 1
LARGEST_BATCH = 24
AGAIN_SECONDS = 0.05


def key_of(object_type: str, instance: int) -> int:
    """Return type and instance in one number, as in four octets."""
    return TYPES[object_type] << 22 | instance


INPUT_KEYS = tuple(key_of("analog-input", n) for n in range(1, INPUTS + 1))
VALUE_KEYS = tuple(key_of("analog-value", n) for n in range(1, VALUES + 1))


class Load:
    """Appends until it is told to rest; every counter only ever rises.

    kept: the events that the store said it keeps. poisoned: how many were poison.
    """

    def __init__(self, store: EmbeddedStore | KurrentStore, random: Random) -> None:
        self._store = store
        self._random = random
        self._counts: dict[tuple[str, int], int] = {}
        self._going = asyncio.Event()
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self.kept: list[str] = []
        self.poisoned = 0

    async def define(self) -> None:
        """Define every object; returns when that is kept."""
        await self._keep([*self._definitions()])

    async def run(self) -> None:
        """Append for ever, whenever it may."""
        while True:
            if not self._going.is_set():
                self._at_rest.set()
                await self._going.wait()
                self._at_rest.clear()
            count = self._random.randint(1, LARGEST_BATCH)
            await self._keep([self._event() for _ in range(count)])
            await asyncio.sleep(self._random.uniform(0, 0.03))

    def go(self) -> None:
        """Let events flow."""
        self._going.set()
        self._at_rest.clear()

    async def rest(self) -> None:
        """Append no more; returns when what was begun is kept."""
        self._going.clear()
        await self._at_rest.wait()

    async def _keep(self, events: list[Logged]) -> None:
        while True:
            try:
                await self._store.append(events)
            except NotKeptError:
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                self.kept += [each.event_id for each in events]
                return

    def _definitions(self) -> Iterator[Logged]:
        for object_type, instance in self._subjects():
            kind = object_type.split("-")[0]
            yield self._message(
                "ObjectDefinition",
                objectType=object_type,
                objectInstance=instance,
                objectName=f"{object_type} {instance}",
                presentValueType={
                    "analog": "real", "binary": "boolean", "multi": "unsigned"
                }[kind],
                priorityArray=object_type == "analog-value",
                **({"stateTexts": [f"S{n}" for n in range(9)]} if kind == "multi" else {}),
            )  # fmt: skip

    @staticmethod
    def _subjects() -> Iterator[tuple[str, int]]:
        for object_type, count in (
            ("analog-input", INPUTS),
            ("analog-value", VALUES),
            ("binary-input", OTHERS),
            ("multi-state-input", OTHERS),
        ):
            for instance in range(1, count + 1):
                yield object_type, instance

    def _event(self) -> Logged:
        if self._random.randrange(100) < POISON_PERCENT:
            self.poisoned += 1
            return self._poison()
        subject = self._random.choice([*self._subjects()])
        count = self._counts[subject] = self._counts.get(subject, 0) + 1
        kind = subject[0].split("-")[0]
        value: Any = {"analog": count, "binary": count % 2 == 1, "multi": count % 9 + 1}
        return self._message(
            "ValueUpdate",
            objectType=subject[0],
            objectInstance=subject[1],
            presentValue=value[kind],
        )

    def _poison(self) -> Logged:
        """Return what can never be used; a way in over HTTP lets only some of it by."""
        unknown = self._message(
            "ValueUpdate",
            objectType="analog-input",
            objectInstance=900_000,
            presentValue=1,
        )
        if not self._store.can_break_json:
            return unknown
        broken = unknown.data[: self._random.randrange(len(unknown.data))]
        text = self._message(
            "ValueUpdate",
            objectType="analog-input",
            objectInstance=1,
            presentValue="warm",
        )
        return self._random.choice((unknown, text, unknown._replace(data=broken)))

    def _message(self, event_type: str, **payload: Any) -> Logged:
        whole = {
            "messageType": event_type,
            "timestamp": datetime.now(UTC).isoformat(),
            "sourceId": "plc",
            "payload": payload,
        }
        event_id = UUID(int=self._random.getrandbits(128), version=4)
        return Logged(str(event_id), event_type, json.dumps(whole).encode())
