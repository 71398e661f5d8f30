"""Every alarm lives the one life, whoever raised it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.alarms.life import (
    AlarmNews,
    Step,
    acknowledge,
    follow,
    remove,
)
from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmOrigin,
    AlarmState,
    Change,
    Condition,
    DeviceTime,
    PendingAck,
    Severity,
    TransitionKind,
)
from tests.site import AT

LATER = AT + timedelta(minutes=5)
STAMP = DeviceTime(text="#17", octets="1911")


def news(condition: Condition, **facts: Any) -> AlarmNews:
    wanted = {
        "alarm_id": "rule:r",
        "origin": AlarmOrigin.RULE,
        "device_id": "n:1",
        "point_id": "n:1:analog-input,1",
        "name": "Room",
        "severity": Severity.HIGH,
        "text": "Room is too hot",
        "at": AT,
        "ack_required": condition is not Condition.NORMAL,
    }
    return AlarmNews(condition=condition, **wanted | facts)


def lived(*steps: AlarmNews) -> Alarm:
    """Return the alarm after all this."""
    alarm = None
    for each in steps:
        step = follow(alarm, each)
        assert step is not None
        alarm = step.alarm
    assert alarm is not None
    return alarm


HIGH, NORMAL = news(Condition.HIGH_LIMIT), news(Condition.NORMAL, at=LATER)


def pending_of(alarm: Alarm, *changes: Change) -> list[PendingAck]:
    return [each for each in alarm.pending if each.change in changes]


def taken_note(alarm: Alarm, *changes: Change) -> Step:
    taken = pending_of(alarm, *changes) if changes else alarm.pending
    step = acknowledge(alarm, taken, LATER, "Ada", "seen")
    assert step is not None
    return step


def test_nothing_wrong_with_what_was_well_is_no_news():
    assert follow(None, NORMAL) is None
    cleared = lived(HIGH, NORMAL)
    assert follow(cleared, NORMAL) is None


def test_raised_cleared_acknowledged_is_over():
    alarm = lived(HIGH)
    assert (alarm.state, alarm.raised_at) == (AlarmState.ACTIVE, AT)
    assert alarm.pending == (
        PendingAck(change=Change.TO_OFFNORMAL, condition=Condition.HIGH_LIMIT),
    )
    step = follow(alarm, NORMAL)
    assert step is not None
    assert (step.kind, step.from_condition) == (
        TransitionKind.CLEARED, Condition.HIGH_LIMIT,
    )  # fmt: skip
    assert step.alarm.state is AlarmState.CLEARED
    end = taken_note(step.alarm)
    assert (end.kind, end.alarm.state) == (
        TransitionKind.ACKNOWLEDGED, AlarmState.NORMAL,
    )  # fmt: skip
    assert (end.alarm.acknowledged_by, end.alarm.comment) == ("Ada", "seen")


def test_raised_acknowledged_cleared_is_over():
    alarm = taken_note(lived(HIGH)).alarm
    assert alarm.state is AlarmState.ACKNOWLEDGED
    assert acknowledge(alarm, (), LATER, "Bea", "") is None
    step = follow(alarm, NORMAL)
    assert step is not None
    assert step.alarm.state is AlarmState.NORMAL
    assert step.alarm.acknowledged_by == "Ada"


def test_alarm_without_duty_is_over_when_it_clears_but_can_be_acknowledged():
    quiet = news(Condition.OFFNORMAL, ack_required=False)
    alarm = lived(quiet)
    assert (alarm.state, alarm.pending) == (AlarmState.ACTIVE, ())
    assert taken_note(alarm).alarm.state is AlarmState.ACKNOWLEDGED
    assert lived(quiet, NORMAL).state is AlarmState.NORMAL


def test_what_comes_again_is_raised_again_and_counted():
    alarm = lived(HIGH, NORMAL, news(Condition.LOW_LIMIT, at=LATER))
    assert (alarm.occurrences, alarm.raised_at) == (2, LATER)
    assert alarm.state is AlarmState.ACTIVE
    (pending,) = alarm.pending
    assert pending.condition is Condition.LOW_LIMIT


def test_another_condition_asks_for_an_acknowledgement_of_its_own():
    alarm = taken_note(lived(HIGH)).alarm
    step = follow(alarm, news(Condition.FAULT, at=LATER))
    assert step is not None
    assert step.kind is TransitionKind.CHANGED
    assert (step.alarm.state, step.alarm.raised_at) == (AlarmState.ACTIVE, AT)
    assert (step.alarm.acknowledged_at, step.alarm.comment) == (None, "")


def test_each_change_is_acknowledged_by_itself():
    alarm = lived(
        HIGH,
        news(Condition.FAULT),
        news(Condition.NORMAL, ack_required=True, device_time=STAMP),
    )
    assert [each.change for each in alarm.pending] == [
        Change.TO_OFFNORMAL, Change.TO_FAULT, Change.TO_NORMAL,
    ]  # fmt: skip
    assert alarm.pending[2].device_time == STAMP
    alarm = taken_note(alarm, Change.TO_FAULT).alarm
    assert (alarm.state, alarm.acknowledged_at) == (AlarmState.CLEARED, None)
    assert acknowledge(alarm, [], LATER, "Ada", "") is None
    alarm = taken_note(alarm, Change.TO_OFFNORMAL, Change.TO_NORMAL).alarm
    assert alarm.state is AlarmState.NORMAL


def test_note_of_what_changed_meanwhile_is_not_taken():
    seen = lived(news(Condition.OFFNORMAL, device_time=STAMP))
    again = lived(news(Condition.OFFNORMAL), news(Condition.OFFNORMAL, at=LATER))
    assert acknowledge(again, seen.pending, LATER, "Ada", "") is None


def test_source_that_says_what_is_pending_is_believed():
    pending = (PendingAck(change=Change.TO_OFFNORMAL, condition=Condition.OFFNORMAL),)
    step = follow(None, news(Condition.NORMAL, pending=pending))
    assert step is not None
    assert (step.kind, step.alarm.state) == (
        TransitionKind.CLEARED, AlarmState.CLEARED,
    )  # fmt: skip
    alarm = lived(HIGH, news(Condition.HIGH_LIMIT, pending=()))
    assert alarm.pending == ()


def test_alarm_whose_source_is_gone_is_over():
    step = remove(lived(HIGH), LATER)
    assert (step.kind, step.alarm.state) == (TransitionKind.REMOVED, AlarmState.NORMAL)


CONDITIONS = st.sampled_from(list(Condition))
DEEDS = st.lists(
    st.one_of(
        st.tuples(CONDITIONS, st.booleans()),
        st.lists(st.sampled_from(list(Change)), max_size=3),
    ),
    max_size=30,
)


@given(DEEDS)
def test_open_means_something_is_wrong_or_nobody_took_note(deeds):
    alarm: Alarm | None = None
    for deed in deeds:
        if isinstance(deed, tuple):
            step = follow(alarm, news(deed[0], ack_required=deed[1]))
        else:
            taken = pending_of(alarm, *deed) if alarm else []
            step = acknowledge(alarm, taken, AT, "Ada", "") if alarm else None
        if step is None:
            continue
        was = alarm.condition if alarm else Condition.NORMAL
        assert step.from_condition is was
        alarm = step.alarm if step.alarm.is_open else None
        wrong = step.alarm.condition is not Condition.NORMAL
        assert step.alarm.is_open == (wrong or bool(step.alarm.pending))
        if step.alarm.state is AlarmState.ACKNOWLEDGED:
            assert not step.alarm.pending


@pytest.mark.parametrize("quiet", ["shelved_until", "suppressed", "flooded"])
def test_quiet_alarm_stays_so_while_it_changes(quiet: str):
    alarm = lived(HIGH)
    object.__setattr__(alarm, quiet, AT if quiet == "shelved_until" else True)
    step = follow(alarm, news(Condition.FAULT))
    assert step is not None
    assert step.alarm.is_quiet
