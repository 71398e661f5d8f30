"""Alarms of a simulated device: intrinsic reporting, a Notification Class, acknowledgement (clause 13)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast, override

from bacpypes3 import object as standard
from bacpypes3.apdu import (
    ConfirmedEventNotificationRequest,
    ErrorRejectAbortNack,
    UnconfirmedEventNotificationRequest,
)
from bacpypes3.basetypes import (
    DateTime,
    EventTransitionBits,
    NotificationParameters,
    NotificationParametersChangeOfState,
    NotificationParametersOutOfRange,
    PropertyStates,
    StatusFlags,
    TimeStamp,
)
from bacpypes3.errors import PropertyError
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import Date, Time, Unsigned

from .objects import set_status
from .points import BINARY, EventRow, Point

NORMAL, FAULT, OFFNORMAL, HIGH_LIMIT, LOW_LIMIT = range(5)
TO_OFFNORMAL, TO_FAULT, TO_NORMAL = range(3)
CHANGE_OF_STATE, OUT_OF_RANGE = 1, 5
ALARM, ACK_NOTIFICATION = 0, 2
CLASS_INSTANCE = 1
WHO_IS_SECONDS = 20.0
MOST_OPEN = 32
PRIORITIES = (100, 120, 200)
STATES = {
    HIGH_LIMIT: "too high",
    LOW_LIMIT: "too low",
    NORMAL: "normal again",
    FAULT: "faulty",
    OFFNORMAL: "in alarm",
}


class NotificationClass(LocalObject, standard.NotificationClassObject):
    """Who is told of the device's events; anybody may change that."""

    _required = ("notificationClass", "priority", "ackRequired", "recipientList")
    _object_identifier_class = LocalObject._object_identifier_class
    _property_identifier_class = LocalObject._property_identifier_class
    _refuses_writes = False

    def decide_writes(self, *, refused: bool) -> None:
        """Let nobody change who is told, or everybody."""
        self._refuses_writes = refused

    @override
    async def write_property(
        self, attr: Any, value: Any, index: Any = None, priority: Any = None
    ) -> None:
        """Write the recipient list, and nothing else."""
        name = (
            attr
            if isinstance(attr, str)
            else self._property_identifier_class(attr).attr
        )
        if name != "recipientList" or self._refuses_writes:
            raise PropertyError(errorCode="writeAccessDenied")
        await super().write_property(name, value, index, priority)


