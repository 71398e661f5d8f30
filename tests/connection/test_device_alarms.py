"""A device's own alarm and what the device has against us, over every wire there is."""

import pytest

from custom_components.plantroom.engine.alarms.models import AlarmState
from custom_components.plantroom.engine.alarms.requests import AcknowledgeRequest
from custom_components.plantroom.engine.errors import DeviceRefusedError
from custom_components.plantroom.engine.requests import AuditQuery
from tests.site import site_of, until

from .conftest import OpenOffice
from .office import ROOM, VAV, Office, assert_mirror_is_right

ADA = AcknowledgeRequest(alarm_id=ROOM, actor="Ada", comment="window open")


async def alarmed(opened: Office) -> None:
    """Stand in the device's list, and let its room be too hot."""
    site = site_of(opened.building, VAV, notification_classes=None)
    await opened.client.configure(site)
    events = opened.building.device(VAV).events
    assert events is not None
    await until(lambda: events.notification_class.recipientList)
    opened.building.set(VAV, "analog-input,1", "presentValue", 35.5)
    await until(lambda: ROOM in opened.client.mirror.alarms)


async def test_acknowledgement_reaches_the_device_in_the_person_s_name(
    office: OpenOffice,
):
    opened = await office(VAV)
    await alarmed(opened)
    after = await opened.client.acknowledge_alarm(ADA)
    assert after.state is AlarmState.ACKNOWLEDGED
    assert (after.acknowledged_by, after.comment) == ("Ada", "window open")
    events = opened.building.device(VAV).events
    assert events is not None
    (event,) = events.states.values()
    assert (event.acked, event.acknowledged_by) == ([1, 1, 1], "Ada")
    await until(
        lambda: opened.client.mirror.alarms[ROOM].state is AlarmState.ACKNOWLEDGED
    )
    await assert_mirror_is_right(opened)
    opened.building.set(VAV, "analog-input,1", "presentValue", 21.0)
    await until(lambda: ROOM not in opened.client.mirror.alarms)


async def test_refusal_reaches_the_person_with_the_device_s_reason(office: OpenOffice):
    opened = await office(VAV)
    await alarmed(opened)
    opened.building.device(VAV).app.refuses_acknowledgements = "serviceRequestDenied"
    with pytest.raises(DeviceRefusedError) as caught:
        await opened.client.acknowledge_alarm(ADA)
    assert caught.value.reason == "service-request-denied"
    assert opened.client.mirror.alarms[ROOM].state is AlarmState.ACTIVE
    rows = await opened.client.audit_log(AuditQuery())
    mine = [row for row in rows if row.action == "acknowledge"]
    assert [row.verdict for row in mine] == ["failed", "requested"]
    assert "service-request-denied" in mine[0].detail
