"""What a client may expect of alarms, over every wire there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.plantroom.engine.alarms.configuration import (
    AlarmingConfig,
    AlarmRoute,
    AlarmRule,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmState,
    AlarmTransition,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.alarms.requests import (
    AcknowledgeRequest,
    AlarmsSinceRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)
from custom_components.plantroom.engine.bacnet import ip_access
from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.events import AlarmsChanged, EngineEvent
from custom_components.plantroom.engine.requests import AuditQuery, AuditRow
from tests.site import site_of, until

from .conftest import OpenOffice
from .office import ROOM, VAV, Office, assert_mirror_is_right

KIND = TransitionKind
RULE = AlarmRule(
    rule_id="hot",
    kind=RuleKind.HIGH,
    point_id=ROOM,
    high=26.0,
    severity=Severity.HIGH,
)
ALARM = RULE.alarm_id
SHELVED = AuditQuery(point_id=ALARM, actions=("shelve", "unshelve"))
ACKNOWLEDGED = AuditQuery(actions=("acknowledge",))
ROUTE = AlarmRoute(severity=Severity.HIGH, targets=("ada",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An office with a rule on a room, and what was told of alarms."""

    office: Office
    told: list[AlarmTransition]

    def set_room(self, value: float) -> None:
        self.office.building.set(VAV, "analog-input,1", "presentValue", value)

    def alarm(self) -> Alarm | None:
        return self.office.client.mirror.alarms.get(ALARM)

    async def until_state(self, state: AlarmState) -> None:
        def reached() -> bool:
            alarm = self.alarm()
            return (AlarmState.NORMAL if alarm is None else alarm.state) is state

        await until(reached)

    @property
    def kinds(self) -> list[TransitionKind]:
        return [transition.kind for transition in self.told]


@asynccontextmanager
async def watched(opened: Office, *rules: AlarmRule) -> AsyncIterator[Watched]:
    told: list[AlarmTransition] = []

    def hear(event: EngineEvent) -> None:
        if isinstance(event, AlarmsChanged):
            told.extend(event.transitions)

    unsubscribe = opened.client.listen_changes(hear)
    alarming = AlarmingConfig(rules=rules, routes=(ROUTE,))
    site = replace(site_of(opened.building, VAV), alarming=alarming)
    await opened.client.configure(site)
    yield Watched(office=opened, told=told)
    unsubscribe()


async def test_room_that_is_too_hot_is_an_alarm_until_somebody_took_note(
    office: OpenOffice,
):
    opened = await office(VAV)
    async with watched(opened, RULE) as room:
        room.set_room(30.0)
        await room.until_state(AlarmState.ACTIVE)
        alarm = room.alarm()
        assert alarm is not None
        name = opened.client.mirror.points[ROOM].name
        assert alarm.text == f"{name} is 30 °C, above 26 °C"
        assert (alarm.value, alarm.targets, alarm.device_id) == (
            30.0, ("ada",), f"n:{VAV}",
        )  # fmt: skip
        assert await opened.client.alarms() == (alarm,)
        room.set_room(21.0)
        await room.until_state(AlarmState.CLEARED)
        await assert_mirror_is_right(opened)
        after = await opened.client.acknowledge_alarm(
            AcknowledgeRequest(alarm_id=ALARM, actor="Ada", comment="window open")
        )
        assert after.alarm_id == ALARM
        await room.until_state(AlarmState.NORMAL)
    assert room.kinds == [KIND.RAISED, KIND.CLEARED, KIND.ACKNOWLEDGED]
    assert (room.told[-1].actor, room.told[-1].comment) == ("Ada", "window open")
    rows = await opened.client.audit_log(ACKNOWLEDGED)
    assert [(r.action, r.verdict, r.actor, r.point_id) for r in rows] == [
        ("acknowledge", "verified", "Ada", ROOM),
        ("acknowledge", "requested", "Ada", ROOM),
    ]
    assert (rows[0].old, rows[0].new, rows[0].detail) == (
        "cleared", "normal", "window open",
    )  # fmt: skip


