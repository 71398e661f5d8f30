"""A group of consumers: what is in flight, what comes again, how far all are."""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from .group_settings import FROM_END, FROM_START, GroupSettings
from .log import Log, position_number
from .records import Record


@dataclass(slots=True, kw_only=True)
class Pending:
    """A record on its way; parked: it comes from the stream of parked ones."""

    record: Record
    order: int
    retries: int = 0
    parked: bool = False
    deadline: float = 0.0


@dataclass(slots=True, kw_only=True, eq=False)
class Consumer:
    """A client that reads; None in its queue ends it."""

    name: str
    slots: int
    queue: asyncio.Queue[Pending | None] = field(default_factory=asyncio.Queue)
    in_flight: dict[str, Pending] = field(default_factory=dict)


class FullError(Exception):
    """As many consumers as may be are there."""


class Group:
    """Pushes records in order to those who have room for them."""

    def __init__(self, log: Log, settings: GroupSettings) -> None:
        self.settings = settings
        self.consumers: list[Consumer] = []
        self._log = log
        self._is_wanted = settings.is_wanted
        self._again: list[Pending] = []
        self._acked = 0
        self._checkpoint_at = time.monotonic()
        kept = log.kept.get(self._name("checkpoint"))
        self.checkpoint: int | None = None if kept is None else int(kept)
        self._next = self._first() if kept is None else int(kept) + 1
        self._done_parked: set[int] = set(
            json.loads(log.kept.get(self._name("unparked"), "[]"))
        )

    @property
    def records(self) -> list[Record]:
        """Return what the group reads from; an index in it is an order."""
        if self.settings.stream == "$all":
            return self._log.records
        return self._log.streams.get(self.settings.stream, [])

    @property
    def parked_stream(self) -> str:
        """Return where links to parked events are."""
        return f"$persistentsubscription-{self.settings.key}-parked"

    @property
    def parked(self) -> list[Record]:
        """Return the links to what is parked."""
        links = self._log.streams.get(self.parked_stream, [])
        return [each for each in links if each.revision not in self._done_parked]

    @property
    def in_flight(self) -> int:
        """Return how many are with consumers."""
        return sum(len(each.in_flight) for each in self.consumers)

    @property
    def waiting_again(self) -> int:
        """Return how many are to be pushed again."""
        return len(self._again)

    def join(self, consumer: Consumer) -> None:
        """Take a consumer; raises FullError."""
        most = self.settings.max_subscriber_count
        if most and len(self.consumers) >= most:
            raise FullError
        self.consumers.append(consumer)
        self.pump()

    def leave(self, consumer: Consumer) -> None:
        """Let a consumer go; what it had is pushed again."""
        if consumer not in self.consumers:
            return
        self.consumers.remove(consumer)
        for pending in consumer.in_flight.values():
            self._push_again(pending)
        self.pump()

    def end(self) -> None:
        """Let all consumers go."""
        consumers, self.consumers = self.consumers, []
        for consumer in consumers:
            consumer.queue.put_nowait(None)

    def ack(self, consumer: Consumer, ids: Iterable[str]) -> None:
        """Be done with records; ids are of links where there are links."""
        for event_id in ids:
            self._done(consumer.in_flight.pop(event_id, None))
        self._move_on()
        self.pump()

    def nack(self, consumer: Consumer, ids: Iterable[str], action: str) -> None:
        """Do what a consumer wants done: Park, Retry, Skip, Stop or Unknown."""
        for event_id in ids:
            pending = consumer.in_flight.pop(event_id, None)
            if pending is None:
                continue
            match action:
                case "Park":
                    self._park(pending)
                case "Skip" | "Stop":
                    self._done(pending)
                case _:
                    self._push_again(pending)
        self._move_on()
        self.pump()

    def replay_parked(self) -> None:
        """Push again what is parked."""
        waiting = [*self._again, *self._all_in_flight()]
        open_ones = {each.record.revision for each in waiting if each.parked}
        for link in self.parked:
            if link.revision not in open_ones:
                self._again.append(Pending(record=link, order=-1, parked=True))
        self.pump()

    def tick(self) -> None:
        """Push again what nobody answered, and note how far all are, once a second."""
        now = time.monotonic()
        for consumer in self.consumers:
            late = [k for k, each in consumer.in_flight.items() if each.deadline < now]
            for event_id in late:
                self._push_again(consumer.in_flight.pop(event_id))
        self._move_on(on_tick=True)
        self.pump()

    def pump(self) -> None:
        """Push what there is to who has room."""
        while self.consumers:
            pending = self._take_next()
            if pending is None:
                return
            consumer = self._free_consumer(pending)
            if consumer is None:
                self._again.append(pending)
                return
            timeout = self.settings.message_timeout_seconds
            pending.deadline = time.monotonic() + timeout
            consumer.in_flight[pending.record.event_id] = pending
            consumer.queue.put_nowait(pending)

    def _take_next(self) -> Pending | None:
        if not any(each.slots > len(each.in_flight) for each in self.consumers):
            return None
        if self._again:
            first = min(self._again, key=lambda each: each.order)
            self._again.remove(first)
            return first
        records = self.records
        while self._next < len(records):
            record, order = records[self._next], self._next
            self._next += 1
            gone = record.revision < self._log.first(record.stream)
            if not gone and self._is_wanted(record):
                return Pending(record=record, order=order)
        return None

    def _free_consumer(self, pending: Pending) -> Consumer | None:
        match self.settings.strategy:
            case "RoundRobin":
                self.consumers.append(self.consumers.pop(0))
            case "Pinned" | "PinnedByCorrelation":
                pinned = hash(pending.record.stream) % len(self.consumers)
                chosen = self.consumers[pinned]
                return chosen if chosen.slots > len(chosen.in_flight) else None
        free = (each for each in self.consumers if each.slots > len(each.in_flight))
        return next(free, None)

    def _push_again(self, pending: Pending) -> None:
        pending.retries += 1
        if pending.retries > self.settings.max_retry_count:
            self._park(pending)
        else:
            self._again.append(pending)

    def _park(self, pending: Pending) -> None:
        record = self._log.resolve(pending.record) if pending.parked else pending.record
        if record is not None:
            self._log.link(self.parked_stream, record)
        self._done(pending)

    def _done(self, pending: Pending | None) -> None:
        if pending is None:
            return
        if pending.parked:
            self._done_parked.add(pending.record.revision)
            self._log.keep(
                self._name("unparked"), json.dumps(sorted(self._done_parked))
            )
        else:
            self._acked += 1

    def _move_on(self, *, on_tick: bool = False) -> None:
        """Keep the checkpoint, when it is due; an end of the server keeps nothing."""
        settings, now = self.settings, time.monotonic()
        is_much = self._acked >= settings.max_checkpoint_count
        is_old = now - self._checkpoint_at >= settings.checkpoint_after_seconds
        enough = on_tick and self._acked >= max(settings.min_checkpoint_count, 1)
        if not (is_much or (is_old and enough)):
            return
        waiting = [*self._again, *self._all_in_flight()]
        orders = [each.order for each in waiting if not each.parked]
        reached = min(orders) - 1 if orders else self._next - 1
        self._acked, self._checkpoint_at = 0, now
        if reached >= 0 and reached > (
            -1 if self.checkpoint is None else self.checkpoint
        ):
            self.checkpoint = reached
            self._log.keep(self._name("checkpoint"), str(reached))

    def _all_in_flight(self) -> list[Pending]:
        return [p for each in self.consumers for p in each.in_flight.values()]

    def _first(self) -> int:
        start = self.settings.start
        if start == FROM_START:
            return 0
        if start == FROM_END:
            return len(self.records)
        return position_number(start) - 1 if self.settings.stream == "$all" else start

    def _name(self, what: str) -> str:
        return f"{what}:{self.settings.key}"
