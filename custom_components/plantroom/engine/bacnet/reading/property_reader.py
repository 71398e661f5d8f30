"""Reading any properties of one device, however little it can do."""

from collections.abc import Sequence
from typing import Final

from ...errors import DeviceError, DeviceRefusedError, MalformedReplyError
from ..octets.encoding import Primitive
from ..octets.network_layer import Target
from ..octets.rpm import (
    READ_PROPERTY,
    PropertyRef,
    PropertyResult,
    decode_read_property_ack,
    encode_read_property,
)
from ..octets.tags import MalformedFrameError
from .batched_read import BatchedRead, Fallback
from .confirmed_requests import ConfirmedRequests
from .device_limits import TOO_LONG_REASONS, DeviceLimits

__all__ = ["Fallback", "PropertyReader"]

MOST_ELEMENTS: Final = 65536


class PropertyReader:
    """Reads properties of a device in as few requests as it bears."""

    def __init__(
        self,
        requests: ConfirmedRequests,
        target: Target,
        limits: DeviceLimits,
        fallback: Fallback | None = None,
    ) -> None:
        """Take the socket's requests, the device and its limits.

        fallback: reads one property whose reply needs segmentation.
        """
        self._requests = requests
        self._target = target
        self._limits = limits
        self._fallback = fallback

    async def read(self, refs: Sequence[PropertyRef]) -> list[PropertyResult]:
        """Return a result for each ref, in their order.

        A property that cannot be read has its error in its own result; only a device
        that answers nothing raises: DeviceOfflineError.
        """
        reading = self._begin()
        try:
            await reading.run(refs)
        finally:
            self._limits.max_in_flight = self._requests.window(self._target)
        return [reading.results[ref] for ref in refs]

    async def recover(
        self, refs: Sequence[PropertyRef], octets: int, failure: DeviceError
    ) -> list[PropertyResult]:
        """Read refs whose one batch, with a reply of about so many octets, failed."""
        too_long = getattr(failure, "reason", "") in TOO_LONG_REASONS
        if too_long and octets > self._limits.batch_octets:
            return await self.read(refs)
        reading = self._begin()
        await reading.recover(list(dict.fromkeys(refs)), octets, failure)
        return [reading.results[ref] for ref in refs]

    async def read_array(
        self, object_type: int, instance: int, property_id: int
    ) -> list[Primitive]:
        """Return the elements of an array or list property.

        One that is too long for a reply is read element by element; an element that
        cannot be read is None. Raises DeviceOfflineError, DeviceRefusedError with the
        reason for the property as a whole, or MalformedReplyError.
        """
        ref = PropertyRef(object_type, instance, property_id)
        try:
            data = await self._requests.request(
                self._target, READ_PROPERTY, encode_read_property(ref)
            )
            return self._values_of(decode_read_property_ack(data))
        except DeviceRefusedError as refused:
            if refused.reason not in TOO_LONG_REASONS:
                raise
        except MalformedFrameError as error:
            raise MalformedReplyError(str(error), device=str(self._target)) from error
        return await self._read_elements(ref)

    async def _read_elements(self, ref: PropertyRef) -> list[Primitive]:
        """Return an array's elements, read by index; index 0 holds their number."""
        (length,) = await self.read([ref._replace(index=0)])
        if length.error and self._fallback is not None:
            return self._values_of(await self._fallback(ref))
        values = self._values_of(length)
        count = values[0] if len(values) == 1 else None
        if not isinstance(count, int) or not 0 <= count <= MOST_ELEMENTS:
            raise MalformedReplyError(
                f"An array of {count!r} elements", device=str(self._target)
            )
        elements = await self.read(
            [ref._replace(index=index) for index in range(1, count + 1)]
        )
        return [value for element in elements for value in element.values or (None,)]

    def _values_of(self, result: PropertyResult) -> list[Primitive]:
        if not result.error:
            return list(result.values)
        raise DeviceRefusedError(
            f"{self._target} refused: {result.error}",
            device=str(self._target),
            reason=result.error,
        )

    def _begin(self) -> BatchedRead:
        """Return a new reading that goes on from what was learned."""
        self._limits.probe_again()
        self._requests.start_window(self._target, self._limits.max_in_flight)
        return BatchedRead(self._requests, self._target, self._limits, self._fallback)
