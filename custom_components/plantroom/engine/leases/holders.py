"""Which clients are there, and since when those that hold something are not."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime


class Holders:
    """Clients by id, counted: one may be connected twice while it comes back.

    "": whoever runs the engine in its own process; there for as long as that runs.
    """

    def __init__(self) -> None:
        """Start with nobody."""
        self._present: Counter[str] = Counter()
        self._absent_since: dict[str, float] = {}

    def remember(self, seen: Mapping[str, datetime], now: datetime) -> None:
        """Take when clients were there last, before this process began."""
        moment = asyncio.get_running_loop().time()
        for client, at in seen.items():
            away = max(0.0, (now - at).total_seconds())
            self._absent_since[client] = moment - away

    def came(self, client: str) -> None:
        """Note that a client is there."""
        self._present[client] += 1
        self._absent_since.pop(client, None)

    def went(self, client: str) -> None:
        """Note that a client has gone, the last of its id."""
        self._present[client] -= 1
        if self._present[client] <= 0:
            del self._present[client]
            self._absent_since[client] = asyncio.get_running_loop().time()

    def is_there(self, client: str) -> bool:
        """Return whether a client is there now."""
        return client in self._present

    def gone_seconds(self, client: str) -> float:
        """Return for how long a client has not been there; from now on for a stranger."""
        if self.is_there(client):
            return 0.0
        now = asyncio.get_running_loop().time()
        return now - self._absent_since.setdefault(client, now)

    def forget(self, but: frozenset[str]) -> None:
        """Forget the absence of clients that hold nothing."""
        for client in [*self._absent_since]:
            if client not in but:
                del self._absent_since[client]
