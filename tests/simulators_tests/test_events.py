"""The building raises alarms as controllers do, seen by clients that are not ours."""

import asyncio
from typing import Any

import pytest
from bac_py.services.alarm_summary import GetEventInformationACK
from bacpypes3.apdu import (
    AcknowledgeAlarmRequest,
    ErrorRejectAbortNack,
    GetEventInformationRequest,
    SimpleAckPDU,
)
from bacpypes3.basetypes import (
    DaysOfWeek,
    Destination,
    DeviceAddress,
    EventTransitionBits,
    Recipient,
    TimeStamp,
)
from bacpypes3.primitivedata import ObjectIdentifier, Time, Unsigned
from rusty_bacnet import (
    BacnetProtocolError,
    BACnetTimeStamp,
    EventState,
    ObjectType,
)
from rusty_bacnet import ObjectIdentifier as RustyObject

from tests.peers.bacpy_listener import BacPyListener
from tests.peers.rusty_client import RustyClient
from tests.simulators.building import Building
from tests.simulators.client import SimulatorControl
from tests.simulators.events import HIGH_LIMIT, LOW_LIMIT, NORMAL, OFFNORMAL
from tests.site import until

from .conftest import Bench, MakeBench

AHU, VAV = 1001, 2001
STATION = 599


def hear(bench: Bench) -> list[Any]:
    """Let the client take event notifications; return where they come."""
    heard: list[Any] = []

    async def take(apdu: Any) -> None:
        heard.append(apdu)
        await bench.client.response(SimpleAckPDU(context=apdu))

    async def take_unconfirmed(apdu: Any) -> None:
        heard.append(apdu)

    bench.client.do_ConfirmedEventNotificationRequest = take
    bench.client.do_UnconfirmedEventNotificationRequest = take_unconfirmed
    return heard


def destination(
    recipient: Any, *, confirmed: bool, transitions: Any = (1, 1, 1)
) -> Any:
    return Destination(
        validDays=DaysOfWeek([1] * 7),
        fromTime=Time((0, 0, 0, 0)),
        toTime=Time((23, 59, 59, 99)),
        recipient=recipient,
        processIdentifier=Unsigned(3),
        issueConfirmedNotifications=confirmed,
        transitions=EventTransitionBits(list(transitions)),
    )


async def register(
    bench: Bench, device: int, *, confirmed: bool = True, transitions: Any = (1, 1, 1)
) -> None:
    """Write the recipient list as another workstation does."""
    us = Recipient(device=ObjectIdentifier(("device", STATION)))
    wanted = destination(us, confirmed=confirmed, transitions=transitions)
    await bench.client.write_property(
        bench.at(device), "notification-class,1", "recipientList", [wanted]
    )


@pytest.mark.parametrize("confirmed", [True, False])
async def test_recipient_is_told_of_every_change(bench: MakeBench, *, confirmed: bool):
    async with bench(VAV) as opened:
        heard = hear(opened)
        await register(opened, VAV, confirmed=confirmed)
        for value in (35.0, 29.8, 10.0, 21.0):
            opened.building.set(VAV, "analog-input,1", "presentValue", value)
        await until(lambda: len(heard) == 3)
        assert [int(each.toState) for each in heard] == [HIGH_LIMIT, LOW_LIMIT, NORMAL]
        assert [int(each.fromState) for each in heard] == [
            NORMAL, HIGH_LIMIT, LOW_LIMIT,
        ]  # fmt: skip
        first = heard[0]
        assert (first.processIdentifier, first.priority, first.ackRequired) == (
            3, 180, True,
        )  # fmt: skip
        assert first.eventValues.outOfRange.exceedingValue == 35.0
        assert first.eventValues.outOfRange.exceededLimit == 30.0
        assert first.messageText == "VAV01.RoomTemp is too high"
        assert not heard[2].ackRequired


async def test_recipient_is_told_of_what_it_asked_for_only(bench: MakeBench):
    async with bench(AHU) as opened:
        heard = hear(opened)
        await register(opened, AHU, transitions=(0, 0, 1))
        opened.building.set(AHU, "binary-input,4", "presentValue", True)
        opened.building.set(AHU, "binary-input,4", "presentValue", False)
        await until(lambda: heard)
        (only,) = heard
        assert int(only.toState) == NORMAL
        assert int(only.eventValues.changeOfState.newState.binaryValue) == 0


async def test_object_shows_what_its_events_are(bench: MakeBench):
    async with bench(VAV) as opened:
        opened.building.set(VAV, "analog-input,1", "presentValue", 35.0)
        read = opened.read
        assert str(await read(VAV, "analog-input,1", "eventState")) == "high-limit"
        flags = await read(VAV, "analog-input,1", "statusFlags")
        assert list(flags) == [1, 0, 0, 0]
        acked = await read(VAV, "analog-input,1", "ackedTransitions")
        assert list(acked) == [0, 1, 1]
        texts = await read(VAV, "analog-input,1", "eventMessageTexts")
        assert [str(text) for text in texts] == ["VAV01.RoomTemp is too high", "", ""]


async def test_all_that_is_open_is_told_page_by_page(bench: MakeBench):
    async with bench(AHU) as opened:
        events = opened.building.device(AHU).events
        assert events is not None
        events.flood(20)
        found, last = [], None
        while True:
            request = GetEventInformationRequest(destination=opened.at(AHU))
            if last is not None:
                request.lastReceivedObjectIdentifier = last
            answer = await opened.client.request(request)
            found += [each.objectIdentifier for each in answer.listOfEventSummaries]
            if not answer.moreEvents:
                break
            last = found[-1]
        assert len(found) == len(set(found)) == 20


