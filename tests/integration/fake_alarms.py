"""Alarms of the engine made of data: its journal, and what people asked of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmFlood,
    AlarmOrigin,
    AlarmState,
    AlarmTransition,
    Condition,
    Maintenance,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.alarms.requests import (
    AcknowledgeRequest,
    AlarmReplay,
    AlarmsSinceRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)
from custom_components.plantroom.engine.errors import UnknownTargetError

type AlarmDeed = (
    AcknowledgeRequest | ShelveRequest | UnshelveRequest | MaintenanceRequest
)


@dataclass
class FakeAlarms:
    """The journal and what is open, as they outlive an engine's restart."""

    journal: list[AlarmTransition] = field(default_factory=list)
    open: dict[str, Alarm] = field(default_factory=dict)
    maintenance: tuple[Maintenance, ...] = ()
    flood: AlarmFlood | None = None
    # What the journal forgot: how many of its first rows.
    trimmed: int = 0
    asked: list[AlarmDeed] = field(default_factory=list)
    requests: list[AlarmsSinceRequest] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Return the number of the newest transition."""
        return self.journal[-1].number if self.journal else 0

    def happen(
        self, kind: TransitionKind, alarm: Alarm, at: datetime, **facts: Any
    ) -> AlarmTransition:
        """Keep that something happened to an alarm, which is as given afterwards."""
        number = self.last + 1
        before = self.open.get(alarm.alarm_id)
        alarm = replace(alarm, number=number, changed_at=at)
        transition = AlarmTransition(
            number=number,
            kind=kind,
            at=at,
            from_condition=before.condition if before else Condition.NORMAL,
            alarm=alarm,
            **facts,
        )
        self.journal.append(transition)
        if alarm.is_open:
            self.open[alarm.alarm_id] = alarm
        else:
            self.open.pop(alarm.alarm_id, None)
        return transition

    def since(self, request: AlarmsSinceRequest) -> AlarmReplay:
        """Answer as a journal does."""
        self.requests.append(request)
        rows = [
            row
            for row in self.journal
            if row.number > max(request.cursor, self.trimmed)
        ]
        return AlarmReplay(
            transitions=tuple(rows[: request.limit]),
            last=self.last,
            complete=self.trimmed <= request.cursor <= self.last,
        )

    def acknowledge(self, request: AcknowledgeRequest, at: datetime) -> AlarmTransition:
        """Take note of an alarm; raises UnknownTargetError."""
        self.asked.append(request)
        alarm = self.open.get(request.alarm_id)
        if alarm is None:
            raise UnknownTargetError("There is no such alarm", target=request.alarm_id)
        over = alarm.condition is Condition.NORMAL
        return self.happen(
            TransitionKind.ACKNOWLEDGED,
            replace(
                alarm,
                state=AlarmState.NORMAL if over else AlarmState.ACKNOWLEDGED,
                pending=(),
                acknowledged_at=at,
                acknowledged_by=request.actor,
                comment=request.comment,
            ),
            at,
            actor=request.actor,
            comment=request.comment,
        )

    def shelve(self, request: ShelveRequest, at: datetime) -> AlarmTransition | None:
        """Put an alarm on a shelf."""
        self.asked.append(request)
        alarm = self.open.get(request.alarm_id)
        if alarm is None:
            return None
        until = at + timedelta(seconds=request.seconds)
        shelved = replace(alarm, shelved_until=until, shelved_by=request.actor)
        return self.happen(TransitionKind.SHELVED, shelved, at, actor=request.actor)


def alarm_of(point_id: str, name: str, at: datetime, **facts: Any) -> Alarm:
    """Return an alarm that a device just raised, of high severity."""
    plain = Alarm(
        alarm_id=point_id,
        origin=AlarmOrigin.DEVICE,
        device_id=":".join(point_id.split(":")[:2]),
        point_id=point_id,
        name=name,
        state=AlarmState.ACTIVE,
        condition=Condition.HIGH_LIMIT,
        severity=Severity.HIGH,
        text=f"{name} is too high",
        raised_at=at,
        changed_at=at,
    )
    return replace(plain, **facts)
