"""Replies that may still come, where nothing tells them from other ones; pure.

A serial frame names the unit and the function only: the reply to a request that was
given up is taken for the reply to the next one of that unit. So the unit is asked for
nothing else until its reply cannot come any more. The same request may be repeated.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    request: Hashable
    first_sent: float
    until: float


class LateReplies:
    """What each unit still owes; times are the loop's."""

    def __init__(self, longest_seconds: float) -> None:
        """Take how late a reply can be."""
        self._longest = longest_seconds
        self._owed: dict[int, _Owed] = {}

    def missed(self, unit_id: int, request: Hashable, sent: float) -> None:
        """Take a request that was given up."""
        before = self._owed.get(unit_id)
        repeated = before is not None and before.request == request
        self._owed[unit_id] = _Owed(
            request=request,
            first_sent=before.first_sent if before and repeated else sent,
            until=sent + self._longest,
        )

    def answered(self, unit_id: int, request: Hashable, now: float) -> None:
        """Take a reply; if the request was repeated, another may be on its way.

        That one is no slower than this one was at the worst.
        """
        owed = self._owed.get(unit_id)
        if owed is None:
            return
        if owed.until <= now or owed.request != request:
            del self._owed[unit_id]
            return
        slow = min(now - owed.first_sent, self._longest)
        self._owed[unit_id] = replace(owed, until=now + slow, first_sent=now)

    def wait_seconds(self, unit_id: int, request: Hashable, now: float) -> float:
        """Return how long to let a unit be before this request."""
        owed = self._owed.get(unit_id)
        if owed is None or owed.request == request:
            return 0.0
        return max(owed.until - now, 0.0)
