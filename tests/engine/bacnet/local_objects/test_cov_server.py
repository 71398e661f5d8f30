"""Who is told of a change: when, how often, for how long, and when no more."""

import asyncio

import pytest
from bac_py.client import Client
from bacpypes3.apdu import SubscribeCOVRequest
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import ObjectIdentifier as StackObjectId
from rusty_bacnet import ObjectIdentifier, ObjectType

from custom_components.plantroom.engine.bacnet.local_objects import cov_server
from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
)
from custom_components.plantroom.engine.bacnet.wire import link
from custom_components.plantroom.engine.models import StatusFlags
from tests.peers.rusty_client import RustyClient
from tests.ports import free_port
from tests.simulators.station import station

from ..waiting import until
from .clients import raw_client
from .serving import (
    CONTACT,
    DEFINITIONS,
    HOST,
    INSTANCE,
    PUMP,
    TEMPERATURE,
    VALVE,
    serving,
)

SUBSCRIBE, SUBSCRIBE_PROPERTY = 5, 38
ACK = b"\x20\x07\x05"
AI_1 = b"\x1c\x00\x00\x00\x01"
AO_2 = b"\x1c\x00\x40\x00\x02"
BI_4 = b"\x1c\x00\xc0\x00\x04"
PROCESS = b"\x09\x12"
PLAINLY = b"\x29\x00"
CONFIRMED = b"\x29\x01"
FOR_EVER = b"\x39\x00"
A_MINUTE = b"\x39\x3c"
FLAGS_OK = b"\x09\x6f\x2e\x82\x04\x00\x2f"


def real(octets: bytes) -> bytes:
    return b"\x09\x55\x2e\x44" + octets + b"\x2f"


async def subscribed(raw, body: bytes) -> bytes:
    """Subscribe and return the first notification."""
    assert await raw.exchange(SUBSCRIBE, body) == ACK
    return await raw.answer()


async def nothing_more(raw) -> None:
    """Hold that nothing was told, by a question that is answered after it."""
    raw.ask(b"\x10\x08", b"\x01\x00")
    assert (await raw.answer())[:2] == b"\x10\x00"
    assert raw.heard.empty()


async def test_a_subscriber_is_told_at_once_and_of_each_change(raw, served):
    first = await subscribed(raw, PROCESS + AI_1 + PLAINLY + A_MINUTE)
    device = b"\x1c\x02\x3f\xfe\xd0\x2c\x00\x00\x00\x01"
    head = b"\x10\x02" + PROCESS + device + b"\x39\x3c\x4e"
    assert first == head + real(b"\x41\xac\x00\x00") + FLAGS_OK + b"\x4f"
    served.objects.show(TEMPERATURE, value=22.0)
    assert real(b"\x41\xb0\x00\x00") in await raw.answer()


async def test_a_change_below_the_increment_is_not_told(raw, served):
    await subscribed(raw, PROCESS + AI_1 + PLAINLY + FOR_EVER)
    for value in (21.7, 21.9, 21.4):
        served.objects.show(TEMPERATURE, value=value)
    await nothing_more(raw)
    served.objects.show(TEMPERATURE, value=22.0)
    assert real(b"\x41\xb0\x00\x00") in await raw.answer()


async def test_status_flags_are_told_whatever_the_increment(raw, served):
    await subscribed(raw, PROCESS + AI_1 + PLAINLY + FOR_EVER)
    flags = StatusFlags(fault=True)
    served.objects.show(TEMPERATURE, value=None, flags=flags, reliability="no-sensor")
    assert b"\x09\x6f\x2e\x82\x04\x40\x2f" in await raw.answer()


async def test_without_an_increment_every_change_is_told(raw, served):
    await subscribed(raw, PROCESS + AO_2 + PLAINLY + FOR_EVER)
    served.objects.show(VALVE, value=10.001)
    assert b"\x09\x55\x2e\x44" in await raw.answer()
    served.objects.show(VALVE, value=10.001)
    await nothing_more(raw)


