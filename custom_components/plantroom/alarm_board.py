"""Keeps the summaries of alarms, and tells entities of them as fast as people read."""

import asyncio
from collections.abc import Callable
from typing import Final

from .alarm_summary import SITE, AlarmSummary, subjects_of, summarize
from .change_router import ChangeRouter
from .client import EngineClient
from .engine.events import (
    AlarmFloodChanged,
    AlarmsChanged,
    EngineEvent,
    MaintenanceChanged,
)

TELL_SECONDS: Final = 1.0


def alarms_subject(subject: str) -> str:
    """Return what is told when a device's, a network's or the site's alarms change."""
    return f"{subject}/alarms"


class AlarmBoard:
    """Summaries of the open alarms, made once however many entities ask.

    The first change is told at once; while more come, they are told together once a
    second, since a flood of alarms must not become a flood of states.
    """

    def __init__(self, client: EngineClient, changes: ChangeRouter) -> None:
        """Take the client whose alarms they are, and the router that tells."""
        self._client = client
        self._changes = changes
        self._summaries: dict[str, AlarmSummary] | None = None
        self._listened: set[str] = {SITE}
        self._due: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._unlisten: Callable[[], None] | None = None

    def start(self) -> None:
        """Follow the client."""
        self._unlisten = self._client.listen_changes(self._follow)

    def stop(self) -> None:
        """Leave the client; calling it twice does no harm."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def summary(self, subject: str) -> AlarmSummary:
        """Return how many alarms a device, a network or with "" the site has."""
        if self._summaries is None:
            self._summaries = summarize(self._client.mirror.alarms.values())
        return self._summaries.get(subject) or AlarmSummary()

    def listen(self, subject: str, listener: Callable[[], None]) -> Callable[[], None]:
        """Call listener when the subject's alarms change, and when the engine goes."""
        self._listened.add(subject)
        return self._changes.listen(alarms_subject(subject), listener)

    def _follow(self, event: EngineEvent) -> None:
        match event:
            case AlarmsChanged(transitions=transitions) if transitions:
                devices = {each.alarm.device_id for each in transitions}
                self._due.update(*(subjects_of(each) for each in devices))
            case AlarmsChanged() | MaintenanceChanged():
                self._due |= self._listened
            case AlarmFloodChanged():
                self._due.add(SITE)
            case _:
                return
        if self._timer is None:
            self._tell()

    def _tell(self) -> None:
        self._timer = None
        if not self._due:
            return
        due, self._due = self._due, set()
        self._summaries = None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(TELL_SECONDS, self._tell)
        for subject in due:
            self._changes.tell(alarms_subject(subject))
