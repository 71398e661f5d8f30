"""What stands between senders and the embedded log, whichever way they come."""

import logging
import time
from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final

from ..event_source.arrivals import Arrival, Kept
from ..event_source.embedded import EmbeddedLog
from ..gateway_errors import BehindError, EventSourceError
from .sent_events import SentEventsError

_LOGGER = logging.getLogger(__name__)

MOST_WAITING: Final = 100_000
MEASURE_SECONDS: Final = 1.0


class Way(StrEnum):
    """How events come."""

    HTTP = "http"
    MQTT = "mqtt"


class Outcome(StrEnum):
    """What became of an event that was sent.

    KNOWN: it was there already. REFUSED: it can never be taken as it is. TURNED_AWAY:
    it may come again. LOST: it came without the promise to be sent again, too fast.
    """

    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"
    TURNED_AWAY = "turned_away"
    LOST = "lost"


type IntakeCounts = Counter[tuple[Way, Outcome]]


class Intake:
    """Takes events unless too many wait already, or they are for a stream of our own."""

    def __init__(
        self,
        log: EmbeddedLog,
        reserved: Collection[str],
        counts: IntakeCounts,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """Take the log, the streams that only we write, and where to count."""
        self._log = log
        self._reserved = frozenset(reserved)
        self._counts = counts
        self._most_waiting = most_waiting
        self._measured_at: float | None = None
        self._waiting = 0
        self._turns_away = False

    async def take(self, way: Way, arrivals: Sequence[Arrival]) -> list[Kept]:
        """Keep all of them or none, on disk when it returns.

        Raises SentEventsError, IdTakenError, BehindError, EventSourceError.
        """
        for item, each in enumerate(arrivals):
            if each.stream in self._reserved:
                text = f"stream {each.stream} has what BACnet clients command"
                raise SentEventsError("reserved-stream", text, item)
        kept = await self._keep(arrivals)
        known = sum(each.known for each in kept)
        self.count(way, Outcome.KNOWN, known)
        self.count(way, Outcome.TAKEN, len(kept) - known)
        return kept

    def count(self, way: Way, outcome: Outcome, events: int = 1) -> None:
        """Note what became of events."""
        self._counts[way, outcome] += events

    async def _keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        try:
            await self._check_backlog(len(arrivals))
            kept = await self._log.keep(arrivals)
        except EventSourceError as err:
            if not self._turns_away:
                _LOGGER.warning("Senders of events have to wait: %s", err)
            self._turns_away = True
            raise
        if self._turns_away:
            _LOGGER.info("Events are taken again")
        self._turns_away = False
        return kept

    async def _check_backlog(self, coming: int) -> None:
        """Raise BehindError with what comes beyond what may wait.

        Counted now and then; between, what was let in counts as waiting.
        """
        now = time.monotonic()
        if self._measured_at is None or now - self._measured_at >= MEASURE_SECONDS:
            self._measured_at = now
            self._waiting = await self._log.most_waiting(self._most_waiting)
        if self._waiting + coming > self._most_waiting:
            raise BehindError(f"{self._waiting} events wait already")
        self._waiting += coming