async def test_other_stacks_understand_what_is_open():
    async with Building(profile="all", only=(VAV,), speed=0) as building:
        events = building.device(VAV).events
        assert events is not None
        events.form = "sequence number"
        building.set(VAV, "analog-input,1", "presentValue", 35.0)
        (event,) = events.states.values()
        # bac-py reads dates without the tags that the standard wants (clause 20.2.12)
        event.stamps = [event.stamps[0]] * 3
        async with RustyClient(port=building.port) as rusty:
            octets = await rusty.raw.get_event_information(building.device(VAV).address)
        answer = GetEventInformationACK.decode(bytes(octets))
        (summary,) = answer.list_of_event_summaries
        assert int(summary.event_state) == HIGH_LIMIT
        assert summary.event_priorities[0] == 180


@pytest.mark.parametrize("confirmed", [True, False])
async def test_other_stack_is_told_what_happened(*, confirmed: bool):
    async with (
        Building(profile="all", only=(VAV, AHU), speed=0) as building,
        BacPyListener(port=building.port) as station,
    ):
        mac = bytes([*map(int, station.host.split(".")), *divmod(station.port, 256)])
        address = Recipient(address=DeviceAddress(networkNumber=0, macAddress=mac))
        for device in (VAV, AHU):
            events = building.device(device).events
            assert events is not None
            # bac-py reads dates without the tags that the standard wants
            events.form = "sequence number"
            events.notification_class.recipientList = [
                destination(address, confirmed=confirmed)
            ]
        building.set(VAV, "analog-input,1", "presentValue", 35.0)
        building.set(AHU, "binary-input,4", "presentValue", True)
        await until(lambda: len(station.heard) == 2)
        assert station.confirmed == (2 if confirmed else 0)
        hot, frost = sorted(station.heard, key=lambda each: -int(each.event_type))
        assert (int(hot.event_type), int(hot.to_state)) == (5, HIGH_LIMIT)
        assert hot.event_values.exceeding_value == 35.0
        assert hot.event_values.exceeded_limit == 30.0
        assert (hot.message_text, hot.ack_required) == (
            "VAV01.RoomTemp is too high", True,
        )  # fmt: skip
        assert (int(frost.event_type), int(frost.to_state)) == (1, OFFNORMAL)
        assert (hot.process_identifier, hot.priority) == (3, 180)


async def test_other_stack_acknowledges_what_it_names_by_its_time():
    async with (
        Building(profile="all", only=(VAV,), speed=0) as building,
        RustyClient(port=building.port) as rusty,
    ):
        events = building.device(VAV).events
        assert events is not None
        building.set(VAV, "analog-input,1", "presentValue", 35.0)
        (event,) = events.states.values()
        stamp = event.stamps[0].dateTime
        year, month, day, weekday = stamp.date

        async def acknowledge(hundredth: int) -> None:
            time = (*stamp.time[:3], hundredth)
            await rusty.raw.acknowledge_alarm_request(
                building.device(VAV).address,
                3,
                RustyObject(ObjectType.ANALOG_INPUT, 1),
                EventState.HIGH_LIMIT,
                BACnetTimeStamp.date_time((year + 1900, month, day, weekday), time),
                "Ada",
                BACnetTimeStamp.time(1, 2, 3, 4),
            )

        wrong = (stamp.time[3] + 1) % 100
        with pytest.raises(BacnetProtocolError, match="code=14"):
            await acknowledge(wrong)
        assert event.acked == [0, 1, 1]
        await acknowledge(stamp.time[3])
        assert (event.acked, event.acknowledged_by) == ([1, 1, 1], "Ada")


async def test_acknowledgement_names_the_change_by_its_time(bench: MakeBench):
    async with bench(VAV) as opened:
        heard = hear(opened)
        await register(opened, VAV)
        opened.building.set(VAV, "analog-input,1", "presentValue", 35.0)
        await until(lambda: heard)

        async def acknowledge(stamp: Any) -> None:
            await opened.client.request(
                AcknowledgeAlarmRequest(
                    acknowledgingProcessIdentifier=3,
                    eventObjectIdentifier=("analog-input", 1),
                    eventStateAcknowledged=HIGH_LIMIT,
                    timeStamp=stamp,
                    acknowledgmentSource="Ada",
                    timeOfAcknowledgment=TimeStamp(time=Time((1, 2, 3, 4))),
                    destination=opened.at(VAV),
                )
            )

        with pytest.raises(ErrorRejectAbortNack, match="invalid-time-stamp"):
            await acknowledge(TimeStamp(time=Time((1, 2, 3, 4))))
        await acknowledge(heard[0].timeStamp)
        await until(lambda: len(heard) == 2)
        assert str(heard[1].notifyType) == "ack-notification"
        events = opened.building.device(VAV).events
        assert events is not None
        (event,) = events.states.values()
        assert (event.acked, event.acknowledged_by) == ([1, 1, 1], "Ada")


async def test_only_the_recipient_list_can_be_written(bench: MakeBench):
    async with bench(VAV) as opened:
        with pytest.raises(ErrorRejectAbortNack, match="write-access-denied"):
            await opened.client.write_property(
                opened.at(VAV), "notification-class,1", "priority", [1, 2, 3]
            )


async def test_flood_can_be_asked_for_from_another_process():
    control = await SimulatorControl.spawn("--profile", "office")
    try:
        await control.command("flood", device=AHU, alarms=100)
        events = await control.command("events", device=AHU)
        assert len(events["open"]) == 100
        assert set(events["open"].values()) == {OFFNORMAL}
        await control.command("flood", device=AHU, alarms=100)
        events = await control.command("events", device=AHU)
        assert set(events["open"].values()) == {NORMAL}
        await control.command("forget_recipients", device=AHU)
        await asyncio.sleep(0)
        assert (await control.command("events", device=AHU))["recipients"] == 0
    finally:
        await control.stop()
