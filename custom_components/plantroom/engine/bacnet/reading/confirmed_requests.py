"""Confirmed requests of our own on the socket that bacpypes3 uses as well."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from ...errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ..names.error_names import abort_name, reject_name
from ..octets.network_layer import (
    Endpoint,
    Target,
    locate_apdu,
    network_header,
    unicast_frame,
)
from ..octets.rpm import decode_error
from ..octets.tags import MalformedFrameError
from .request_lanes import (
    FAST_INVOKE_IDS,
    STACK_INVOKE_IDS,
    Lane,
    Lanes,
    Reply,
    Request,
    RequestKey,
)

__all__ = [
    "FAST_INVOKE_IDS",
    "SEGMENTATION_NOT_SUPPORTED",
    "STACK_INVOKE_IDS",
    "ConfirmedRequests",
    "Reply",
    "Target",
]

_LOGGER = logging.getLogger(__name__)

SEGMENTATION_NOT_SUPPORTED: Final = "abort-segmentation-not-supported"
_APDU_TOO_LONG = "abort-apdu-too-long"

# PDU types (clause 20.1.2) in the high four bits, their flags in the low ones
_SIMPLE_ACK = 0x20
_COMPLEX_ACK = 0x30
_ERROR = 0x50
_REJECT = 0x60
_ABORT = 0x70
_REPLIES = frozenset((_SIMPLE_ACK, _COMPLEX_ACK, _ERROR, _REJECT, _ABORT))
_FROM_SERVER = 0x01
_MAX_APDU_1476 = 0x05
_REQUEST_HEADER_OCTETS = 4
_REASON_SEGMENTATION = 4

_TICKS_PER_TIMEOUT = 8


class ConfirmedRequests:
    """Send confirmed requests and match their replies; one for each socket.

    Time is counted in ticks of one sweep over all requests, an eighth of the time-out,
    so no request needs a timer, and a loop that stalls times nothing out that has
    been answered meanwhile.
    """

    def __init__(
        self,
        send: Callable[[bytes, Endpoint], None],
        *,
        timeout_seconds: float = 3.0,
        retries: int = 3,
        per_device: int = 8,
        per_router: int = 4,
    ) -> None:
        """Take what sends a datagram, and how long and how often to try."""
        self._send = send
        self._tick_seconds = timeout_seconds / _TICKS_PER_TIMEOUT
        self._retries = retries
        self._lanes = Lanes(per_device, per_router)
        self._open: dict[RequestKey, Request] = {}
        self._tick = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def request(
        self,
        target: Target,
        service: int,
        data: bytes,
        *,
        retries: int | None = None,
        urgent: bool = False,
    ) -> bytes:
        """Return the service data of the acknowledgement, b"" of a simple one.

        Raises DeviceOfflineError, DeviceRefusedError with the standard's name of an
        error, "reject-…" or "abort-…", or MalformedReplyError.
        """
        reply = await self.submit(target, service, data, retries=retries, urgent=urgent)
        if isinstance(reply, bytes):
            return reply
        raise reply

    def submit(
        self,
        target: Target,
        service: int,
        data: bytes,
        *,
        retries: int | None = None,
        urgent: bool = False,
    ) -> asyncio.Future[Reply]:
        """Queue a request; the future's result is service data or a DeviceError.

        urgent: before all that waits for the device. A request that is lost is sent
        again as often as retries says, by default as the socket's requests are.
        Cancel the future to lose interest: a request not sent yet never is, one in
        flight keeps its place until its reply or time-out.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        reply: asyncio.Future[Reply] = self._loop.create_future()
        if len(data) + _REQUEST_HEADER_OCTETS > target.max_apdu:
            reply.set_result(_refused(target, _APDU_TOO_LONG))
            return reply
        lane = self._lanes.of(target)
        attempts = (self._retries if retries is None else retries) + 1
        request = Request(lane, service, data, reply, attempts)
        if urgent:
            lane.waiting.appendleft(request)
        else:
            lane.waiting.append(request)
        self._pump(lane)
        return reply

    def set_window(self, target: Target, window: int) -> None:
        """Go on from so many requests in flight to a device; learning goes on."""
        self._lanes.of(target).set_window(window)

    def start_window(self, target: Target, window: int | None) -> None:
        """Start from a remembered window, unless the device is known here already."""
        if window is not None and target not in self._lanes:
            self.set_window(target, window)

    def window(self, target: Target) -> int:
        """Return how many requests a device is trusted with at once, as learned."""
        return self._lanes.of(target).window

    def forget(self, target: Target) -> None:
        """Forget a device that is gone; what it was asked ends with DeviceOfflineError."""
        if target in self._lanes:
            lane = self._lanes.of(target)
            self._lanes.forget(target)
            self._fail_lane(lane)
            self._pump(lane)

    def close(self) -> None:
        """Answer everything open with DeviceOfflineError and stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for lane in self._lanes:
            self._fail_lane(lane)

    def handle(self, data: bytes, addr: Endpoint) -> bool:
        """Take a datagram if it is the reply to a request of ours, early or late."""
        located = locate_apdu(data, addr)
        if located is None:
            return False
        addr, source, offset = located
        first = data[offset]
        invoke_id = data[offset + 1]
        if first & 0xF0 not in _REPLIES or invoke_id not in FAST_INVOKE_IDS:
            return False
        if first & 0xF0 == _ABORT and not first & _FROM_SERVER:
            return False
        key = addr, source, invoke_id
        request = self._open.get(key)
        if request is None:
            _LOGGER.debug("Late reply %d from %s ignored", invoke_id, addr)
            return True
        if first == _COMPLEX_ACK:
            if data[offset + 2] != request.service:
                return True
            self._finish(request, key, data[offset + 3 :])
            return True
        reply = _read_reply(request, data, offset)
        if first & 0xF0 == _COMPLEX_ACK:
            self._refuse_segments(request.lane.target, invoke_id)
        if reply is not None:
            self._finish(request, key, reply)
        return True

    def _finish(self, request: Request, key: RequestKey, reply: Reply) -> None:
        """Give the reply to whoever waits for it and let the next request go."""
        del self._open[key]
        lane = request.lane
        lane.vacate(request)
        lane.note_answer(self._tick)
        if not request.reply.done():
            request.reply.set_result(reply)
        self._pump(lane)

    def _pump(self, lane: Lane) -> None:
        """Send what may be sent to a device, or to any behind its router."""
        line = lane.router or lane
        while (request := line.next_request()) is not None:
            self._transmit(request)

    def _transmit(self, request: Request) -> None:
        """Send a request, for the first time or again with the same invoke id."""
        lane = request.lane
        if request.key is None:
            self._give_invoke_id(request)
        lane.occupy(request)
        request.attempts_left -= 1
        request.deadline = self._tick + _TICKS_PER_TIMEOUT + 1
        self._send(request.frame, lane.target.addr)
        self._start_clock()

    def _start_clock(self) -> None:
        """Have the sweep come one tick from now, if it is not on its way."""
        if self._timer is None and self._loop is not None:
            self._timer = self._loop.call_later(self._tick_seconds, self._sweep)

    def _give_invoke_id(self, request: Request) -> None:
        """Choose the lane's next free invoke id and make the frame."""
        lane = request.lane
        invoke_id = lane.next_invoke_id
        key = lane.target.addr, lane.source, invoke_id
        while key in self._open:
            invoke_id = _following(invoke_id)
            key = lane.target.addr, lane.source, invoke_id
        lane.next_invoke_id = _following(invoke_id)
        # Neither segmented nor accepting a segmented reply
        header = bytes((0, _MAX_APDU_1476, invoke_id, request.service))
        request.frame = unicast_frame(lane.network_header + header + request.data)
        request.first_sent = self._tick
        request.key = key
        self._open[key] = request

    def _sweep(self) -> None:
        """Repeat or give up what is overdue; runs while anything is open."""
        self._timer = None
        self._tick += 1
        overdue: dict[Lane, list[Request]] = {}
        for request in tuple(self._open.values()):
            if not request.in_flight:
                if request.reply.done():
                    self._give_up(request)
            elif request.deadline <= self._tick:
                overdue.setdefault(request.lane, []).append(request)
        for lane, requests in overdue.items():
            self._time_out(lane, requests)
            self._pump(lane)
        if self._open:
            self._start_clock()

    def _time_out(self, lane: Lane, requests: list[Request]) -> None:
        """Put overdue requests back in line, or give them up after the last attempt."""
        sent = min(request.deadline for request in requests) - _TICKS_PER_TIMEOUT - 1
        beside_others = any(request.sent_beside for request in requests)
        lane.note_timeouts(sent, concurrent=beside_others)
        for request in reversed(requests):
            lane.vacate(request)
            if request.attempts_left > 0 and not request.reply.done():
                lane.waiting.appendleft(request)
                continue
            self._give_up(request)
            if not request.reply.cancelled() and lane.answered_at < request.first_sent:
                self._fail_lane(lane)
                return

    def _give_up(self, request: Request) -> None:
        """Answer one request with DeviceOfflineError."""
        if request.key is not None:
            self._open.pop(request.key, None)
        request.lane.vacate(request)
        if not request.reply.done():
            target = request.lane.target
            request.reply.set_result(
                DeviceOfflineError(f"No answer from {target}", device=str(target))
            )

    def _fail_lane(self, lane: Lane) -> None:
        """Answer all of a device's requests with DeviceOfflineError."""
        sent = [request for request in self._open.values() if request.lane is lane]
        for request in (*sent, *lane.waiting):
            self._give_up(request)
        lane.waiting.clear()

    def _refuse_segments(self, target: Target, invoke_id: int) -> None:
        """Abort a reply that came in segments although we asked for none."""
        abort = bytes((_ABORT, invoke_id, _REASON_SEGMENTATION))
        header = network_header(target, expecting_reply=False)
        self._send(unicast_frame(header + abort), target.addr)


def _following(invoke_id: int) -> int:
    following = invoke_id + 1
    return following if following in FAST_INVOKE_IDS else FAST_INVOKE_IDS.start


def _read_reply(request: Request, data: bytes, offset: int) -> Reply | None:
    """Return what any reply but a plain ComplexAck says, None when not to this."""
    kind = data[offset] & 0xF0
    reason = data[offset + 2]
    target = request.lane.target
    if kind == _COMPLEX_ACK:
        return _refused(target, SEGMENTATION_NOT_SUPPORTED)
    if kind == _REJECT:
        return _refused(target, reject_name(reason))
    if kind == _ABORT:
        return _refused(target, abort_name(reason))
    if reason != request.service:
        return None
    if kind == _SIMPLE_ACK:
        return b""
    try:
        return _refused(target, decode_error(data, offset + 3, len(data)))
    except MalformedFrameError:
        return MalformedReplyError("An error without a code", device=str(target))


def _refused(target: Target, reason: str) -> DeviceRefusedError:
    return DeviceRefusedError(
        f"{target} refused: {reason}", device=str(target), reason=reason
    )
