"""Tells when alarms come faster than people can take, and when that is over."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from ..event_bus import EventBus
from ..events import AlarmFloodChanged
from .configuration import AlarmingConfig
from .flood import FloodGate
from .models import Alarm, AlarmFlood, Severity

_LOGGER = logging.getLogger(__name__)

TELL_SECONDS = 1.0


class Floods:
    """At most one flood at a time; nobody is kept from hearing what is critical."""

    def __init__(
        self,
        events: EventBus,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take where it is told."""
        self._events = events
        self._clock = clock
        self._gate = _gate_of(AlarmingConfig())
        self._timer: asyncio.TimerHandle | None = None
        self._alarms = 0
        self.flood: AlarmFlood | None = None

    def configure(self, config: AlarmingConfig) -> None:
        """Call so many alarms in so many seconds a flood from now on."""
        self._gate = _gate_of(config)

    def stop(self) -> None:
        """Forget a flood; calling it twice does no harm."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self.flood = None, None

    def take(self, alarm: Alarm) -> bool:
        """Take that an alarm was raised; return whether it goes under in a flood.

        An alarm that calls nobody anyway makes no flood.
        """
        if alarm.is_quiet or alarm.informative:
            return False
        if not self._gate.take(asyncio.get_running_loop().time()):
            return False
        if self.flood is None:
            self._begin()
        self._alarms += 1
        return alarm.severity is not Severity.CRITICAL

    def _begin(self) -> None:
        _LOGGER.warning("Alarms come in a flood: people are told of them together")
        self._alarms = 0
        self._tell(AlarmFlood(since=self._clock(), alarms=1))
        self._look_later()

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(TELL_SECONDS, self._look)

    def _look(self) -> None:
        flood = self.flood
        if flood is None:
            return
        if not self._gate.is_flood(asyncio.get_running_loop().time()):
            self._timer = None
            _LOGGER.warning("The flood of %d alarms is over", self._alarms)
            self._tell(None)
            return
        if flood.alarms != self._alarms:
            self._tell(replace(flood, alarms=self._alarms))
        self._look_later()

    def _tell(self, flood: AlarmFlood | None) -> None:
        self.flood = flood
        self._events.publish(AlarmFloodChanged(flood=flood))


def _gate_of(config: AlarmingConfig) -> FloodGate:
    return FloodGate(config.flood_alarms, config.flood_seconds)
