"""What a client may expect of the past of points, over every wire there is."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.events import EngineEvent, Progress
from custom_components.plantroom.engine.history.models import (
    HoursAnswer,
    HourSource,
    HoursRequest,
)
from tests.simulators.points import LogRow
from tests.site import until

from .conftest import OpenOffice
from .office import ROOM, SETPOINT, VAV, Office

HOUR = timedelta(hours=1)
LOGS = (
    LogRow(instance=1, name="Room log", points=("analog-input,1",)),
    LogRow(instance=2, name="Changes", points=("analog-value,1",), interval_seconds=0),
)


async def asked(
    office: Office, *sources: HourSource, hours: int = 5, task_id: str = ""
) -> HoursAnswer:
    """Return the hours of two points since a while ago."""
    now = datetime.now(UTC)
    request = HoursRequest(
        point_ids=(ROOM, SETPOINT),
        start=now - hours * HOUR,
        end=now,
        sources=sources,
        task_id=task_id,
    )
    return await office.client.hours(request)


async def test_hours_of_what_is_watched_are_counted(office: OpenOffice):
    opened = await office(VAV)
    heard: list[object] = []
    opened.client.watch(ROOM, heard.append)
    await until(lambda: heard)
    shown = opened.client.mirror.readings[ROOM].value

    async def known() -> bool:
        answer = await asked(opened)
        return sum(each.covered_seconds for each in answer.hours) > 0

    async def until_known() -> None:
        while not await known():
            pass

    await until_known()
    answer = await asked(opened)
    assert {each.point_id for each in answer.hours} == {ROOM}
    for each in answer.hours:
        assert (each.mean, each.first, each.last) == (shown, shown, shown)
        assert each.source is HourSource.ENGINE
        assert each.start == each.start.replace(minute=0, second=0, microsecond=0)
    assert (answer.more_from, answer.unread) == (None, ())


async def test_logs_of_a_device_fill_what_nobody_saw(office: OpenOffice):
    opened = await office(VAV)
    for row in LOGS:
        opened.building.device(VAV).add_log(row)
    logs = await opened.client.trend_logs(f"n:{VAV}")
    assert {
        (each.reference, each.point_id, each.interval_seconds) for each in logs
    } == {
        ("trend-log,1", ROOM, 900.0),
        ("trend-log,2", SETPOINT, 0.0),
    }
    told: list[Progress] = []

    def hear(event: EngineEvent) -> None:
        if isinstance(event, Progress):
            told.append(event)

    unsubscribe = opened.client.listen_changes(hear)
    both = (HourSource.ENGINE, HourSource.TREND_LOG)
    # The device announced its services when it had no log yet
    await opened.client.survey(f"n:{VAV}")
    answer = await asked(opened, *both, task_id="backfill")
    assert answer.unread == ()
    for point_id in (ROOM, SETPOINT):
        whole = [
            each
            for each in answer.hours
            if each.point_id == point_id and each.covered_seconds == 3600.0
        ]
        assert len(whole) >= 4
        assert {each.source for each in whole} == {HourSource.TREND_LOG}
    assert answer.hours == tuple(
        sorted(answer.hours, key=lambda each: (each.start, each.point_id))
    )
    await until(lambda: told and told[-1].fraction == 1.0)
    assert {each.task_id for each in told} == {"backfill"}
    unsubscribe()


async def test_device_whose_logs_cannot_be_read_is_named(office: OpenOffice):
    opened = await office(VAV)
    device = opened.building.device(VAV)
    device.add_log(LOGS[0])
    device.app.logs.clear()
    answer = await asked(opened, HourSource.TREND_LOG)
    assert (answer.hours, answer.unread) == (
        (),
        ((f"n:{VAV}", "reject-unrecognized-service"),),
    )


async def test_logs_of_an_unknown_device_are_refused(office: OpenOffice):
    opened = await office(VAV)
    with pytest.raises(UnknownTargetError):
        await opened.client.trend_logs("n:99")
    assert await opened.client.trend_logs(f"n:{VAV}") == ()


async def test_points_that_nobody_knows_have_no_hours(office: OpenOffice):
    opened = await office(VAV)
    now = datetime.now(UTC)
    request = HoursRequest(
        point_ids=("gone:1:analog-input,1", ""),
        start=now - HOUR,
        end=now,
        sources=(HourSource.ENGINE, HourSource.TREND_LOG),
    )
    answer = await opened.client.hours(request)
    assert (answer.hours, answer.unread) == ((), ())


def test_time_that_ends_before_it_begins_is_refused():
    now = datetime.now(UTC)
    with pytest.raises(ConfigurationError):
        HoursRequest(point_ids=(), start=now, end=now - HOUR)
    with pytest.raises(ConfigurationError):
        HoursRequest(point_ids=(), start=now.replace(tzinfo=None), end=now)
    with pytest.raises(ConfigurationError):
        HoursRequest(point_ids=("p",) * 20_001, start=now, end=now)
