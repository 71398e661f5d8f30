"""A simulated device whose alarms are ours, what was told of them, and recipients."""

from typing import Any

from bacpypes3.basetypes import (
    DaysOfWeek,
    Destination,
    EventTransitionBits,
    Recipient,
)
from bacpypes3.primitivedata import ObjectIdentifier, Time, Unsigned

from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmTransition,
    TransitionKind,
)
from tests.simulators.building import Building
from tests.simulators.events import Events

from .field_bench import NETWORK, FieldBench

AHU, VAV, FCU = 1001, 2001, 5001
OWN = 4194000
ROOM = f"{NETWORK}:{VAV}:analog-input,1"
FROST = f"{NETWORK}:{AHU}:binary-input,4"
KIND = TransitionKind


def events_of(building: Building, instance: int) -> Events:
    events = building.device(instance).events
    assert events is not None
    return events


def set_room(building: Building, value: float) -> None:
    building.set(VAV, "analog-input,1", "presentValue", value)


def recipients_of(building: Building, instance: int) -> list[tuple[int, int]]:
    """Return (device, process) of everybody who is told."""
    found = events_of(building, instance).notification_class.recipientList
    return [(int(d.recipient.device[1]), int(d.processIdentifier)) for d in found]


class Alarmed:
    """A network whose devices tell us of their events, and what was told of them."""

    def __init__(self, building: Building, bench: FieldBench) -> None:
        self.building = building
        self.bench = bench

    @property
    def told(self) -> list[AlarmTransition]:
        return self.bench.booked.told

    @property
    def kinds(self) -> list[TransitionKind]:
        return [transition.kind for transition in self.told]

    def alarm(self, alarm_id: str = ROOM) -> Alarm:
        alarm = self.bench.booked.book.get(alarm_id)
        assert alarm is not None
        return alarm

    async def until_kinds(self, *kinds: TransitionKind) -> None:
        await self.bench.until(lambda: self.kinds == list(kinds))

    async def registered(self, instance: int = VAV, **config: Any) -> None:
        """Serve a device that tells us of its events."""
        await self.bench.serve(instance, **{"notification_classes": None} | config)
        await self.bench.until(lambda: recipients_of(self.building, instance))
        await self.bench.online(instance)
        # Its alarms are asked for after that: what is told before could come by both
        await self.bench.no_poll(instance)

    async def acknowledge(self, alarm_id: str = ROOM, actor: str = "Ada") -> None:
        await self.bench.network.acknowledge_alarm(self.alarm(alarm_id), actor)


def destination(device: int, process: int, *, confirmed: bool = True) -> Any:
    return Destination(
        validDays=DaysOfWeek([1] * 7),
        fromTime=Time((0, 0, 0, 0)),
        toTime=Time((23, 59, 59, 99)),
        recipient=Recipient(device=ObjectIdentifier(("device", device))),
        processIdentifier=Unsigned(process),
        issueConfirmedNotifications=confirmed,
        transitions=EventTransitionBits([1, 1, 1]),
    )
