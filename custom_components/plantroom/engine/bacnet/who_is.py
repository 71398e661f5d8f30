"""Who-Is, and the I-Ams that answer it within a time (clause 16.10)."""

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from ..requests import ScanRequest
from .description.object_types import WILDCARD_INSTANCE
from .wire.addresses import BacnetAddress

MOST_FOUND: Final = 20_000
TIMES_ASKED: Final = 2
_TICK_SECONDS: Final = 0.25
_LEAST_SECONDS: Final = 0.001
_SEGMENTED_REPLIES: Final = frozenset({0, 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class IAm:
    """A device's answer to Who-Is; segmentation as its number there.

    address: "192.168.1.20", "192.168.1.20:47809", behind a router
    "2001:7@192.168.1.1".
    """

    instance: int
    address: str
    max_apdu: int
    segmentation: int
    vendor_id: int


class WhoIsNetwork(Protocol):
    """What a network lends discovery."""

    async def send_who_is(self, low: int, high: int, destination: str | None) -> None:
        """Ask the instances in a range; None asks every network there is."""

    def listen_i_am(self, callback: Callable[[IAm], None]) -> Callable[[], None]:
        """Call back with every I-Am; return what ends it."""


type ScanProgress = Callable[[float, str], None]


def segments_replies(segmentation: int) -> bool:
    """Tell whether a device can send us a reply in segments (BACnetSegmentation)."""
    return segmentation in _SEGMENTED_REPLIES


async def collect_i_ams(
    network: WhoIsNetwork,
    request: ScanRequest,
    progress: ScanProgress,
    *,
    parts: int = 1,
) -> list[IAm]:
    """Return the I-Ams heard in request.seconds after Who-Is was sent, twice each.

    Only a scan of one address ends early, with its first answer.
    """
    census = Census(request)
    seconds = max(request.seconds, _LEAST_SECONDS)

    def report(at: float) -> None:
        progress(min(1.0, at / seconds), str(len(census.answers)))

    unsubscribe = network.listen_i_am(census.take)
    at = 0.0
    try:
        for until, low, high in _schedule(request, seconds, parts):
            report(at)
            await network.send_who_is(low, high, request.address or None)
            at = await _listen(census, at, until, report)
            if census.complete.is_set():
                break
    finally:
        unsubscribe()
    report(seconds)
    return census.answers


class Census:
    """The answers to one scan: wanted ones only, each device and address once."""

    def __init__(self, request: ScanRequest) -> None:
        """Take what is asked for; complete is set when nothing more can come."""
        self.complete = asyncio.Event()
        self._request = request
        self._answers: dict[tuple[int, str], IAm] = {}

    @property
    def answers(self) -> list[IAm]:
        """Return the answers so far, first heard first."""
        return list(self._answers.values())

    def take(self, i_am: IAm) -> None:
        """Count an answer in, unless nobody asked this device."""
        if not self._is_wanted(i_am) or len(self._answers) >= MOST_FOUND:
            return
        self._answers.setdefault((i_am.instance, i_am.address), i_am)
        if self._request.address:
            self.complete.set()

    def _is_wanted(self, i_am: IAm) -> bool:
        request = self._request
        if i_am.instance == WILDCARD_INSTANCE:
            return False
        if not request.low <= i_am.instance <= request.high:
            return False
        # Devices behind a name or a translated address answer from another one
        asked_for_one = request.low == request.high
        return (
            not request.address
            or asked_for_one
            or _is_at(i_am.address, request.address)
        )


def _schedule(
    request: ScanRequest, seconds: float, parts: int
) -> Iterator[tuple[float, int, int]]:
    """Return when to listen until after asking which range.

    Every range is asked in the first half of the time and again after it, those of
    one round quickly after each other so that slow answers still come in time.
    """
    ranges = list(_split(request.low, request.high, parts))
    round_seconds = seconds / TIMES_ASKED
    pause = round_seconds / 2 / len(ranges)
    for number in range(TIMES_ASKED):
        started = number * round_seconds
        for place, (low, high) in enumerate(ranges[:-1], 1):
            yield started + place * pause, low, high
        yield started + round_seconds, *ranges[-1]


def _split(low: int, high: int, parts: int) -> Iterator[tuple[int, int]]:
    """Return so many neighbouring ranges of about the same width."""
    width = math.ceil(max(1, high - low + 1) / max(1, parts))
    for first in range(low, max(low, high) + 1, width):
        yield first, min(first + width - 1, high)


async def _listen(
    census: Census, from_: float, until: float, report: Callable[[float], None]
) -> float:
    """Wait until a moment, or until the census is complete; return the moment."""
    at = from_
    while at < until and not census.complete.is_set():
        tick = min(_TICK_SECONDS, until - at)
        try:
            async with asyncio.timeout(tick):
                await census.complete.wait()
        except TimeoutError:
            at += tick
            report(at)
    return at


def _is_at(answered: str, asked: str) -> bool:
    """Tell whether an answer comes from an address; one without port fits any."""
    try:
        address = BacnetAddress.parse(answered)
        if asked == address.station:
            return True
        return address == BacnetAddress.parse(asked, address.port)
    except ValueError:
        return answered == asked
