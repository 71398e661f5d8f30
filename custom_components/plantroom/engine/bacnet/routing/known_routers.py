"""Which router leads to a network that we are not on, as routers and frames tell."""

from collections.abc import Callable
from typing import Final, NamedTuple

MOST_KNOWN: Final = 1024
# A router that moved to another of our networks is believed after so long
STALE_SECONDS: Final = 300.0


class Way(NamedTuple):
    """A network of ours, and the MAC of the router on it."""

    number: int
    mac: bytes


class KnownRouters:
    """A bounded table; nobody redirects a way that is in use to another network."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take what tells the time, in seconds."""
        self._now = now
        self._ways: dict[int, tuple[Way, float]] = {}

    def __contains__(self, network: int) -> bool:
        """Return whether there is a way to a network."""
        return network in self._ways

    def way_to(self, network: int) -> Way | None:
        """Return the way to a network."""
        known = self._ways.get(network)
        return None if known is None else known[0]

    def networks_beyond(self, number: int) -> list[int]:
        """Return the networks that are reached over one of ours."""
        return [n for n, (way, _) in self._ways.items() if way.number == number]

    def learn(self, network: int, way: Way) -> bool:
        """Take a way; return whether it is the one that is used."""
        known = self._ways.pop(network, None)
        now = self._now()
        if known is not None:
            before, heard_at = known
            if before.number != way.number and now - heard_at < STALE_SECONDS:
                self._ways[network] = known
                return False
        self._ways[network] = (way, now)
        while len(self._ways) > MOST_KNOWN:
            del self._ways[next(iter(self._ways))]
        return True

    def forget(self, network: int, number: int) -> None:
        """Drop a way over one of our networks: its router knows it no more."""
        way = self.way_to(network)
        if way is not None and way.number == number:
            del self._ways[network]

    def forget_all_over(self, number: int) -> None:
        """Drop the ways over one of our networks, which is gone."""
        for network in self.networks_beyond(number):
            del self._ways[network]