async def test_points_of_rules_are_fresh_though_nobody_watches_them(
    office: OpenOffice,
):
    opened = await office(VAV)
    async with watched(opened, RULE):
        await until(lambda: ROOM in opened.client.mirror.readings)
    await opened.client.configure(site_of(opened.building, VAV))
    await until(lambda: not opened.building.cov_subscriptions(VAV))


async def test_client_that_was_away_is_told_what_it_missed(office: OpenOffice):
    opened = await office(VAV)
    async with watched(opened, RULE) as room:
        for value in (30.0, 21.0, 31.0):
            room.set_room(value)
            seen = len(room.told)
            await until(lambda seen=seen: len(room.told) > seen)
        replay = await opened.client.alarms_since(AlarmsSinceRequest(cursor=1))
        assert list(replay.transitions) == room.told[1:]
        assert (replay.last, replay.complete) == (3, True)
        assert opened.client.mirror.alarm_cursor == 3
        values = await opened.client.alarm_values(3)
        assert values is not None
        assert (ROOM, 31.0) in values.values
        assert await opened.client.alarm_values(99) is None


async def test_shelved_alarm_comes_and_goes_quietly(office: OpenOffice):
    opened = await office(VAV)
    async with watched(opened, RULE) as room:
        await opened.client.shelve_alarm(
            ShelveRequest(alarm_id=ALARM, seconds=3600, actor="Ada", comment="sensor")
        )
        room.set_room(30.0)
        await room.until_state(AlarmState.ACTIVE)
        alarm = room.alarm()
        assert alarm is not None
        assert (alarm.is_quiet, alarm.shelved_by) == (True, "Ada")
        await opened.client.unshelve_alarm(UnshelveRequest(alarm_id=ALARM, actor="Bea"))
        await until(lambda: room.kinds == [KIND.RAISED, KIND.UNSHELVED])
        assert not room.told[-1].alarm.is_quiet
        with pytest.raises(UnknownTargetError):
            await opened.client.unshelve_alarm(
                UnshelveRequest(alarm_id=ALARM, actor="Bea")
            )
    rows = await opened.client.audit_log(SHELVED)
    assert [(r.action, r.actor, r.verdict) for r in rows] == [
        ("unshelve", "Bea", "verified"), ("shelve", "Ada", "verified"),
    ]  # fmt: skip
    assert rows[0].old == rows[1].new
    ours = replace(SHELVED, point_id="", device_id=f"n:{VAV}")
    assert await opened.client.audit_log(ours) == rows
    assert await opened.client.audit_log(replace(ours, device_id="n:9")) == ()


async def test_ends_that_come_by_themselves_are_in_the_audit_as_well(
    office: OpenOffice,
):
    client = (await office(VAV)).client
    await client.shelve_alarm(ShelveRequest(alarm_id=ALARM, seconds=0.1, actor="Ada"))
    await client.set_maintenance(
        MaintenanceRequest(
            subject=f"n:{VAV}",
            active=True,
            until=datetime.now(UTC) + timedelta(seconds=0.1),
            actor="Ada",
        )
    )
    rows: list[AuditRow] = []
    ends = AuditQuery(actions=("unshelve", "end_maintenance"))
    while len(rows) < 2:
        rows = [*await client.audit_log(ends)]
    assert {(row.action, row.point_id, row.actor) for row in rows} == {
        ("unshelve", ALARM, "Plantroom"),
        ("end_maintenance", f"n:{VAV}", "Plantroom"),
    }


@pytest.mark.parametrize("seconds", [0, -5, 31 * 86400, float("nan")])
async def test_shelf_has_an_end_that_makes_sense(office: OpenOffice, seconds: float):
    opened = await office(VAV)
    with pytest.raises(ConfigurationError):
        await opened.client.shelve_alarm(
            ShelveRequest(alarm_id=ALARM, seconds=seconds, actor="Ada")
        )


