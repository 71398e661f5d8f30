"""A node that is connected to our hub: what waits for it, and whether it reads."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from custom_components.plantroom.engine.secure_connect.models import HubNode

# Some 400 of the longest usual messages
MOST_WAITING_OCTETS: Final = 640 * 1024
HIGH_WATER: Final = 64 * 1024
SLOW_SECONDS: Final = 20.0
# Who-Is answered by a whole site passes; a node that never ends does not.
BROADCAST_BURST: Final = 1000.0
BROADCASTS_PER_SECOND: Final = 200.0


class Member:
    """A node and its queue; what it does not read in time is dropped, then it is."""

    __slots__ = (
        "_allowance",
        "_allowed_at",
        "_dropped",
        "_due",
        "_loop",
        "_octets",
        "_patience",
        "_paused",
        "_transport",
        "_waiting",
        "device_uuid",
        "expires",
        "heard",
        "leaving",
        "max_bvlc",
        "node",
        "pinged",
        "vmac",
    )

    def __init__(
        self,
        node: HubNode,
        transport: asyncio.Transport,
        *,
        max_bvlc: int,
        expires: datetime,
        dropped: Callable[[], None],
    ) -> None:
        """Take who it is, and whom to tell of a message dropped."""
        self.node = node
        self.vmac = bytes.fromhex(node.vmac.replace(":", ""))
        self.device_uuid = node.device_uuid
        self.max_bvlc = max_bvlc
        self.expires = expires
        self.leaving = False
        self.pinged = False
        self._loop = asyncio.get_running_loop()
        self.heard = self._loop.time()
        self._transport = transport
        self._dropped = dropped
        self._waiting: list[bytes] = []
        self._octets = 0
        self._due = False
        self._paused = False
        self._patience: asyncio.TimerHandle | None = None
        self._allowance = BROADCAST_BURST
        self._allowed_at = self.heard
        transport.set_write_buffer_limits(high=HIGH_WATER)

    def put(self, packet: bytes) -> None:
        """Let a packet go out with the others of this moment, or drop it."""
        octets = self._octets + len(packet)
        if octets > MOST_WAITING_OCTETS:
            self._dropped()
            return
        self._octets = octets
        self._waiting.append(packet)
        if not self._due and not self._paused:
            self._due = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits, all at once."""
        self._due = False
        if self._paused or not self._waiting or self._transport.is_closing():
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._octets = 0
        self._transport.write(data)

    def set_writable(self, is_writable: bool) -> None:
        """Take note of whether it reads; for good when it does not in time."""
        self._paused = not is_writable
        if is_writable:
            self._lose_patience_no_more()
            self.flush()
        elif self._patience is None:
            self._patience = self._loop.call_later(SLOW_SECONDS, self.end)

    def may_broadcast(self) -> bool:
        """Return whether it may send to all of them now, and count it if so."""
        now = self._loop.time()
        self._allowance = min(
            BROADCAST_BURST,
            self._allowance + (now - self._allowed_at) * BROADCASTS_PER_SECOND,
        )
        self._allowed_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def end(self) -> None:
        """Cut its connection without a word."""
        self.leaving = True
        self._lose_patience_no_more()
        self._transport.abort()

    def _lose_patience_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