async def test_a_cancelled_subscription_is_told_of_nothing(raw, served):
    await subscribed(raw, PROCESS + BI_4 + PLAINLY + FOR_EVER)
    assert await raw.exchange(SUBSCRIBE, PROCESS + BI_4) == ACK
    served.objects.show(CONTACT, value=True)
    await nothing_more(raw)
    assert served.device.subscriptions == 0
    assert await raw.exchange(SUBSCRIBE, PROCESS + BI_4) == ACK


async def test_a_subscription_again_is_one_and_told_again(raw, served):
    for lifetime in (A_MINUTE, b"\x3a\x02\x58"):
        found = await subscribed(raw, PROCESS + BI_4 + PLAINLY + lifetime)
        assert lifetime in found
    assert served.device.subscriptions == 1
    served.objects.show(CONTACT, value=True)
    assert b"\x09\x55\x2e\x91\x01\x2f" in await raw.answer()
    await nothing_more(raw)


async def test_a_lifetime_ends(raw, served, monkeypatch):
    monkeypatch.setattr(cov_server, "SWEEP_SECONDS", 0.05)
    await subscribed(raw, PROCESS + BI_4 + PLAINLY + b"\x39\x01")
    await until(lambda: served.device.subscriptions == 0)
    served.objects.show(CONTACT, value=True)
    await nothing_more(raw)


@pytest.mark.parametrize(
    ("service", "body", "answer"),
    [
        (SUBSCRIBE, PROCESS + b"\x1c\x00\x00\x00\x63" + PLAINLY, b"\x91\x01\x91\x1f"),
        (SUBSCRIBE, PROCESS + b"\x1c\x02\x3f\xfe\xd0" + PLAINLY, b"\x91\x01\x91\x2d"),
        (
            SUBSCRIBE_PROPERTY,
            PROCESS + AI_1 + PLAINLY + A_MINUTE + b"\x4e\x09\x57\x4f",
            b"\x91\x02\x91\x20",
        ),
        (
            SUBSCRIBE_PROPERTY,
            PROCESS + AI_1 + PLAINLY + A_MINUTE + b"\x4e\x09\x55\x19\x01\x4f",
            b"\x91\x02\x91\x32",
        ),
        (
            SUBSCRIBE_PROPERTY,
            PROCESS + AO_2 + PLAINLY + A_MINUTE + b"\x4e\x09\x57\x19\x11\x4f",
            b"\x91\x02\x91\x2a",
        ),
    ],
)
async def test_what_cannot_be_told_of_is_refused(raw, served, service, body, answer):
    found = await raw.exchange(service, body)
    assert found == bytes((0x50, 7, service)) + answer
    assert served.device.subscriptions == 0


@pytest.mark.parametrize(
    "body", [b"", PROCESS, PROCESS + AI_1 + A_MINUTE, PROCESS + AI_1 + b"\x2d\x08"]
)
async def test_a_subscription_that_makes_no_sense_is_rejected(raw, served, body):
    assert (await raw.exchange(SUBSCRIBE, body))[0] == 0x60
    assert served.device.subscriptions == 0


async def test_one_client_cannot_take_all_room(raw, served, monkeypatch):
    monkeypatch.setattr(cov_server, "MOST_OF_ONE_CLIENT", 2)
    for number in (1, 2):
        await subscribed(raw, bytes((9, number)) + BI_4 + PLAINLY + FOR_EVER)
    body = b"\x09\x03" + BI_4 + PLAINLY + FOR_EVER
    full = b"\x50\x07\x05\x91\x03\x91\x13"
    assert await raw.exchange(SUBSCRIBE, body) == full
    assert await raw.exchange(SUBSCRIBE, b"\x09\x01" + BI_4) == ACK
    await subscribed(raw, body)


async def test_a_confirmed_change_is_told_until_it_is_confirmed(raw, served):
    first = await subscribed(raw, PROCESS + BI_4 + CONFIRMED + FOR_EVER)
    assert (first[0], first[3]) == (0x00, 1)
    served.objects.show(CONTACT, value=True)
    served.objects.show(CONTACT, value=False)
    served.objects.show(CONTACT, value=True)
    await nothing_more(raw)
    raw.ask(bytes((0x20, first[2], 1)), b"\x01\x00")
    second = await raw.answer()
    assert b"\x09\x55\x2e\x91\x01\x2f" in second
    raw.ask(bytes((0x20, second[2], 1)), b"\x01\x00")
    await nothing_more(raw)