async def test_maintenance_keeps_a_devices_alarms_from_calling_people(
    office: OpenOffice,
):
    opened = await office(VAV)
    client = opened.client
    async with watched(opened, RULE) as room:
        room.set_room(30.0)
        await room.until_state(AlarmState.ACTIVE)
        end = datetime.now(UTC) + timedelta(hours=2)
        request = MaintenanceRequest(
            subject=f"n:{VAV}", active=True, until=end, actor="Ada", comment="filter"
        )
        await client.set_maintenance(request)
        await until(lambda: client.mirror.maintenance)
        (maintenance,) = client.mirror.maintenance
        assert (maintenance.subject, maintenance.until) == (f"n:{VAV}", end)
        await until(lambda: room.kinds[-1] is KIND.SUPPRESSED)
        await assert_mirror_is_right(opened)
        await client.set_maintenance(replace(request, active=False, actor="Bea"))
        await until(lambda: room.kinds[-1] is KIND.UNSUPPRESSED)
        await until(lambda: client.mirror.maintenance == ())
        assert [t.actor for t in room.told[1:]] == ["Ada", "Bea"]
    with pytest.raises(ConfigurationError):
        await client.set_maintenance(replace(request, until=end.replace(tzinfo=None)))


async def test_device_that_does_not_answer_is_an_alarm_where_that_is_asked_for(
    office: OpenOffice, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ip_access, "backoff_seconds", lambda failures: 0.05)
    opened = await office()
    client, alarm_id = opened.client, f"silent:n:{VAV}"
    alarming = AlarmingConfig(silent_severity=Severity.HIGH, silent_seconds=0.1)
    opened.building.unplug(VAV)
    site = replace(site_of(opened.building, VAV), alarming=alarming)
    await client.configure(site)
    await until(lambda: alarm_id in client.mirror.alarms)
    alarm = client.mirror.alarms[alarm_id]
    assert (alarm.device_id, alarm.severity) == (f"n:{VAV}", Severity.HIGH)
    assert alarm.text == f"{alarm.name} does not answer"
    await client.acknowledge_alarm(AcknowledgeRequest(alarm_id=alarm_id, actor="Ada"))
    opened.building.plug(VAV)
    await until(lambda: alarm_id not in client.mirror.alarms)
    await assert_mirror_is_right(opened)


async def test_alarm_that_is_not_open_cannot_be_acknowledged(office: OpenOffice):
    opened = await office(VAV)
    with pytest.raises(UnknownTargetError):
        await opened.client.acknowledge_alarm(
            AcknowledgeRequest(alarm_id="rule:none", actor="Ada")
        )
    assert await opened.client.audit_log(ACKNOWLEDGED) == ()


async def test_two_who_acknowledge_at_once_are_two_in_the_audit_and_one_in_the_journal(
    office: OpenOffice,
):
    opened = await office(VAV)
    async with watched(opened, RULE) as room:
        room.set_room(30.0)
        await room.until_state(AlarmState.ACTIVE)
        await asyncio.gather(
            *(
                opened.client.acknowledge_alarm(
                    AcknowledgeRequest(alarm_id=ALARM, actor=actor)
                )
                for actor in ("Ada", "Bea")
            )
        )
        await room.until_state(AlarmState.ACKNOWLEDGED)
    assert room.kinds == [KIND.RAISED, KIND.ACKNOWLEDGED]
    assert len(await opened.client.audit_log(ACKNOWLEDGED)) == 4


async def test_removed_device_takes_its_alarms_along(office: OpenOffice):
    opened = await office(VAV)
    async with watched(opened, RULE) as room:
        room.set_room(30.0)
        await room.until_state(AlarmState.ACTIVE)
        alarming = AlarmingConfig(rules=(RULE,))
        await opened.client.configure(
            replace(site_of(opened.building), alarming=alarming)
        )
        await room.until_state(AlarmState.NORMAL)
    assert room.kinds == [KIND.RAISED, KIND.REMOVED]
