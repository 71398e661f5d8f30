"""What senders hand to the embedded log, and what became of it."""

from dataclasses import dataclass

from .port import NewEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event and the stream that it is meant for."""

    stream: str
    event: NewEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where an event is in the log; known: it was there already."""

    position: int
    event_id: str
    known: bool