@dataclass(slots=True, kw_only=True)
class EventState:
    """One object that reports events; acked and stamps by change: to off-normal, to fault, to normal."""

    object_id: Any
    name: str
    priority: int = PRIORITIES[0]
    state: int = NORMAL
    acked: list[int] = field(default_factory=lambda: [1, 1, 1])
    stamps: list[Any] = field(default_factory=lambda: [unspecified() for _ in range(3)])
    texts: list[str] = field(default_factory=lambda: [""] * 3)
    acknowledged_by: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether GetEventInformation lists it (clause 13.12)."""
        return self.state != NORMAL or 0 in self.acked


def unspecified() -> Any:
    """Return the time stamp of what never happened."""
    return TimeStamp(
        dateTime=DateTime(
            date=Date((255, 255, 255, 255)), time=Time((255, 255, 255, 255))
        )
    )


def change_to(state: int) -> int:
    """Return which of the three changes leads to a state."""
    return {NORMAL: TO_NORMAL, FAULT: TO_FAULT}.get(state, TO_OFFNORMAL)


class Events:
    """Watches a device's objects and tells recipients; what was sent, and how that ended, is kept."""

    def __init__(
        self, app: Any, rows: dict[str, EventRow], points: dict[str, Point]
    ) -> None:
        self._app = app
        self._rows = rows
        self._points = points
        self._objects: dict[str, Any] = {}
        self._addresses: dict[int, Address] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(MOST_OPEN)
        self._sequence = 0
        self.states: dict[Any, EventState] = {}
        self.ack_required = [1, 1, 0]
        self.form = "date and time"
        self.page_size = 8
        self.outcomes: list[str] = []
        self.notification_class = NotificationClass(
            objectIdentifier=("notification-class", CLASS_INSTANCE), objectName="Alarms", notificationClass=CLASS_INSTANCE,
            priority=list(PRIORITIES), ackRequired=EventTransitionBits(self.ack_required), recipientList=[],
        )  # fmt: skip
        app.add_object(self.notification_class)

    def watch(self, object_id: str, obj: Any) -> None:
        """Let an object report its events from now on."""
        row = self._rows.get(object_id)
        if row is None:
            return
        self._objects[object_id] = obj
        self.states[obj.objectIdentifier] = EventState(
            object_id=obj.objectIdentifier,
            name=str(obj.objectName),
            priority=row.priority,
        )
        self._show(obj)

    def evaluate(self, object_id: str) -> None:
        """Look at an object that may have changed."""
        obj, row = self._objects.get(object_id), self._rows.get(object_id)
        if obj is None or row is None:
            return
        event = self.states[obj.objectIdentifier]
        found = self._find(obj, row, event.state)
        if found != event.state:
            before, event.state = event.state, found
            values = self._values(
                self._points[object_id], obj, row, found if found != NORMAL else before
            )
            kind = CHANGE_OF_STATE if row.alarm_value is not None else OUT_OF_RANGE
            self._change(event, before, kind, values)
            set_status(obj, "eventState", found)
            self._show(obj)

    def flood(self, alarms: int) -> None:
        """Raise this many alarms of event enrollments at once."""
        for number in range(1, alarms + 1):
            key = ("event-enrollment", number)
            object_id = standard.ObjectIdentifier(key)
            event = self.states.setdefault(
                object_id, EventState(object_id=object_id, name=f"Enrollment {number}")
            )
            before, event.state = (
                event.state,
                OFFNORMAL if event.state == NORMAL else NORMAL,
            )
            self._change(event, before, CHANGE_OF_STATE, None)

    def acknowledge(self, object_id: Any, state: int, stamp: Any, source: str) -> str:
        """Take note; return "" or why not, as the standard names it (clause 13.5)."""
        event = self.states.get(object_id)
        if event is None:
            return "noAlarmConfigured"
        change = change_to(state)
        if _parts(stamp) != _parts(event.stamps[change]):
            return "invalidTimeStamp"
        event.acked[change] = 1
        event.acknowledged_by = source
        self._show_of(event)
        self._tell(
            event, state, ACK_NOTIFICATION, PRIORITIES[change], self._stamp(), {}
        )
        return ""

    def page(self, after: Any | None) -> tuple[list[EventState], bool]:
        """Return open events after an object, and whether there are more."""
        found = sorted(
            (e for e in self.states.values() if e.is_open),
            key=lambda e: _number(e.object_id),
        )
        if after is not None:
            found = [
                event for event in found if _number(event.object_id) > _number(after)
            ]
        return found[: self.page_size], len(found) > self.page_size

    def stop(self) -> None:
        """Send nothing any more."""
        for task in tuple(self._tasks):
            task.cancel()

    def _find(self, obj: Any, row: EventRow, current: int) -> int:
        if str(obj.reliability) != "no-fault-detected":
            return FAULT
        value = obj.presentValue
        if row.alarm_value is not None:
            return OFFNORMAL if int(value) == int(row.alarm_value) else NORMAL
        if row.high is not None and value > row.high - (
            row.deadband if current == HIGH_LIMIT else 0
        ):
            return HIGH_LIMIT
        if row.low is not None and value < row.low + (
            row.deadband if current == LOW_LIMIT else 0
        ):
            return LOW_LIMIT
        return NORMAL

    def _values(self, point: Point, obj: Any, row: EventRow, state: int) -> Any:
        flags = StatusFlags(obj.statusFlags)
        if point.object_type in BINARY:
            state_now = PropertyStates(binaryValue=int(obj.presentValue))
            return NotificationParameters(
                changeOfState=NotificationParametersChangeOfState(
                    newState=state_now, statusFlags=flags
                )
            )
        limit = row.low if state == LOW_LIMIT else row.high
        return NotificationParameters(
            outOfRange=NotificationParametersOutOfRange(
                exceedingValue=float(obj.presentValue), statusFlags=flags, deadband=row.deadband,
                exceededLimit=limit or 0.0,
            )
        )  # fmt: skip

    def _change(self, event: EventState, before: int, kind: int, values: Any) -> None:
        change = change_to(event.state)
        stamp = event.stamps[change] = self._stamp()
        event.acked[change] = 1 - self.ack_required[change]
        text = event.texts[change] = f"{event.name} is {STATES[event.state]}"
        facts = {
            "eventType": kind, "messageText": text, "ackRequired": bool(self.ack_required[change]), "fromState": before,
        }  # fmt: skip
        if values is not None:
            facts["eventValues"] = values
        priority = event.priority if change != TO_NORMAL else PRIORITIES[TO_NORMAL]
        self._tell(event, event.state, ALARM, priority, stamp, facts)

    def _tell(
        self,
        event: EventState,
        state: int,
        notify_type: int,
        priority: int,
        stamp: Any,
        facts: Any,
    ) -> None:
        wanted = {
            "initiatingDeviceIdentifier": self._app.device_object.objectIdentifier,
            "eventObjectIdentifier": event.object_id, "timeStamp": stamp, "notificationClass": CLASS_INSTANCE,
            "priority": priority, "eventType": CHANGE_OF_STATE, "notifyType": notify_type, "toState": state,
        } | facts  # fmt: skip
        for destination in self.notification_class.recipientList:
            if destination.transitions[change_to(state)]:
                self._spawn(self._send, destination, wanted)

    def _spawn(self, work: Callable[..., Any], *arguments: Any) -> None:
        task = asyncio.get_running_loop().create_task(work(*arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, destination: Any, facts: dict[str, Any]) -> None:
        async with self._places:
            address = await self._address_of(destination.recipient)
            if address is None:
                self.outcomes.append("no such recipient")
                return
            confirmed = bool(destination.issueConfirmedNotifications)
            kind = (
                ConfirmedEventNotificationRequest
                if confirmed
                else UnconfirmedEventNotificationRequest
            )
            request = kind(
                destination=address,
                processIdentifier=destination.processIdentifier,
                **facts,
            )
            if not confirmed:
                self._app.request(request)
                self.outcomes.append("sent")
                return
            try:
                await self._app.request(request)
            except ErrorRejectAbortNack as err:
                self.outcomes.append(str(err))
            else:
                self.outcomes.append("confirmed")

    async def _address_of(self, recipient: Any) -> Address | None:
        if recipient.device is None:
            return Address(bytes(recipient.address.macAddress))
        instance = int(recipient.device[1])
        if instance not in self._addresses:
            answers = await self._app.who_is(instance, instance, timeout=WHO_IS_SECONDS)
            if not answers:
                return None
            self._addresses[instance] = answers[0].pduSource
        return self._addresses[instance]

    def _stamp(self) -> Any:
        now = datetime.now().astimezone()
        time = Time((now.hour, now.minute, now.second, now.microsecond // 10_000))
        if self.form == "time":
            return TimeStamp(time=time)
        if self.form == "sequence number":
            self._sequence += 1
            return TimeStamp(sequenceNumber=Unsigned(self._sequence))
        date = Date((now.year - 1900, now.month, now.day, now.isoweekday()))
        return TimeStamp(dateTime=DateTime(date=date, time=time))

    def _show_of(self, event: EventState) -> None:
        for obj in self._objects.values():
            if obj.objectIdentifier == event.object_id:
                self._show(obj)

    def _show(self, obj: Any) -> None:
        """Let the object's properties say what clients read of its events."""
        event = self.states[obj.objectIdentifier]
        obj.notificationClass = CLASS_INSTANCE
        obj.ackedTransitions = EventTransitionBits(event.acked)
        obj.eventTimeStamps = list(event.stamps)
        obj.eventMessageTexts = list(event.texts)


def _parts(stamp: Any) -> tuple[Any, ...]:
    """Return what a time stamp holds; its octets depend on where bacpypes3 read it."""
    if stamp.dateTime is not None:
        return tuple(stamp.dateTime.date), tuple(stamp.dateTime.time)
    if stamp.time is not None:
        return (tuple(stamp.time),)
    return (int(stamp.sequenceNumber),)


def _number(object_id: Any) -> tuple[int, int]:
    kind, instance = cast(tuple[int, int], object_id)
    return int(kind), int(instance)
