"""A subscriber by hand and a clock that stands still, for the rules of subscriptions."""

import asyncio
from dataclasses import dataclass, field

from custom_components.plantroom.engine.bacnet.change_of_value import ChangeOfValue
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.errors import (
    DeviceError,
    DeviceOfflineError,
    DeviceRefusedError,
)
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointKind,
    PointRole,
)

AI, BI = 0, 3
KINDS = {AI: PointKind.ANALOG, BI: PointKind.BINARY}


def refusal(reason: str) -> DeviceRefusedError:
    return DeviceRefusedError(reason, device="d", reason=reason)


OFFLINE = DeviceOfflineError("silent", device="d")


@dataclass
class Device:
    """Counts subscriptions; answers carries what it refuses, by object or for all."""

    slots: int = 100
    full: str = "no-space-to-add-list-element"
    held: set[ObjectId] = field(default_factory=set)
    asked: list[ObjectId] = field(default_factory=list)
    left: list[ObjectId] = field(default_factory=list)
    errors: dict[ObjectId | None, DeviceError] = field(default_factory=dict)
    leave_error: DeviceError | None = None

    async def subscribe(self, object_id: ObjectId, lifetime_seconds: int) -> None:
        self.asked.append(object_id)
        await asyncio.sleep(0)
        error = self.errors.get(object_id) or self.errors.get(None)
        if error is not None:
            raise error
        if object_id not in self.held and len(self.held) >= self.slots:
            raise refusal(self.full)
        self.held.add(object_id)

    async def unsubscribe(self, object_id: ObjectId) -> None:
        self.left.append(object_id)
        await asyncio.sleep(0)
        if self.leave_error is not None:
            raise self.leave_error
        self.held.discard(object_id)


class Clock:
    """Stands still until told; whoever waits then looks again."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.cov: ChangeOfValue | None = None

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
        assert self.cov is not None
        self.cov._wake.set()


@dataclass
class Bench:
    device: Device
    cov: ChangeOfValue
    clock: Clock
    proofs: list[int]

    def want(self, *objects: ObjectId) -> None:
        self.cov.want([(point(each), each) for each in objects])

    async def settle(self) -> None:
        for _ in range(300):
            await asyncio.sleep(0)

    def prove(self, *objects: ObjectId) -> None:
        for each in objects:
            assert self.cov.notified(each) is not None


def point(object_id: ObjectId) -> Point:
    return Point(
        point_id=f"n:1:{object_id}",
        device_id="n:1",
        reference=f"{object_id}",
        kind=KINDS[object_id.object_type],
        role=PointRole.INPUT,
        access=Access.READ_ONLY,
        name="x",
    )


def analogs(count: int, first: int = 0) -> list[ObjectId]:
    return [ObjectId(AI, number) for number in range(first, first + count)]
