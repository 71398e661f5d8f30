"""What a device was found to bear: sizes, services, requests at once."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..octets.rpm import PropertyRef
from .reply_sizes import (
    REPLY_HEADER_OCTETS,
    REQUEST_HEADER_OCTETS,
    ReplySizes,
    request_octets,
)

TOO_LONG_REASONS: Final = frozenset(
    {
        "abort-segmentation-not-supported",
        "abort-buffer-overflow",
        "abort-apdu-too-long",
        "reject-buffer-overflow",
        "reject-too-many-arguments",
    }
)
"""How devices say that a request or its reply is too long."""

RPM_REFUSED: Final = "reject-unrecognized-service"

PROBE_AGAIN_SECONDS: Final = 3600.0
_FAILURES_TO_REFUSE = 8
_MOST_PROPERTIES = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSnapshot:
    """What is worth keeping of a device's limits over a restart."""

    max_apdu: int
    batch_octets: int | None = None
    rpm_supported: bool = True
    max_in_flight: int | None = None


class DeviceLimits:
    """The limits of one device, learned from its refusals and tried again in time.

    revision changes whenever batches should be cut anew.
    """

    def __init__(
        self,
        max_apdu: int = 480,
        *,
        batch_octets: int | None = None,
        rpm_supported: bool = True,
        max_in_flight: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start from what the device announced or a snapshot remembers."""
        self.max_apdu = max_apdu
        self.max_in_flight = max_in_flight
        self.sizes = ReplySizes()
        self.revision = 0
        self._batch_octets = min(batch_octets or max_apdu, max_apdu)
        self._rpm_supported = rpm_supported
        self._rpm_failures = 0
        self._clock = clock
        self._learned_at = clock()

    @classmethod
    def restore(cls, snapshot: LimitsSnapshot) -> DeviceLimits:
        """Return the limits that a snapshot remembers."""
        return cls(
            snapshot.max_apdu,
            batch_octets=snapshot.batch_octets,
            rpm_supported=snapshot.rpm_supported,
            max_in_flight=snapshot.max_in_flight,
        )

    def snapshot(self) -> LimitsSnapshot:
        """Return what is worth keeping over a restart."""
        return LimitsSnapshot(
            max_apdu=self.max_apdu,
            batch_octets=self._batch_octets,
            rpm_supported=self._rpm_supported,
            max_in_flight=self.max_in_flight,
        )

    @property
    def batch_octets(self) -> int:
        """Return how long the reply to a batch may be expected to get."""
        return self._batch_octets

    @property
    def rpm_supported(self) -> bool:
        """Return whether ReadPropertyMultiple is worth sending."""
        return self._rpm_supported

    def take_max_apdu(self, max_apdu: int) -> None:
        """Learn how long an APDU may be; what was shortened for a reason stays short."""
        if max_apdu == self.max_apdu:
            return
        shortened = self._batch_octets < self.max_apdu
        self.max_apdu = max_apdu
        self._learn(
            batch_octets=min(self._batch_octets, max_apdu) if shortened else max_apdu
        )

    def probe_again(self) -> None:
        """Some time after the last lesson, try RPM again and batches twice as long."""
        if self._clock() - self._learned_at < PROBE_AGAIN_SECONDS:
            return
        if not self._rpm_supported:
            self._rpm_failures = _FAILURES_TO_REFUSE - 1
            self._learn(rpm_supported=True)
        elif self._batch_octets < self.max_apdu:
            self._learn(batch_octets=min(self._batch_octets * 2, self.max_apdu))

    def note_too_long(self, octets: int) -> None:
        """Learn that a batch with a reply of about so many octets was too long."""
        if octets <= self._batch_octets:
            self._learn(batch_octets=max(1, octets // 2))

    def note_rpm_answered(self) -> None:
        """Learn that the device answers ReadPropertyMultiple."""
        self._rpm_failures = 0

    def note_rpm_failed(self, reason: str) -> None:
        """Learn from an RPM that failed for a reason other than its length."""
        self._rpm_failures += 1
        if reason == RPM_REFUSED or self._rpm_failures >= _FAILURES_TO_REFUSE:
            self._learn(rpm_supported=False)

    def take_batch(self, waiting: deque[PropertyRef]) -> tuple[list[PropertyRef], int]:
        """Take the properties of one request; also return its reply's expected octets."""
        batch: list[PropertyRef] = []
        most = _MOST_PROPERTIES if self._rpm_supported else 1
        request, reply = REQUEST_HEADER_OCTETS, REPLY_HEADER_OCTETS
        previous: PropertyRef | None = None
        while waiting and len(batch) < most:
            ref = waiting[0]
            request += request_octets(ref, previous)
            longer = reply + self.sizes.reply_octets(ref, previous)
            if batch and (longer > self._batch_octets or request > self.max_apdu):
                break
            reply = longer
            batch.append(waiting.popleft())
            previous = ref
        return batch, reply

    def _learn(
        self, *, batch_octets: int | None = None, rpm_supported: bool | None = None
    ) -> None:
        if batch_octets is not None:
            self._batch_octets = batch_octets
        if rpm_supported is not None:
            self._rpm_supported = rpm_supported
        self._learned_at = self._clock()
        self.revision += 1