async def test_a_client_that_does_not_want_it_is_told_no_more(raw, served):
    first = await subscribed(raw, PROCESS + BI_4 + CONFIRMED + FOR_EVER)
    # services, unknown-subscription
    raw.ask(bytes((0x50, first[2], 1, 0x91, 5, 0x91, 79)), b"\x01\x00")
    await until(lambda: served.device.subscriptions == 0)


async def test_a_client_that_is_gone_is_tried_again_and_given_up(monkeypatch):
    requests = link.ConfirmedRequests
    monkeypatch.setattr(
        link,
        "ConfirmedRequests",
        lambda send: requests(send, timeout_seconds=0.08, retries=1),
    )
    monkeypatch.setattr(cov_server, "AGAIN_SECONDS", 0.05)
    async with serving(free_port()) as served, raw_client(served.address) as raw:
        await subscribed(raw, PROCESS + BI_4 + CONFIRMED + FOR_EVER)
        # Twice each time, and more than once again
        await until(lambda: 1 + raw.heard.qsize() > 4)
        assert served.device.subscriptions == 1
        monkeypatch.setattr(cov_server, "GIVE_UP_SECONDS", 0.0)
        await until(lambda: served.device.subscriptions == 0)


async def test_an_object_that_goes_takes_its_subscriptions_along(raw, served):
    await subscribed(raw, PROCESS + BI_4 + PLAINLY + FOR_EVER)
    served.objects.delete(CONTACT)
    assert served.device.subscriptions == 0
    served.objects.define(DEFINITIONS[CONTACT], None)
    served.objects.show(CONTACT, value=True)
    await nothing_more(raw)


async def test_a_property_that_an_object_loses_ends_its_subscription(raw, served):
    key = DEFINITIONS[VALVE].key
    body = PROCESS + AI_1 + PLAINLY + A_MINUTE + b"\x4e\x09\x6a\x4f"
    assert (await raw.exchange(SUBSCRIBE_PROPERTY, body))[0] == 0x20
    await raw.answer()
    served.objects.define(LocalDefinition(key=TEMPERATURE, name="T"), None)
    assert served.device.subscriptions == 0
    assert served.objects.state(key) is not None


async def test_a_property_is_told_of_with_an_increment_of_its_own(raw, served):
    body = PROCESS + AI_1 + PLAINLY + A_MINUTE
    increment = b"\x5c\x40\x40\x00\x00"
    asked = body + b"\x4e\x09\x55\x4f" + increment
    assert (await raw.exchange(SUBSCRIBE_PROPERTY, asked))[0] == 0x20
    assert real(b"\x41\xac\x00\x00") in await raw.answer()
    served.objects.show(TEMPERATURE, value=23.5)
    await nothing_more(raw)
    served.objects.show(TEMPERATURE, value=24.5)
    assert real(b"\x41\xc4\x00\x00") in await raw.answer()


async def test_an_element_of_a_priority_array_is_told_of(raw, served):
    body = PROCESS + AO_2 + PLAINLY + A_MINUTE + b"\x4e\x09\x57\x19\x08\x4f"
    assert (await raw.exchange(SUBSCRIBE_PROPERTY, body))[0] == 0x20
    assert b"\x09\x57\x19\x08\x2e\x00\x2f" in await raw.answer()
    served.objects.show(VALVE, value=50.0, priority=9)
    await nothing_more(raw)
    served.objects.show(VALVE, value=60.0, priority=8)
    assert b"\x2e\x44\x42\x70\x00\x00\x2f" in await raw.answer()


