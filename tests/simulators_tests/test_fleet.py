import asyncio
import time
from types import SimpleNamespace

import pytest
import rusty_bacnet
from bac_py.client import Client
from bacpypes3.apdu import AbortPDU, Error, SubscribeCOVRequest
from bacpypes3.pdu import Address

from tests.peers.rusty_client import RustyClient
from tests.ports import free_port
from tests.simulators import fleet as fleet_module
from tests.simulators.client import SimulatorControl
from tests.simulators.fleet import Fleet
from tests.simulators.station import station
from tests.site import until

POINT = "analog-value,4"


async def test_a_thousand_devices_answer_a_broadcast() -> None:
    async with Fleet(port=free_port()) as fleet, station(fleet.port) as client:
        await client.who_is(timeout=1.5)
        heard = client.announcements
        await until(
            lambda: len({each.iAmDeviceIdentifier[1] for each in heard}) == 1000
        )


async def test_three_stacks_read_and_write_the_fleet() -> None:
    async with (
        Fleet(port=free_port(), devices=10) as fleet,
        RustyClient(port=free_port()) as rusty,
        station(fleet.port) as client,
        Client(interface="127.0.0.3", port=free_port()) as bac,
    ):
        device = fleet.devices[7]
        at = f"{device.address}:{fleet.port}"
        listed = await client.read_property(
            Address(at), f"device,{device.instance}", "objectList"
        )
        assert len(listed) == 11
        for kind in (f"device,{device.instance}", POINT, "binary-input,5"):
            answers = await client.read_property_multiple(Address(at), [kind, ["all"]])
            assert len(answers) >= 10
        await client.write_property(
            Address(at), POINT, "presentValue", 25.0, priority=8
        )
        opinion = await rusty.read_opinion(at, POINT)
        assert (opinion.present_value, opinion.winning_priority) == (25.0, 8)
        both = await bac.read_multiple(at, {POINT: ["present-value", "priority-array"]})
        assert both[POINT]["present-value"] == 25.0
        with pytest.raises(Error, match="write-access-denied"):
            await client.write_property(
                Address(at), "analog-input,1", "presentValue", 1.0
            )
        with pytest.raises(Error, match="unknown-object"):
            await client.read_property(Address(at), "analog-input,4", "presentValue")


async def test_what_does_not_fit_one_answer_is_aborted() -> None:
    async with (
        Fleet(port=free_port(), devices=1, points=400) as fleet,
        station(fleet.port) as client,
    ):
        device = fleet.devices[0]
        at = Address(f"{device.address}:{fleet.port}")
        with pytest.raises(AbortPDU):
            await client.read_property(at, f"device,{device.instance}", "objectList")


@pytest.mark.parametrize("confirmed", [True, False])
async def test_notifications_come_at_the_rate_asked_for_and_carry_their_time(
    confirmed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    clock = SimpleNamespace(monotonic=lambda: now, time=time.time)
    monkeypatch.setattr(fleet_module, "time", clock)
    async with (
        Fleet(port=free_port(), devices=2) as fleet,
        station(fleet.port) as client,
    ):
        for number in (1, 2, 3):
            await client.request(
                SubscribeCOVRequest(
                    subscriberProcessIdentifier=number,
                    monitoredObjectIdentifier=f"analog-input,{number}",
                    issueConfirmedNotifications=confirmed,
                    lifetime=60,
                    destination=Address(f"{fleet.devices[1].address}:{fleet.port}"),
                )
            )
        fleet.cov_rate = 100
        for _ in range(4):
            sent = len(fleet.sent)
            now += 0.25
            await until(lambda before=sent: len(fleet.sent) == before + 25)  # type: ignore[misc]
        await until(lambda: len(client.notifications) >= 103)
        acknowledged = 103 if confirmed else 0
        await until(lambda: fleet.requests["acknowledged"] >= acknowledged)
        assert (len(fleet.sent), len(client.notifications)) == (100, 103)
        assert fleet.requests["acknowledged"] == acknowledged
        sent_at, _, _, value = fleet.sent[-1]
        assert value == int(sent_at * 1000) % 10_000_000


async def test_rusty_bacnet_takes_the_notifications() -> None:
    async with (
        Fleet(port=free_port(), devices=2) as fleet,
        RustyClient(port=free_port()) as rusty,
    ):
        notifications = await rusty.raw.cov_notifications()
        point = rusty_bacnet.ObjectIdentifier(rusty_bacnet.ObjectType.ANALOG_INPUT, 3)
        at = f"{fleet.devices[0].address}:{fleet.port}"
        await rusty.raw.subscribe_cov(at, 9, point, True, 60)
        async with asyncio.timeout(30):
            first = await anext(notifications)
        assert first.subscriber_process_identifier == 9


async def test_the_fleet_runs_in_its_own_process() -> None:
    control = await SimulatorControl.spawn(
        "--devices", "20", module="tests.simulators.fleet"
    )
    try:
        assert len(control.devices) == 20
        await control.command("emit", rate=10)
        assert (await control.command("statistics"))["subscriptions"] == 0
        assert await control.command("sent") == []
    finally:
        await control.stop()
    assert control.returncode == 0
