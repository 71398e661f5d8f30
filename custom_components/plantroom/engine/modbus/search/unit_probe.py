"""Whether somebody answers at a unit id, and how long it is worth waiting to know."""

import asyncio
from collections.abc import Callable
from enum import StrEnum, auto
from typing import Final

from ...errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
    NetworkError,
)
from ..configuration import ModbusLineConfig, ModbusTransport
from ..lines.replies import BUSY, SERVER_DEVICE_FAILURE, GatewayError
from ..lines.unit_reader import UnitReader
from ..registers.register_map import Space

# What a silent unit is waited for, once it is clear that nobody says it is absent
SHORT_SECONDS: Final = 0.5
# A request and a reply of one register, at eleven bits an octet
FRAME_BITS: Final = 15 * 11
SLACK: Final = 3.0
MOST_FAILURES: Final = 3

type AskUnit = Callable[[int, float], UnitReader]
"""Returns a reader of a unit that asks once and waits so many seconds."""


class Answer(StrEnum):
    """What asking a unit id came to; struggles: it is busy, or fails at it."""

    ANSWERS = auto()
    STRUGGLES = auto()
    SILENT = auto()


class UnitProbe:
    """Reads one register of one unit after another; an exception is an answer too."""

    def __init__(self, config: ModbusLineConfig, ask: AskUnit) -> None:
        """Take the line and how its units are asked."""
        self._ask = ask
        self._longest = config.timeout_seconds
        self._short = min(SHORT_SECONDS + _wire_seconds(config), self._longest)
        self._slowest = 0.0
        self._silence_was_whole = False
        self._known: dict[int, Answer] = {}
        self._struggling_is_absent = False
        self._failures = 0
        self._reached = False

    @property
    def seconds(self) -> float:
        """Return how long the next unit is waited for.

        The first silent one as long as the line allows: a gateway may take that long
        to say that nobody is there, and then has to be waited for every time.
        """
        if not self._silence_was_whole:
            return self._longest
        return min(max(self._short, self._slowest * SLACK), self._longest)

    def reader(self, unit_id: int) -> UnitReader:
        """Return what reads a unit that answered, with patience for its slowness."""
        return self._ask(unit_id, self._longest)

    def take_struggling_for_absent(self) -> None:
        """Learn that this gateway has no better word for a unit that is not there."""
        self._struggling_is_absent = True

    async def answers(self, unit_id: int) -> bool:
        """Return whether a unit is there; raises NetworkError when the line is not."""
        answer = await self.ask(unit_id)
        if answer is Answer.STRUGGLES:
            return not self._struggling_is_absent
        return answer is Answer.ANSWERS

    async def ask(self, unit_id: int) -> Answer:
        """Return what asking a unit came to, from before where it was asked before.

        A line that breaks now and then is no reason to stop, one that is gone is.
        """
        if unit_id in self._known:
            return self._known[unit_id]
        try:
            answer = await self._ask_once(unit_id)
        except NetworkError:
            self._failures += 1
            if not self._reached or self._failures >= MOST_FAILURES:
                raise
            return Answer.SILENT
        self._reached, self._failures = True, 0
        self._known[unit_id] = answer
        return answer

    async def _ask_once(self, unit_id: int) -> Answer:
        loop = asyncio.get_running_loop()
        sent = loop.time()
        try:
            await self._ask(unit_id, self.seconds).read(Space.HOLDING, 0, 1)
        except DeviceRefusedError as err:
            if err.reason in BUSY or err.reason == SERVER_DEVICE_FAILURE:
                return Answer.STRUGGLES
        except GatewayError:
            return Answer.SILENT
        except DeviceOfflineError:
            self._silence_was_whole = True
            return Answer.SILENT
        except MalformedReplyError:
            # Noise, or two units that speak at once: nobody to talk to
            return Answer.SILENT
        self._slowest = max(self._slowest, loop.time() - sent)
        return Answer.ANSWERS


def _wire_seconds(config: ModbusLineConfig) -> float:
    """Return how long the shortest question and answer are on a serial wire."""
    if config.transport is ModbusTransport.SERIAL:
        return FRAME_BITS / config.baudrate
    return 0.0
