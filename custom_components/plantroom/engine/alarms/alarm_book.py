"""The alarms that are open; the only place where they change."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from ..event_bus import EventBus
from ..events import AlarmsChanged
from ..storage.alarm_journal import AlarmJournal, JournalEntry
from .configuration import AlarmingConfig
from .floods import Floods
from .journal_writer import JournalWriter
from .life import AlarmNews, Step, acknowledge, follow, remove
from .models import (
    Alarm,
    AlarmTransition,
    AlarmValues,
    Condition,
    PendingAck,
    Severity,
    Shelf,
    TransitionKind,
)
from .silences import Silences
from .texts import fill_in

_TEXT = "{name}: {condition}"
_WITH_VALUES = frozenset(
    {TransitionKind.RAISED, TransitionKind.CHANGED, TransitionKind.CLEARED}
)


class AlarmBook:
    """Open alarms by id; each change is journalled first and told afterwards.

    What is open and what clients were told of are two things for as long as the disk
    takes: of_clients() never is ahead of the events.
    """

    def __init__(
        self,
        events: EventBus,
        journal: AlarmJournal,
        silences: Silences,
        floods: Floods,
        *,
        values_of: Callable[[str], AlarmValues],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take records and parts; values_of: what a device shows now."""
        self._events = events
        self._journal = journal
        self._silences = silences
        self._floods = floods
        self._values_of = values_of
        self._clock = clock
        self._writer = JournalWriter(journal, self._tell)
        self._open: dict[str, Alarm] = {}
        self._told: dict[str, Alarm] = {}
        self._config = AlarmingConfig()
        self._acting: dict[str, tuple[str, str]] = {}
        self._last = 0
        self.last_told = 0

    async def start(self) -> None:
        """Go on with the alarms that were open; raises StorageError."""
        state = await self._journal.load()
        self._last = self.last_told = state.last
        self._open = {alarm.alarm_id: alarm for alarm in state.open_alarms}
        self._told = dict(self._open)
        await self._writer.start()

    async def stop(self) -> None:
        """Keep what happened; calling it twice does no harm."""
        await self._writer.stop()

    def configure(self, config: AlarmingConfig) -> None:
        """Route alarms as is asked from now on."""
        self._config = config

    def get(self, alarm_id: str) -> Alarm | None:
        """Return an open alarm, or None."""
        return self._open.get(alarm_id)

    def all_open(self) -> tuple[Alarm, ...]:
        """Return every open alarm."""
        return tuple(self._open.values())

    def of_clients(self) -> tuple[Alarm, ...]:
        """Return the open alarms as the events told them."""
        return tuple(self._told.values())

    @property
    def is_full(self) -> bool:
        """Return whether more happens than can be kept: devices have to wait then."""
        return self._writer.is_full

    def when_kept(self, promise: Callable[[], None]) -> None:
        """Call promise once all that happened so far is in the journal."""
        self._writer.when_kept(promise)

    def take(self, news: AlarmNews) -> None:
        """Take what a device or a rule says of an alarm."""
        before = self._open.get(news.alarm_id)
        step = follow(before, self._in_words(news))
        if step is None:
            return
        alarm = self._as_routed(step.alarm) if before else self._as_wanted(step.alarm)
        if step.kind is TransitionKind.RAISED:
            alarm = replace(alarm, flooded=self._floods.take(alarm))
        self._record(replace(step, alarm=alarm))

    @contextmanager
    def acting(self, alarm_id: str, actor: str, comment: str) -> Iterator[None]:
        """Say who acknowledges an alarm while its device is asked.

        The device may tell everybody before it answers.
        """
        self._acting[alarm_id] = actor, comment
        try:
            yield
        finally:
            del self._acting[alarm_id]

    def acknowledge(
        self,
        alarm_id: str,
        taken: Collection[PendingAck],
        actor: str = "",
        comment: str = "",
    ) -> None:
        """Take note of what is pending of an open alarm; taken: of these."""
        before = self._open.get(alarm_id)
        if before is None:
            return
        if not actor:
            actor, comment = self._acting.get(alarm_id, ("", ""))
        step = acknowledge(before, taken, self._clock(), actor, comment)
        if step is not None:
            self._record(step, actor, comment)

    def remove(self, alarm_ids: Iterable[str]) -> None:
        """Close alarms whose source is not configured any more."""
        for alarm_id in alarm_ids:
            before = self._open.get(alarm_id)
            if before is not None:
                self._record(remove(before, self._clock()))

    def take_shelf(
        self, alarm_id: str, shelf: Shelf | None, actor: str = "", comment: str = ""
    ) -> None:
        """Take that an alarm was put on a shelf, or with None off it."""
        before = self._open.get(alarm_id)
        if before is None:
            return
        until = None if shelf is None else shelf.until
        if before.shelved_until == until:
            return
        alarm = replace(
            before, shelved_until=until, shelved_by="" if shelf is None else actor
        )
        kind = TransitionKind.UNSHELVED if shelf is None else TransitionKind.SHELVED
        self._mark(kind, alarm, actor, comment)

    def take_maintenance(self, actor: str, comment: str) -> None:
        """Take that maintenance began or ended somewhere."""
        for before in self.all_open():
            suppressed = self._silences.is_maintained(before.device_id)
            if suppressed != before.suppressed:
                kind = (
                    TransitionKind.SUPPRESSED
                    if suppressed
                    else TransitionKind.UNSUPPRESSED
                )
                self._mark(kind, replace(before, suppressed=suppressed), actor, comment)

    def _in_words(self, news: AlarmNews) -> AlarmNews:
        """Return news by the names of the house, and with a text where there is none."""
        words, condition = self._config.words, news.condition
        name = words.names.get(news.point_id) or news.name
        if news.text:
            return news if name == news.name else replace(news, name=name)
        template = words.texts.get(f"device_{condition}") or _TEXT
        facts = {"name": name, "condition": condition.replace("_", " ")}
        return replace(news, name=name, text=fill_in(template, facts))

    def _as_wanted(self, alarm: Alarm) -> Alarm:
        """Return a new alarm with what people want of such ones."""
        shelf = self._silences.shelf_of(alarm.alarm_id)
        return replace(
            alarm,
            shelved_until=None if shelf is None else shelf.until,
            shelved_by="" if shelf is None else shelf.actor,
            suppressed=self._silences.is_maintained(alarm.device_id),
            targets=self._config.targets_of(alarm.severity),
        )

    def _as_routed(self, alarm: Alarm) -> Alarm:
        """Return an open alarm told to whom its severity asks for, which may be another."""
        if alarm.condition is Condition.NORMAL:
            return alarm
        return replace(
            alarm,
            targets=self._config.targets_of(alarm.severity),
            flooded=alarm.flooded and alarm.severity is not Severity.CRITICAL,
        )

    def _mark(
        self, kind: TransitionKind, alarm: Alarm, actor: str, comment: str
    ) -> None:
        step = Step(kind=kind, from_condition=alarm.condition, alarm=alarm)
        self._record(step, actor, comment)

    def _record(self, step: Step, actor: str = "", comment: str = "") -> None:
        self._last += 1
        alarm = replace(step.alarm, number=self._last)
        if alarm.is_open:
            self._open[alarm.alarm_id] = alarm
        else:
            self._open.pop(alarm.alarm_id, None)
        transition = AlarmTransition(
            number=self._last,
            kind=step.kind,
            at=self._clock(),
            from_condition=step.from_condition,
            alarm=alarm,
            text=step.text,
            actor=actor,
            comment=comment,
        )
        values = None
        if step.kind in _WITH_VALUES:
            values = self._values_of(alarm.device_id)
        self._writer.take(JournalEntry(transition=transition, values=values))

    def _tell(self, transitions: Sequence[AlarmTransition]) -> None:
        for transition in transitions:
            alarm = transition.alarm
            if alarm.is_open:
                self._told[alarm.alarm_id] = alarm
            else:
                self._told.pop(alarm.alarm_id, None)
        self.last_told = transitions[-1].number
        self._events.publish(AlarmsChanged(transitions=tuple(transitions)))
