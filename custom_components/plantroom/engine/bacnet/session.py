"""What talks to a device at one address: reader, sampler, subscriptions, commands."""

from collections.abc import Callable

from ..models import Point, PointValue
from ..points import Points
from ..write_rules import ReadBack
from .change_of_value import ChangeOfValue
from .octets.encoding import BitString, Constructed, ObjectId, Primitive
from .octets.rpm import PropertyRef, PropertyResult
from .reading.device_limits import DeviceLimits
from .reading.property_reader import PropertyReader
from .reading.segmented_reads import read_segmented
from .readings import FLAGS, flags_of_bits, value_of
from .sampling import PRESENT_VALUE, PRIORITIES, PRIORITY_ARRAY, STATUS_FLAGS, Sampler
from .wire.addresses import BacnetAddress
from .wire.link import Link
from .writing import CovSubscriber, write_present_value


class DeviceSession:
    """Lives as long as the device keeps its address and its description."""

    def __init__(
        self,
        device_id: str,
        link: Link,
        address: BacnetAddress,
        limits: DeviceLimits,
        points: Points,
        *,
        cov_slots: int | None,
        on_proof: Callable[[], None],
    ) -> None:
        """Take who, over which link, where, and what was learned before."""
        self.address = address
        self._link = link
        self.target = address.target(limits.max_apdu)
        self.reader = PropertyReader(
            link.requests, self.target, limits, self._read_segmented
        )
        self.cov = ChangeOfValue(
            device_id, CovSubscriber(link.requests, self.target), on_proof, cov_slots
        )
        self.sampler = Sampler(
            points,
            link.requests,
            self.target,
            self.reader,
            limits,
            self.cov,
            self._read_segmented,
        )

    async def close(self, *, cancel: bool) -> None:
        """Stop; cancel: give subscriptions back to a device that may hear us."""
        await self.cov.stop(cancel=cancel)
        self._link.requests.forget(self.target)

    async def request(
        self, service: int, data: bytes, *, urgent: bool = False
    ) -> bytes:
        """Return the service data of an acknowledgement; raises DeviceError."""
        return await self._link.requests.request(
            self.target, service, data, urgent=urgent
        )

    async def write(
        self, object_id: ObjectId, value: PointValue, priority: int | None
    ) -> None:
        """Write or relinquish a present value; raises DeviceError."""
        await write_present_value(
            self._link.requests, self.target, object_id, value, priority
        )

    async def read_back(self, point: Point, object_id: ObjectId) -> ReadBack:
        """Read value and priority array, and make a reading of them."""
        value, flags, array = await self.reader.read(
            [
                PropertyRef(*object_id, PRESENT_VALUE),
                PropertyRef(*object_id, STATUS_FLAGS),
                PropertyRef(*object_id, PRIORITY_ARRAY),
            ]
        )
        raw = value.values[0] if value.values else None
        read_back = ReadBack(
            present_value=value_of(point, raw)[0],
            priority_array=_priority_array(point, array),
        )
        bits = flags.values[0] if flags.values else None
        self.sampler.take_read_back(
            point,
            raw,
            flags_of_bits(bits) if isinstance(bits, BitString) else FLAGS[0],
            read_back.priority_in_command,
            value.error,
        )
        return read_back

    async def _read_segmented(self, ref: PropertyRef) -> PropertyResult:
        return await read_segmented(self._link.app, self.address, ref)


def _priority_array(point: Point, result: PropertyResult) -> tuple[PointValue, ...]:
    if result.error or len(result.values) != PRIORITIES:
        return ()
    return tuple(_slot(point, raw) for raw in result.values)


def _slot(point: Point, raw: Primitive) -> PointValue:
    if raw is None:
        return None
    if isinstance(raw, Constructed):
        return raw.raw.hex()
    return value_of(point, raw)[0]
