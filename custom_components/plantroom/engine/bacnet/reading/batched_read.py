"""One reading of many properties of a device, in batches as long as it bears."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from ...errors import (
    DeviceError,
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)
from ..octets.network_layer import Target
from ..octets.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    PropertyRef,
    PropertyResult,
    decode_field,
    decode_read_property_ack,
    encode_read_property,
    encode_read_property_multiple,
    scan_property_fields,
)
from ..octets.tags import MalformedFrameError
from .confirmed_requests import ConfirmedRequests
from .device_limits import TOO_LONG_REASONS, DeviceLimits

type Fallback = Callable[[PropertyRef], Awaitable[PropertyResult]]

TIMEOUT: Final = "timeout"
MALFORMED_REPLY: Final = "malformed-reply"

# Any device answers for it, if only with an error (clause 15.5.2)
_ANY_DEVICE_IDENTIFIER = PropertyRef(8, 0x3FFFFF, 75)
_PROBE_RETRIES = 1


class BatchedRead:
    """Reads each property once; results holds one entry for each in the end."""

    def __init__(
        self,
        requests: ConfirmedRequests,
        target: Target,
        limits: DeviceLimits,
        fallback: Fallback | None,
    ) -> None:
        """Take where to read, what the device bears, and who reads what is too long."""
        self.results: dict[PropertyRef, PropertyResult] = {}
        self._requests = requests
        self._target = target
        self._limits = limits
        self._fallback = fallback
        self._waiting: deque[PropertyRef] = deque()

    async def run(self, refs: Iterable[PropertyRef]) -> None:
        """Read all refs, or raise DeviceOfflineError."""
        self._waiting.extend(dict.fromkeys(refs))
        workers = min(self._requests.window(self._target), len(self._waiting))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(self._work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def recover(
        self, batch: list[PropertyRef], octets: int, failure: DeviceError
    ) -> bool:
        """Read piece by piece what failed as one batch with a reply of octets.

        Returns False when one property fails for its length alone.
        """
        if isinstance(failure, DeviceOfflineError):
            await self._prove_alive()
            return await self._read_halves(batch, octets)
        if not isinstance(failure, DeviceRefusedError):
            self._limits.note_rpm_failed(MALFORMED_REPLY)
            return await self._read_singles(batch)
        if failure.reason in TOO_LONG_REASONS:
            return await self._read_halves(batch, octets)
        self._limits.note_rpm_failed(failure.reason)
        return await self._read_halves(batch)

    async def _work(self) -> None:
        while self._waiting:
            await self._read_batch(*self._limits.take_batch(self._waiting))

    async def _read_batch(self, batch: list[PropertyRef], octets: int) -> bool:
        """Read a batch; return False when one property fails for its length alone."""
        if len(batch) == 1:
            return await self._read_single(batch[0])
        if not self._limits.rpm_supported:
            return await self._read_singles(batch)
        try:
            await self._read_multiple(batch)
        except DeviceError as failure:
            return await self.recover(batch, octets, failure)
        return await self._read_singles(
            [ref for ref in batch if ref not in self.results]
        )

    async def _read_multiple(self, batch: list[PropertyRef]) -> None:
        """Read a batch with one ReadPropertyMultiple and keep what it brings."""
        data = await self._requests.request(
            self._target, READ_PROPERTY_MULTIPLE, encode_read_property_multiple(batch)
        )
        try:
            fields = scan_property_fields(data)
        except MalformedFrameError as error:
            raise MalformedReplyError(str(error), device=str(self._target)) from error
        self._limits.note_rpm_answered()
        asked = set(batch)
        for field in fields:
            if field.ref in asked:
                self.results[field.ref] = decode_field(data, field)
                if not field.error:
                    self._limits.sizes.note(field.ref, field.end - field.start)

    async def _read_halves(
        self, batch: list[PropertyRef], too_long: int | None = None
    ) -> bool:
        """Read two halves; learn that the whole was too long when each of them fits."""
        middle = (len(batch) + 1) // 2
        octets = (too_long or 0) // 2
        fit = True
        for half in (batch[:middle], batch[middle:]):
            if half and not await self._read_batch(half, octets):
                fit = False
        if fit and too_long is not None and len(batch) > 1:
            self._limits.note_too_long(too_long)
        return fit

    async def _read_singles(self, batch: list[PropertyRef]) -> bool:
        fit = True
        for ref in batch:
            if not await self._read_single(ref):
                fit = False
        return fit

    async def _read_single(self, ref: PropertyRef) -> bool:
        """Read one property; return False when it is too long or times out alone."""
        try:
            data = await self._requests.request(
                self._target, READ_PROPERTY, encode_read_property(ref)
            )
            result = decode_read_property_ack(data)
        except DeviceRefusedError as refused:
            if refused.reason in TOO_LONG_REASONS:
                await self._read_by_fallback(ref, refused.reason)
                return False
            result = PropertyResult(ref, (), refused.reason)
        except DeviceOfflineError:
            await self._prove_alive()
            self.results[ref] = PropertyResult(ref, (), TIMEOUT)
            return False
        except MalformedReplyError, MalformedFrameError:
            await self._read_by_fallback(ref, MALFORMED_REPLY)
            return True
        self.results[ref] = result._replace(ref=ref)
        return True

    async def _read_by_fallback(self, ref: PropertyRef, reason: str) -> None:
        """Let the stack that can do segmentation read it, where there is one."""
        result = PropertyResult(ref, (), reason)
        if self._fallback is not None:
            try:
                result = await self._fallback(ref)
            except DeviceRefusedError as refused:
                result = PropertyResult(ref, (), refused.reason)
            except DeviceOfflineError:
                result = PropertyResult(ref, (), TIMEOUT)
            except MalformedReplyError:
                result = PropertyResult(ref, (), MALFORMED_REPLY)
        self.results[ref] = result

    async def _prove_alive(self) -> None:
        """Return when the device answers anything at all, else DeviceOfflineError."""
        try:
            await self._requests.request(
                self._target,
                READ_PROPERTY,
                encode_read_property(_ANY_DEVICE_IDENTIFIER),
                retries=_PROBE_RETRIES,
            )
        except DeviceRefusedError, MalformedReplyError:
            return
