"""What a client may expect of leases and of the audit log, over every wire there is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custom_components.plantroom.engine.audit.models import VerifyRequest
from custom_components.plantroom.engine.events import (
    EngineEvent,
    LeaseChanged,
    LeaseEnded,
)
from custom_components.plantroom.engine.leases.models import Lease
from custom_components.plantroom.engine.models import WriteRequest
from custom_components.plantroom.engine.requests import AuditQuery
from tests.site import site_of, until

from .conftest import OpenOffice
from .office import IGNORES, SETPOINT, VAV, assert_mirror_is_right


async def test_lease_is_mirrored_until_it_ends_by_itself(office: OpenOffice):
    opened = await office(VAV)
    heard: list[EngineEvent] = []
    mirrored: list[list[Lease]] = []

    def hear(event: EngineEvent) -> None:
        heard.append(event)
        mirrored.append(opened.client.mirror.leases_of(SETPOINT))

    opened.client.listen_changes(hear)
    before = datetime.now(UTC)
    await opened.client.write(
        WriteRequest(point_id=SETPOINT, value=24.0, lease_seconds=1, actor="Ada")
    )
    # It may be over by now, where a second is nothing
    await until(lambda: any(mirrored))
    (lease,) = next(filter(None, mirrored))
    assert (lease.value, lease.priority, lease.actor) == (24.0, 8, "Ada")
    assert lease.until is not None
    assert timedelta(0) < lease.until - before < timedelta(seconds=60)
    known = {each.lease_id for each in await opened.client.leases()}
    assert known <= {lease.lease_id}
    await until(lambda: not opened.client.mirror.leases)
    told = [type(e) for e in heard if isinstance(e, LeaseChanged | LeaseEnded)]
    assert told == [LeaseChanged, LeaseChanged, LeaseEnded]
    await assert_mirror_is_right(opened)
    slots = opened.building.get(VAV, "analog-value,1").priority_array
    assert slots is not None
    assert slots[7] is None


async def test_open_lease_is_in_the_snapshot_and_ends_by_release(office: OpenOffice):
    opened = await office(VAV)
    await opened.client.write(
        WriteRequest(point_id=SETPOINT, value=24.0, lease_seconds=600)
    )
    await assert_mirror_is_right(opened)
    await opened.client.write(WriteRequest(point_id=SETPOINT, value=None))
    await until(lambda: not opened.client.mirror.leases)
    assert await opened.client.leases() == ()


async def test_configuration_is_told_with_who_changed_what(office: OpenOffice):
    opened = await office(VAV)
    site = replace(site_of(opened.building, VAV, poll_seconds=30.0), changed_by="Ada")
    await opened.client.configure(site)
    more = site_of(opened.building, VAV, IGNORES, poll_seconds=30.0)
    await opened.client.configure(replace(more, changed_by="Bea"))
    await opened.client.configure(more)
    query = AuditQuery(actions=("configure", "add_device"))
    rows = await opened.client.audit_log(query)
    assert [(r.actor, r.action, r.point_id, r.detail, r.old) for r in rows[:2]] == [
        ("Bea", "add_device", f"n:{IGNORES}", "", None),
        ("Ada", "configure", f"n:{VAV}", "poll_seconds", 60.0),
    ]
    assert rows[1].new == 30.0
    assert (await opened.client.site()) == more


async def test_rows_are_chosen_by_whatever_is_asked(office: OpenOffice):
    opened = await office(VAV)
    for actor in ("Ada", "Bea"):
        await opened.client.write(
            WriteRequest(
                point_id=SETPOINT, value=23.0, actor=actor, via="an automation"
            )
        )
    ask = opened.client.audit_log
    rows = await ask(AuditQuery(actor="Bea"))
    assert [(row.verdict, row.via) for row in rows] == [
        ("verified", "an automation"), ("requested", "an automation"),
    ]  # fmt: skip
    assert {row.actor for row in await ask(AuditQuery(point_id=SETPOINT))} == {
        "Ada", "Bea",
    }  # fmt: skip
    of_device = await ask(AuditQuery(device_id=f"n:{VAV}"))
    assert {row.action for row in of_device} == {"add_device", "write"}
    older = await ask(AuditQuery(before=rows[-1].number, limit=1))
    assert [(row.actor, row.verdict) for row in older] == [("Ada", "verified")]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await ask(AuditQuery(since=later)) == ()
    assert len(await ask(AuditQuery(until=later, limit=1))) == 1


async def test_log_is_intact_and_known_by_a_mark_noted_before(office: OpenOffice):
    opened = await office(VAV)
    found = await opened.client.verify_audit_log(VerifyRequest())
    assert (found.intact, found.broken_at, found.first) == (True, None, 1)
    assert found.rows == found.last > 0
    await opened.client.write(WriteRequest(point_id=SETPOINT, value=23.0))
    again = await opened.client.verify_audit_log(VerifyRequest(mark=found.mark))
    assert again.intact
    assert again.last > found.last
    foreign = f"{found.last}:{'0' * 64}"
    wrong = await opened.client.verify_audit_log(VerifyRequest(mark=foreign))
    assert (wrong.intact, wrong.reason) == (False, "mark")
