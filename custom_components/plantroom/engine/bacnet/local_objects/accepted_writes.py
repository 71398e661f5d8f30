"""Writes that were answered: a client that asks again is answered again, not obeyed."""

import asyncio
from typing import Final, NamedTuple

from .models import ObjectKey
from .objects import LocalObjects
from .writing import Done

REMEMBERED_SECONDS: Final = 10.0
MOST_REMEMBERED: Final = 256


class WriteId(NamedTuple):
    """What repeats of one request have in common."""

    source: str
    invoke_id: int
    service: int
    body: bytes


class _Answered(NamedTuple):
    at: float
    answer: bytes
    done: Done


class AcceptedWrites:
    """A bounded memory of what was answered to which write."""

    def __init__(self, objects: LocalObjects) -> None:
        """Take the objects: a repeat of what is not so any more is a write anew."""
        self._objects = objects
        self._answered: dict[WriteId, _Answered] = {}

    def answer(self, write: WriteId) -> bytes | None:
        """Return what was answered to a write already, None for a new one."""
        known = self._answered.get(write)
        if known is None:
            return None
        is_recent = _now() - known.at < REMEMBERED_SECONDS
        if is_recent and all(map(self._stands, known.done.items())):
            return known.answer
        del self._answered[write]
        return None

    def remember(self, write: WriteId, answer: bytes, done: Done) -> None:
        """Keep what was answered, and what the objects showed then."""
        if not done:
            return
        self._answered.pop(write, None)
        self._answered[write] = _Answered(_now(), answer, done)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        """Keep what is recent and no more than there is room for."""
        recent = _now() - REMEMBERED_SECONDS
        while self._answered:
            oldest = next(iter(self._answered))
            is_recent = self._answered[oldest].at >= recent
            if is_recent and len(self._answered) <= MOST_REMEMBERED:
                return
            del self._answered[oldest]

    def _stands(self, written: tuple[ObjectKey, object]) -> bool:
        key, state = written
        return self._objects.state(key) is state


def _now() -> float:
    return asyncio.get_running_loop().time()
