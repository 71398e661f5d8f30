"""Who-Is and Who-Has: answered when we are meant, by id and by name."""

import asyncio

import pytest

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDeviceFacts,
)
from tests.peers.rusty_client import RustyClient
from tests.simulators.station import station

from ..waiting import until
from .serving import INSTANCE, NAME

WHO_IS, WHO_HAS = b"\x10\x08", b"\x10\x07"
I_AM = b"\x10\x00\xc4\x02\x3f\xfe\xd0\x22\x05\xc4\x91\x00\x22\x03\xe7"


@pytest.mark.parametrize(
    "question",
    [
        WHO_IS,
        WHO_IS + b"\x09\x00\x1b\x3f\xff\xff",
        WHO_IS + b"\x0b\x3f\xfe\xd0\x1b\x3f\xfe\xd0",
    ],
)
async def test_who_is_is_answered_when_we_are_meant(raw, question):
    raw.ask(question, b"\x01\x00")
    assert await raw.answer() == I_AM


@pytest.mark.parametrize(
    "question",
    [
        WHO_IS + b"\x09\x00\x19\x05",
        WHO_IS + b"\x0b\x3f\xfe\xd1\x1b\x3f\xff\xff",
        WHO_IS + b"\x09\x00",
        WHO_IS + b"\x09",
        WHO_HAS + b"\x3d\x06\x00nope!",
        WHO_HAS + b"\x2c\x00\x00\x00\x63",
        WHO_HAS + b"\x09\x00\x19\x05\x2c\x00\x00\x00\x01",
        WHO_HAS + b"\x2c\x02\x3f\xff\xff",
        WHO_HAS,
    ],
)
async def test_what_is_about_another_or_makes_no_sense_is_not_answered(raw, question):
    raw.ask(question, b"\x01\x00")
    raw.ask(WHO_IS, b"\x01\x00")
    assert await raw.answer() == I_AM
    assert raw.heard.empty()


async def test_an_asker_behind_a_router_hears_through_it(raw):
    raw.ask(WHO_IS, b"\x01\x08\x07\xd1\x01\x0b")
    frame = await raw.frame()
    assert frame[4:11] == b"\x01\x20\x07\xd1\x01\x0b\xff"
    assert frame[11:] == I_AM


@pytest.mark.parametrize(
    ("network", "is_answered"),
    [(b"\xff\xff\x00\xff", True), (b"\x00\x05\x00\xff", False)],
)
async def test_a_question_to_other_networks_is_not_for_us(raw, network, is_answered):
    raw.ask(WHO_IS, b"\x01\x20" + network)
    raw.ask(b"\x10\x07\x3d\x05\x00Pump", b"\x01\x00")
    kinds = [(await raw.answer())[1] for _ in range(1 + is_answered)]
    assert kinds == ([0, 1] if is_answered else [1])
    assert raw.heard.empty()


async def test_bac_py_finds_us_and_our_objects(client):
    (i_am,) = await client.who_is(timeout=30, expected_count=1)
    assert i_am.object_identifier.instance_number == INSTANCE
    (by_name,) = await client.who_has(
        object_name="Außenluft °C", timeout=30, expected_count=1
    )
    assert by_name.object_identifier.instance_number == 1
    (by_id,) = await client.who_has(
        object_identifier="binary-output,5", timeout=30, expected_count=1
    )
    assert by_id.object_name == "Pump"
    (device,) = await client.who_has(object_name=NAME, timeout=30, expected_count=1)
    assert device.object_identifier.instance_number == INSTANCE


async def test_rusty_bacnet_finds_an_object_by_name(served):
    async with RustyClient(port=served.port, host="127.0.12.5") as peer:
        found: list[object] = []
        async with asyncio.timeout(60):
            while not found:
                found = await peer.raw.who_has_replies("Valve", timeout_ms=500)
    assert len(found) == 1
    assert "Valve" in str(found)


async def test_the_device_is_called_as_the_gateway_says(client, served):
    served.objects.describe_device(
        LocalDeviceFacts(
            name="North plant",
            description="Boilers",
            location="Cellar",
            model="GW",
            vendor="Maker",
            software="2.1",
        )
    )
    found = await client.read_multiple(served.address, {f"device,{INSTANCE}": ["all"]})
    device = found[f"device,{INSTANCE}"]
    assert device["object-name"] == "North plant"
    assert device["description"] == "Boilers"
    assert device["location"] == "Cellar"
    assert device["model-name"] == "GW"
    assert device["vendor-name"] == "Maker"
    assert device["application-software-version"] == "2.1"
    (found,) = await client.who_has(
        object_name="North plant", timeout=30, expected_count=1
    )
    assert found.object_identifier.instance_number == INSTANCE


async def test_we_announce_ourselves_when_we_become_the_device(served):
    async with station(served.port, host="127.0.12.4") as app:
        served.objects.set_live(False)
        await asyncio.sleep(0.05)
        app.announcements.clear()
        served.objects.set_live(True)
        await until(lambda: app.announcements)
    assert app.announcements[0].iAmDeviceIdentifier[1] == INSTANCE
