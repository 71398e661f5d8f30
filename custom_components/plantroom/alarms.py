"""Tells Home Assistant what happens to alarms, each thing once, whenever it was away."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypedDict

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import Store

from .alarm_facts import transition_facts
from .alarm_places import AlarmPlaces
from .alarm_position import Position, after, first_position, news_of
from .alarm_sentences import sentence_of
from .client import EngineClient
from .const import DOMAIN
from .engine.alarms.models import AlarmTransition
from .engine.errors import ConnectionLostError, PlantroomError
from .engine.events import AlarmsChanged, EngineEvent

_LOGGER = logging.getLogger(__name__)

EVENT_ALARM: Final = "plantroom_alarm"
GAP_ISSUE: Final = "alarm_journal_gap"

_STORE_VERSION: Final = 1
_MOST_WAITING: Final = 5000
_TOLD_AT_ONCE: Final = 10
_RETRY_SECONDS: Final = 10.0

type AlarmListener = Callable[[dict[str, Any]], None]


class _Kept(TypedDict):
    number: int
    at: str
    news_since: str | None


class AlarmFeed:
    """Follows the journal of alarms from where it was told last.

    A transition is told first and its number kept then, so that a crash in between
    leads to telling it again under its number, and never to not telling it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: EngineClient,
        places: AlarmPlaces,
    ) -> None:
        """Take a client that is started."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._places = places
        self._store = alarm_store(hass, entry.entry_id)
        self._position = self._kept = first_position(entry.created_at)
        self._waiting: deque[AlarmTransition] = deque(maxlen=_MOST_WAITING)
        self._behind = True
        self._failed = False
        self._loaded = False
        self._running = False
        self._listeners: dict[str, list[AlarmListener]] = {}
        self._task: asyncio.Task[None] | None = None
        self._begun = False
        self._unsubscribes: list[CALLBACK_TYPE] = []

    @property
    def told(self) -> int:
        """Return the number of the latest transition that was told."""
        return self._position.number

    @callback
    def start(self) -> None:
        """Begin once Home Assistant's automations listen."""
        self._unsubscribes = [
            self._client.listen_changes(self._hear),
            self._client.listen_connected(self._follow_connection),
            async_at_started(self._hass, self._begin),
        ]

    async def stop(self) -> None:
        """Keep what was told and end; calling it twice does no harm."""
        while self._unsubscribes:
            self._unsubscribes.pop()()
        self._begun = False
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        await self._keep()

    @callback
    def listen(self, device_id: str, listener: AlarmListener) -> CALLBACK_TYPE:
        """Call listener with what happens to a device's alarms; return the undo."""
        listeners = self._listeners.setdefault(device_id, [])
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    @callback
    def _begin(self, _hass: HomeAssistant) -> None:
        self._begun = True
        self._wake()

    @callback
    def _wake(self) -> None:
        """Tell what there is, unless that is being done; it may start at once."""
        if not self._begun or self._running:
            return
        self._running = True
        self._task = self._entry.async_create_background_task(
            self._hass, self._run(), "plantroom alarm feed"
        )

    @callback
    def _hear(self, event: EngineEvent) -> None:
        if not isinstance(event, AlarmsChanged):
            return
        self._behind = self._behind or not event.transitions
        self._waiting.extend(event.transitions)
        self._wake()

    @callback
    def _follow_connection(self, connected: bool) -> None:
        if connected:
            self._behind = True
            self._wake()

    async def _run(self) -> None:
        try:
            if not self._loaded:
                self._position = self._kept = await self._load()
                self._loaded = True
            while self._behind or self._waiting:
                await self._tell_news()
        except ConnectionLostError:
            # Its return wakes us
            self._behind = True
        finally:
            self._running = False

    async def _tell_news(self) -> None:
        """Tell what the journal has, then what waits; try again later if that fails."""
        try:
            if self._behind:
                await self._catch_up()
            await self._tell_waiting()
            await self._keep()
        except ConnectionLostError:
            if not self._client.connected:
                raise
            self._behind = True
        except PlantroomError as err:
            if not self._failed:
                _LOGGER.warning("The journal of alarms cannot be read: %s", err)
            self._failed = self._behind = True
            await asyncio.sleep(_RETRY_SECONDS)

    async def _catch_up(self) -> None:
        """Tell what the journal has after our position."""
        self._behind = False
        more = True
        while more:
            replay = await self._client.alarms_since(self._position.request)
            news = news_of(self._position, replay)
            if news.gap:
                self._say_gap()
            for count, transition in enumerate(news.transitions, start=1):
                self._tell(transition, replayed=True)
                self._position = after(self._position, transition)
                await _breathe(count)
            self._position, more = news.position, news.more
            await self._keep()
        if self._failed:
            _LOGGER.warning("The journal of alarms can be read again")
        self._failed = False

    async def _tell_waiting(self) -> None:
        """Tell what came from the engine; leave it when there is a hole before it.

        A hole that the journal did not fill is one that the engine could not keep.
        """
        count, fetched = 0, False
        while self._waiting and not self._behind:
            transition = self._waiting[0]
            if transition.number > self._position.number + 1 and not fetched:
                await self._catch_up()
                fetched = True
                continue
            self._waiting.popleft()
            if transition.number <= self._position.number:
                continue
            self._tell(transition, replayed=False)
            self._position, fetched = after(self._position, transition), False
            count += 1
            await _breathe(count)

    @callback
    def _tell(self, transition: AlarmTransition, *, replayed: bool) -> None:
        alarm = transition.alarm
        facts = transition_facts(
            transition, self._places.of(alarm), self._client.mirror, replayed=replayed
        )
        facts["message"] = sentence_of(self._hass, transition, facts["value_text"])
        self._hass.bus.async_fire(EVENT_ALARM, facts)
        for listener in tuple(self._listeners.get(alarm.device_id, ())):
            listener(facts)

    @callback
    def _say_gap(self) -> None:
        """Say once that some of what happened will not be told."""
        _LOGGER.warning(
            "Some of what happened to alarms is kept no longer, or in another journal"
        )
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{self._entry.entry_id}_{GAP_ISSUE}",
            data={"entry_id": self._entry.entry_id, "code": GAP_ISSUE},
            is_fixable=True,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=GAP_ISSUE,
        )

    async def _load(self) -> Position:
        kept = await self._store.async_load()
        if kept is None:
            return self._position
        since = kept["news_since"]
        return Position(
            number=kept["number"],
            at=datetime.fromisoformat(kept["at"]),
            news_since=None if since is None else datetime.fromisoformat(since),
        )

    async def _keep(self) -> None:
        position = self._position
        if position == self._kept:
            return
        since = position.news_since
        await self._store.async_save(
            _Kept(
                number=position.number,
                at=position.at.isoformat(),
                news_since=None if since is None else since.isoformat(),
            )
        )
        self._kept = position


def alarm_store(hass: HomeAssistant, entry_id: str) -> Store[_Kept]:
    """Return where it is kept how far an entry's alarms were told."""
    return Store(hass, _STORE_VERSION, f"{DOMAIN}.alarms.{entry_id}")


async def _breathe(count: int) -> None:
    """Let others run now and then."""
    if count % _TOLD_AT_ONCE == 0:
        await asyncio.sleep(0)