async def test_active_subscriptions_are_listed(raw, served):
    await subscribed(raw, PROCESS + BI_4 + CONFIRMED + FOR_EVER)
    async with station(served.port, host="127.0.12.4") as app, asyncio.timeout(30):
        found = await app.read_property(
            served.address, f"device,{INSTANCE}", "active-cov-subscriptions"
        )
    (listed,) = found
    assert listed.recipient.processIdentifier == 0x12
    assert listed.monitoredPropertyReference.objectIdentifier[1] == 4
    assert listed.issueConfirmedNotifications
    mac = listed.recipient.recipient.address.macAddress
    assert bytes(mac)[:4] == bytes((127, 0, 12, 9))


async def test_more_changes_than_a_turn_bears_are_told_all_the_same(raw, served):
    for number in range(40):
        await subscribed(raw, bytes((9, number)) + BI_4 + PLAINLY + FOR_EVER)
    for value in (True, False) * 10 + (True,):
        served.objects.show(CONTACT, value=value)
    last: dict[int, bytes] = {}

    async def hear() -> None:
        while len(last) < 40 or any(
            b"\x91\x01" not in told[20:] for told in last.values()
        ):
            told = await raw.answer()
            last[told[3]] = told

    async with asyncio.timeout(30):
        await hear()


async def test_a_router_leads_to_a_subscriber_behind_it(raw, served):
    network = b"\x01\x0c\x07\xd1\x01\x0b"
    raw.ask(bytes((0, 5, 7, SUBSCRIBE)) + PROCESS + BI_4 + PLAINLY + FOR_EVER, network)
    assert (await raw.frame())[4:11] == b"\x01\x20\x07\xd1\x01\x0b\xff"
    frame = await raw.frame()
    assert frame[4:13] == b"\x01\x20\x07\xd1\x01\x0b\xff\x10\x02"


@pytest.mark.parametrize("confirmed", [True, False])
async def test_bac_py_hears_of_changes(client: Client, served, confirmed):
    heard = []
    await client.subscribe_cov_ex(
        served.address,
        "binary-output,5",
        process_id=3,
        confirmed=confirmed,
        lifetime=60,
        callback=lambda told, source: heard.append(told),
    )
    await until(lambda: len(heard) == 1)
    served.objects.show(PUMP, value=True)
    await until(lambda: len(heard) == 2)
    assert heard[1].monitored_object_identifier.instance_number == 5
    await client.unsubscribe_cov_ex(served.address, "binary-output,5", process_id=3)
    assert served.device.subscriptions == 0


@pytest.mark.parametrize("confirmed", [True, False])
async def test_bacpypes3_hears_of_changes(served, confirmed):
    async with station(served.port, host="127.0.12.4") as app, asyncio.timeout(30):
        await app.request(
            SubscribeCOVRequest(
                subscriberProcessIdentifier=4,
                monitoredObjectIdentifier=StackObjectId("analog-input,1"),
                issueConfirmedNotifications=confirmed,
                lifetime=60,
                destination=Address(served.address),
            )
        )
        await until(lambda: len(app.notifications) == 1)
        served.objects.show(TEMPERATURE, value=30.0)
        await until(lambda: len(app.notifications) == 2)
        told = app.notifications[1]
    names = [str(each.propertyIdentifier) for each in told.listOfValues]
    assert names == ["present-value", "status-flags"]


@pytest.mark.parametrize("confirmed", [True, False])
async def test_rusty_bacnet_hears_of_changes(served, confirmed):
    async with RustyClient(port=served.port, host="127.0.12.5") as peer:
        told = await peer.raw.cov_notifications()
        await peer.raw.subscribe_cov(
            served.address,
            5,
            ObjectIdentifier(ObjectType.ANALOG_INPUT, 1),
            confirmed,
            60,
        )
        async with asyncio.timeout(30):
            await anext(told)
            served.objects.show(TEMPERATURE, value=30.0)
            second = await anext(told)
    assert "real(30)" in str(second.values)


async def test_subscribers_are_told_again_when_the_link_is_back(raw, served):
    await subscribed(raw, PROCESS + BI_4 + PLAINLY + FOR_EVER)
    await served.link.close()
    served.objects.show(CONTACT, value=True)
    second = served.new_link(HOST)
    await second.open()
    try:
        assert b"\x09\x55\x2e\x91\x01\x2f" in await raw.answer()
    finally:
        await second.close()
