"""Who may send next: requests wait in line for their device and for its router."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...errors import DeviceError
from ..octets.network_layer import Endpoint, Target, network_header

type Reply = bytes | DeviceError
type RequestKey = tuple[Endpoint, bytes, int]

FAST_INVOKE_IDS = range(64, 256)
"""Invoke ids of our own requests."""
STACK_INVOKE_IDS = range(64)
"""Invoke ids left to bacpypes3, which shares the socket."""

MOST_LANES = 4096
_WIDEN_AFTER = 500
# Well below the number of invoke ids, so that a free one is always found
_WIDEST_WINDOW = 64


@dataclass(slots=True, eq=False)
class Request:
    """One confirmed request from its submission to its reply."""

    lane: Lane
    service: int
    data: bytes
    reply: asyncio.Future[Reply]
    attempts_left: int
    key: RequestKey | None = None
    frame: bytes = b""
    deadline: int = 0
    first_sent: int = 0
    in_flight: bool = False
    sent_beside: int = 0


class Router:
    """What the devices behind one router address share."""

    __slots__ = ("in_flight", "lanes", "window")

    def __init__(self, window: int) -> None:
        """Allow so many requests in flight to all devices together."""
        self.window = window
        self.in_flight = 0
        self.lanes: deque[Lane] = deque()

    def next_request(self) -> Request | None:
        """Take a request of the device whose turn it is, if any may go out."""
        if self.in_flight >= self.window:
            return None
        for _ in range(len(self.lanes)):
            lane = self.lanes[0]
            self.lanes.rotate(-1)
            if (request := lane.next_request()) is not None:
                return request
        return None


class Lane:
    """The requests of one device: waiting in order, and how many may be in flight.

    The window narrows when a device answers some of several concurrent requests and
    lets others time out; it widens again slowly. A device that has fallen silent is
    asked one thing at a time.
    """

    __slots__ = (
        "answered_at",
        "in_flight",
        "most_in_flight",
        "network_header",
        "next_invoke_id",
        "router",
        "silent",
        "smooth_answers",
        "source",
        "target",
        "waiting",
        "widen_after",
        "window",
    )

    def __init__(self, target: Target, window: int, router: Router | None) -> None:
        """Start with the widest window."""
        self.target = target
        self.source = target.source
        self.network_header = network_header(target, expecting_reply=True)
        self.router = router
        self.window = self.most_in_flight = min(window, _WIDEST_WINDOW)
        self.waiting: deque[Request] = deque()
        self.in_flight = 0
        self.next_invoke_id = FAST_INVOKE_IDS.start
        self.silent = False
        self.answered_at = -1
        self.smooth_answers = 0
        self.widen_after = _WIDEN_AFTER
        if router is not None:
            router.lanes.append(self)

    def may_send(self) -> bool:
        """Return whether the first waiting request may go out now."""
        if self.in_flight >= (1 if self.silent else self.window):
            return False
        return self.router is None or self.router.in_flight < self.router.window

    def next_request(self) -> Request | None:
        """Take the first request that somebody still waits for, if it may go out."""
        while self.waiting and self.may_send():
            request = self.waiting.popleft()
            if not request.reply.done():
                return request
        return None

    def occupy(self, request: Request) -> None:
        """Count a request as in flight."""
        request.in_flight = True
        request.sent_beside = self.in_flight
        self.in_flight += 1
        if self.router is not None:
            self.router.in_flight += 1

    def vacate(self, request: Request) -> None:
        """Count a request as no longer in flight."""
        if not request.in_flight:
            return
        request.in_flight = False
        self.in_flight -= 1
        if self.router is not None:
            self.router.in_flight -= 1

    def note_answer(self, now: int) -> None:
        """Record that the device answered; after many in a row the window widens."""
        self.answered_at = now
        self.silent = False
        self.smooth_answers += 1
        if self.smooth_answers >= self.widen_after:
            self.smooth_answers = 0
            self.window = min(self.window + 1, self.most_in_flight)

    def note_timeouts(self, since: int, *, concurrent: bool) -> None:
        """Record that requests sent at since, some at once, went unanswered."""
        self.smooth_answers = 0
        if self.answered_at < since:
            self.silent = True
        elif concurrent:
            self.window = 2 if self.window > 2 else 1
            self.widen_after *= 2

    def set_window(self, window: int) -> None:
        """Go on with so many requests in flight; learning goes on from there."""
        self.window = min(max(1, window), _WIDEST_WINDOW)
        self.most_in_flight = max(self.most_in_flight, self.window)


@dataclass(slots=True)
class Lanes:
    """All lanes of a socket, by target, and the routers they lead through."""

    per_device: int
    per_router: int
    _lanes: dict[Target, Lane] = field(default_factory=dict)
    _routers: dict[Endpoint, Router] = field(default_factory=dict)

    def of(self, target: Target) -> Lane:
        """Return the lane of a target, made when first asked for."""
        lane = self._lanes.get(target)
        if lane is None:
            if len(self._lanes) >= MOST_LANES:
                self._drop_idle()
            lane = self._lanes[target] = self._open(target)
        return lane

    def forget(self, target: Target) -> None:
        """Drop the lane of a target that is gone."""
        lane = self._lanes.pop(target, None)
        if lane is not None and lane.router is not None:
            lane.router.lanes.remove(lane)

    def __contains__(self, target: Target) -> bool:
        """Return whether something was ever sent to a target."""
        return target in self._lanes

    def __iter__(self) -> Iterator[Lane]:
        """Yield every lane."""
        return iter(self._lanes.values())

    def _drop_idle(self) -> None:
        """Drop the lanes nobody uses now: scans leave one for each device found."""
        for target, lane in [*self._lanes.items()]:
            if not lane.in_flight and not lane.waiting:
                self.forget(target)

    def _open(self, target: Target) -> Lane:
        if target.network is None:
            return Lane(target, self.per_device, None)
        router = self._routers.get(target.addr)
        if router is None:
            router = self._routers[target.addr] = Router(self.per_router)
        # Half the router at most, or one dead device would hold up the others
        window = max(1, min(self.per_device, self.per_router // 2))
        return Lane(target, window, router)
