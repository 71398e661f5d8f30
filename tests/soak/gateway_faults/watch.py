"""A building management system: reads all, is told of changes, and commands.

Whatever it saw may never go back; what it was told is done has to be done once.
"""

import asyncio
import json
from dataclasses import dataclass, field

from .load import INPUT_KEYS, VALUE_KEYS
from .octets import (
    PRESENT_VALUE,
    RELINQUISH_DEFAULT,
    NoAnswerError,
    RealClient,
    RefusedError,
)
from .replay import TYPES, Logged

# Beyond all that producers count to, so that a present value rises when it is commanded
FIRST_COMMAND = 1_000_000
PRIORITY = 8
READ_PAUSE_SECONDS = 0.003
COMMAND_PAUSE_SECONDS = 0.02
AGAIN_SECONDS = 0.02


@dataclass(slots=True)
class Commands:
    """What was commanded; perhaps: without an answer, so done once or not at all."""

    done: list[tuple[int, float]] = field(default_factory=list)
    perhaps: list[tuple[int, float]] = field(default_factory=list)


class Watch:
    """Reads and commands for ever; wrong: everything that was not as it should be."""

    def __init__(self, target: tuple[str, int], host: str) -> None:
        self.target = target
        self._reader = RealClient(target, host, self._told)
        self._writer = RealClient(target, host, lambda _key, _value: None)
        self._shown: dict[tuple[int, int], float] = {}
        self._next = FIRST_COMMAND
        self._is_blind = False
        self._blamed: set[tuple[int, int]] = set()
        self._may_command = asyncio.Event()
        self._is_idle = asyncio.Event()
        self.commands = Commands()
        self.wrong: list[str] = []
        self.reads = 0
        self.notified = 0
        self.answered_at = 0.0

    def blind(self) -> None:
        """Take whatever is shown, until we see anew: the truth itself changes."""
        self._is_blind = True

    def see_anew(self) -> None:
        """Hold on to what is shown from now on."""
        self._shown.clear()
        self._is_blind = False

    def close(self) -> None:
        """Let go of the sockets."""
        self._reader.close()
        self._writer.close()

    async def read_for_ever(self) -> None:
        """Read everything, again and again, and subscribe whenever it was silent."""
        is_silent = True
        while True:
            for key in (*INPUT_KEYS, *VALUE_KEYS):
                try:
                    await self._look(key)
                    if is_silent:
                        await self._subscribe()
                except NoAnswerError:
                    is_silent = True
                    await asyncio.sleep(AGAIN_SECONDS)
                    break
                is_silent = False
                await asyncio.sleep(READ_PAUSE_SECONDS)

    async def command_for_ever(self) -> None:
        """Command one after the other, each with a value of its own."""
        while True:
            for key in VALUE_KEYS:
                if not self._may_command.is_set():
                    self._is_idle.set()
                    await self._may_command.wait()
                await self.command(key)
                await asyncio.sleep(COMMAND_PAUSE_SECONDS)

    def go(self) -> None:
        """Let commands flow."""
        self._is_idle.clear()
        self._may_command.set()

    async def rest(self) -> None:
        """Command no more; returns when what was begun is answered or given up."""
        self._may_command.clear()
        await self._is_idle.wait()

    async def command(self, key: int) -> None:
        """Command once, and remember whether it is done."""
        self._next += 1
        value = float(self._next)
        try:
            await self._writer.command(key, value, PRIORITY)
        except NoAnswerError:
            self.commands.perhaps.append((key, value))
        except RefusedError:
            return
        else:
            self.commands.done.append((key, value))
            self._see(key, PRESENT_VALUE, value, "acknowledged")

    async def value(self, key: int, property_id: int = PRESENT_VALUE) -> float | None:
        """Return what is shown now, None when nobody says."""
        try:
            return await self._reader.read(key, property_id)
        except NoAnswerError, RefusedError:
            return None

    async def _look(self, key: int) -> None:
        properties = [PRESENT_VALUE]
        if key in VALUE_KEYS:
            properties.append(RELINQUISH_DEFAULT)
        for property_id in properties:
            # What is acknowledged while an answer is on its way may be newer than it
            asked = self._shown.get((key, property_id))
            try:
                value = await self._reader.read(key, property_id)
            except RefusedError as err:
                was_shown = self._shown.pop((key, property_id), None) is not None
                if was_shown and not self._is_blind:
                    self.wrong.append(f"{name_of(key)} was there and is gone: {err}")
                continue
            self.reads += 1
            self.answered_at = asyncio.get_running_loop().time()
            if asked is not None and value < asked:
                self._see(key, property_id, value, "read")
            else:
                newest = self._shown.get((key, property_id), value)
                self._see(key, property_id, max(value, newest), "read")

    async def _subscribe(self) -> None:
        for key in INPUT_KEYS:
            try:
                await self._reader.subscribe(key)
            except RefusedError:
                return

    def _told(self, key: int, value: float) -> None:
        self.notified += 1
        self._see(key, PRESENT_VALUE, value, "told")

    def _see(self, key: int, property_id: int, value: float, how: str) -> None:
        if self._is_blind:
            return
        before = self._shown.get((key, property_id))
        if before is not None and value < before:
            if (key, property_id) not in self._blamed:
                self._blamed.add((key, property_id))
                self.wrong.append(
                    f"{name_of(key)} {property_id}: {how} {value} after {before}"
                )
            return
        self._shown[key, property_id] = value


def told_commands(log: list[Logged]) -> list[tuple[int, float]]:
    """Return what a stream of commands says was written, in its order."""
    found = []
    for event in log:
        said = json.loads(event.data)
        key = TYPES[said["objectType"]] << 22 | said["objectInstance"]
        assert said["priority"] == PRIORITY
        found.append((key, said["presentValue"]))
    return found


def name_of(key: int) -> str:
    """Return an object's type and instance in text."""
    names = {number: name for name, number in TYPES.items()}
    return f"{names[key >> 22]},{key & 0x3FFFFF}"
