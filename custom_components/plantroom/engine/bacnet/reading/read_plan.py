"""Polling the points of one device with requests encoded once."""

from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Final

from ...errors import MalformedReplyError
from ..octets.network_layer import Target
from ..octets.rpm import READ_PROPERTY_MULTIPLE, PropertyRef, PropertyResult
from ..octets.tags import MalformedFrameError
from .batched_read import TIMEOUT
from .confirmed_requests import ConfirmedRequests, Reply
from .device_limits import DeviceLimits
from .plan_batch import BatchReading, PlanBatch, PlannedPoint
from .property_reader import Fallback, PropertyReader
from .reply_sizes import REPLY_HEADER_OCTETS, REQUEST_HEADER_OCTETS, request_octets

__all__ = ["BatchReading", "ReadPlan"]

# Values without a fixed length, by object type: bit string, character string, octet string
_VARYING_TYPES: Final = frozenset((39, 40, 47))
_MOST_POINTS = 64


class ReadPlan:
    """The batches that read present value and status flags of a device's points.

    Learns which objects have no status flags, which values vary in length and which
    objects make a request time out; the latter two are kept from the others' batches.
    """

    def __init__(
        self,
        points: Sequence[tuple[str, int, int]],
        limits: DeviceLimits,
        fallback: Fallback | None = None,
    ) -> None:
        """Take point id, object type and instance of each point."""
        self._points = {
            point_id: PlannedPoint(
                point_id=point_id, object_type=object_type, instance=instance
            )
            for point_id, object_type, instance in points
        }
        self._limits = limits
        self._fallback = fallback
        self._varying = {
            point.point_id
            for point in self._points.values()
            if point.object_type in _VARYING_TYPES
        }
        self._alone: set[str] = set()
        self._batches: list[PlanBatch] = []
        self._revision: int | None = None

    async def run(
        self, requests: ConfirmedRequests, target: Target
    ) -> AsyncGenerator[BatchReading]:
        """Read every point once and yield batch after batch.

        Raises DeviceOfflineError when the device answers nothing; what was yielded
        before is good. Not to be run twice at once. Close it when left early
        (contextlib.aclosing), so that requests not sent yet never are.
        """
        self._limits.probe_again()
        if self._revision != self._limits.revision:
            self._build()
        reader = PropertyReader(requests, target, self._limits, self._fallback)
        if not self._limits.rpm_supported:
            for batch in self._batches:
                yield self._read_results(batch, await reader.read(batch.refs))
            return
        requests.start_window(target, self._limits.max_in_flight)
        replies = [
            requests.submit(target, READ_PROPERTY_MULTIPLE, batch.request)
            for batch in self._batches
        ]
        try:
            for batch, reply in zip(self._batches, replies, strict=True):
                yield self._decode(batch, await reply) or (
                    await self._recover(batch, reply.result(), reader)
                )
        finally:
            for reply in replies:
                reply.cancel()
            self._limits.max_in_flight = requests.window(target)

    def _decode(self, batch: PlanBatch, reply: Reply) -> BatchReading | None:
        """Return what a batch's reply says, None when it is no good."""
        if not isinstance(reply, bytes):
            return None
        try:
            reading = batch.decode(reply)
        except MalformedFrameError:
            return None
        if batch.layout_is_new:
            batch.layout_is_new = False
            self._limits.note_rpm_answered()
            self._learn_from(batch, reading)
        return reading

    async def _recover(
        self, batch: PlanBatch, reply: Reply, reader: PropertyReader
    ) -> BatchReading:
        """Read in other ways what one request for the batch did not bring."""
        failure = (
            MalformedReplyError("An undecodable reply", device="")
            if isinstance(reply, bytes)
            else reply
        )
        results = await reader.recover(batch.refs, batch.octets, failure)
        return self._read_results(batch, results)

    def _read_results(
        self, batch: PlanBatch, results: Sequence[PropertyResult]
    ) -> BatchReading:
        """Return what single results say of a batch."""
        reading = batch.read(results)
        batch.layout_is_new = False
        self._learn_from(batch, reading)
        return reading

    def _learn_from(self, batch: PlanBatch, reading: BatchReading) -> None:
        """Note the points that need another batch from the next run on."""
        alone = {
            point_id for point_id, error in reading.errors.items() if error == TIMEOUT
        }
        varying = {
            point_id
            for point_id, value in zip(reading.point_ids, reading.values, strict=True)
            if isinstance(value, str)
        }
        known = alone <= self._alone and varying <= self._varying
        if known and not batch.refused_flags:
            return
        self._alone |= alone
        self._varying |= varying
        for point_id in batch.refused_flags:
            self._points[point_id] = replace(self._points[point_id], with_flags=False)
        self._revision = None

    def _build(self) -> None:
        """Cut the points into batches that the device is thought to bear."""
        self._revision = self._limits.revision
        alone = [point for name, point in self._points.items() if name in self._alone]
        others = [p for name, p in self._points.items() if name not in self._alone]
        steady = deque(p for p in others if p.point_id not in self._varying)
        varying = deque(p for p in others if p.point_id in self._varying)
        self._batches = []
        for waiting in (steady, varying):
            while waiting:
                self._batches.append(self._cut(waiting))
        self._batches += [self._cut(deque((point,))) for point in alone]

    def _cut(self, waiting: deque[PlannedPoint]) -> PlanBatch:
        """Take the points of one request."""
        points: list[PlannedPoint] = []
        request, reply = REQUEST_HEADER_OCTETS, REPLY_HEADER_OCTETS
        while waiting and len(points) < _MOST_POINTS:
            previous: PropertyRef | None = None
            longer = reply
            for ref in waiting[0].refs:
                request += request_octets(ref, previous)
                longer += self._limits.sizes.reply_octets(ref, previous)
                previous = ref
            too_long = longer > self._limits.batch_octets
            if points and (too_long or request > self._limits.max_apdu):
                break
            reply = longer
            points.append(waiting.popleft())
        return PlanBatch(points, reply)
