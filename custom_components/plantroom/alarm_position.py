"""How far the journal of alarms was told, and what of it is news; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .engine.alarms.models import AlarmTransition
from .engine.alarms.requests import AlarmReplay, AlarmsSinceRequest

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The latest transition that was told: its number, and when it happened.

    Number and time together tell a journal from another one that took its place.
    news_since: until the end of the journal is reached, what happened before that is
    no news.
    """

    number: int
    at: datetime
    news_since: datetime | None = None

    @property
    def request(self) -> AlarmsSinceRequest:
        """Return what to ask for: the one told last again, to know it, and more."""
        return AlarmsSinceRequest(cursor=max(self.number - 1, 0), limit=PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What to tell, where that leads, whether more is to be had.

    gap: what happened between is not kept, or in another journal than before.
    """

    position: Position
    transitions: Sequence[AlarmTransition]
    more: bool
    gap: bool = False


def first_position(set_up_at: datetime) -> Position:
    """Return where to begin: what happened before Plantroom was set up is history."""
    return Position(number=0, at=set_up_at, news_since=set_up_at)


def after(position: Position, transition: AlarmTransition) -> Position:
    """Return the position once a transition is told."""
    return replace(position, number=transition.number, at=transition.at)


def news_of(position: Position, replay: AlarmReplay) -> News:
    """Return what is news of the answer to the position's request."""
    rows = replay.transitions
    if _is_another(position, replay):
        begin = Position(number=0, at=position.at, news_since=position.at)
        return News(position=begin, transitions=(), more=True, gap=True)
    if rows and rows[0].number == position.number:
        rows = rows[1:]
    gap = position.number > 0 and _is_gap(position, rows, replay.last)
    if rows:
        reached = after(position, rows[-1])
    else:
        reached = replace(position, number=replay.last)
    more = reached.number < replay.last
    since = position.news_since
    settled = reached.number > 0 and not more
    return News(
        position=replace(reached, news_since=None) if settled else reached,
        transitions=[row for row in rows if since is None or row.at > since],
        more=more,
        gap=gap,
    )


def _is_another(position: Position, replay: AlarmReplay) -> bool:
    """Return whether the position is of another journal."""
    if replay.last < position.number:
        return True
    rows = replay.transitions
    known = position.number > 0 and rows and rows[0].number == position.number
    return bool(known) and rows[0].at != position.at


def _is_gap(position: Position, rows: Sequence[AlarmTransition], last: int) -> bool:
    following = rows[0].number if rows else last + 1
    return following > position.number + 1
