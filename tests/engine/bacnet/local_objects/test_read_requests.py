"""Reads of our device: errors as the standard has them, segments, and any client."""

import asyncio

import pytest
from bacpypes3.apdu import ErrorRejectAbortNack
from rusty_bacnet import ObjectIdentifier, ObjectType, PropertyIdentifier

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
    LocalType,
    ObjectKey,
)
from custom_components.plantroom.engine.bacnet.local_objects.objects import LocalObjects
from tests.peers.rusty_client import RustyClient
from tests.ports import free_port
from tests.simulators.station import station

from .clients import bac_py_client, raw_client
from .serving import HOST, INSTANCE, TEMPERATURE, serving

READ_PROPERTY, READ_MULTIPLE = 12, 14
AI_1 = b"\x0c\x00\x00\x00\x01"
AO_2 = b"\x0c\x00\x40\x00\x02"
ABSENT = b"\x0c\x00\x00\x00\x63"
PRESENT_VALUE = b"\x55"


def many(count: int) -> LocalObjects:
    objects = LocalObjects()
    for number in range(count):
        key = ObjectKey(LocalType.ANALOG_INPUT, number)
        name = f"Measurement number {number} of the plant"
        objects.define(LocalDefinition(key=key, name=name, initial=number), None)
    return objects


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            AI_1 + b"\x19\x55",
            b"\x30\x07\x0c" + AI_1 + b"\x19\x55\x3e\x44\x41\x48\x00\x00\x3f",
        ),
        (ABSENT + b"\x19\x55", b"\x50\x07\x0c\x91\x01\x91\x1f"),
        (AI_1 + b"\x19\x57", b"\x50\x07\x0c\x91\x02\x91\x20"),
        (AI_1 + b"\x1a\x02\x9b", b"\x50\x07\x0c\x91\x02\x91\x20"),
        (AI_1 + b"\x19\x55\x29\x01", b"\x50\x07\x0c\x91\x02\x91\x32"),
        (AO_2 + b"\x19\x57\x29\x11", b"\x50\x07\x0c\x91\x02\x91\x2a"),
        (AI_1, b"\x60\x07\x04"),
        (AI_1 + b"\x19", b"\x60\x07\x04"),
        (b"", b"\x60\x07\x04"),
    ],
    ids=[
        "value",
        "unknown-object",
        "unknown-property",
        "unknown-property-of-two-octets",
        "not-an-array",
        "invalid-array-index",
        "no-property",
        "cut-off",
        "nothing",
    ],
)
async def test_read_property_says_what_is_and_what_is_not(raw, served, body, answer):
    served.objects.show(TEMPERATURE, value=12.5)
    assert await raw.exchange(READ_PROPERTY, body) == answer


async def test_each_property_of_a_multiple_read_has_its_own_error(raw):
    body = (
        AI_1
        + b"\x1e\x09\x4d\x09\x57\x09\x55\x19\x01\x1f"
        + ABSENT
        + b"\x1e\x09\x55\x09\x08\x1f"
    )
    found = await raw.exchange(READ_MULTIPLE, body)
    unknown_property = b"\x5e\x91\x02\x91\x20\x5f"
    unknown_object = b"\x5e\x91\x01\x91\x1f\x5f"
    assert b"\x29\x57" + unknown_property in found
    assert b"\x29\x55\x39\x01\x5e\x91\x02\x91\x32\x5f" in found
    assert ABSENT + b"\x1e\x29\x55" + unknown_object in found
    assert b"\x29\x08" + unknown_object in found


@pytest.mark.parametrize("body", [b"", AI_1, AI_1 + b"\x1e\x1f", AI_1 + b"\x1e\x09"])
async def test_a_multiple_read_that_makes_no_sense_is_rejected(raw, body):
    found = await raw.exchange(READ_MULTIPLE, body)
    assert found[0] == 0x60


async def test_an_answer_is_no_longer_than_its_client_takes(raw):
    whole = AI_1 + b"\x1e\x09\x08\x1f"
    assert (await raw.exchange(READ_MULTIPLE, whole))[0] == 0x30
    # 50 octets, no segments: abort, segmentation-not-supported, by the server
    found = await raw.exchange(READ_MULTIPLE, whole, header=0x00)
    assert found == b"\x71\x07\x04"


async def test_the_device_answers_by_the_instance_that_means_any(client, served):
    found = await client.read(served.address, "device,4194303", "object-identifier")
    assert found.instance_number == INSTANCE


async def test_a_client_behind_a_router_is_answered_through_it(raw):
    network = b"\x01\x0c\x07\xd1\x01\x0b"
    raw.ask(b"\x00\x05\x07\x0c" + AI_1 + b"\x19\x55", network)
    frame = await raw.frame()
    assert frame[4:12] == b"\x01\x20\x07\xd1\x01\x0b\xff\x30"
    assert frame[2:4] == len(frame).to_bytes(2)


async def test_what_is_meant_for_another_network_is_not_ours(raw):
    to_five = b"\x01\x2c\x00\x05\x01\x09\x07\xd1\x01\x0b\xff"
    raw.ask(b"\x00\x05\x07\x0c" + AI_1 + b"\x19\x55", to_five)
    await asyncio.sleep(0.1)
    assert raw.heard.empty()


@pytest.mark.parametrize("service", [17, 20, 35, 9, 10, 26, 127])
async def test_a_service_that_we_do_not_execute_is_rejected(raw, service):
    assert await raw.exchange(service, b"\x09\x00") == b"\x60\x07\x09"


async def test_bac_py_reads_an_object_list_of_many_segments():
    port = free_port()
    async with serving(port, many(2000)) as bench, bac_py_client(port) as client:
        found = await client.get_object_list(bench.address, INSTANCE)
        one = await client.read(
            bench.address, f"device,{INSTANCE}", "object-list", 2001
        )
    assert len(found) == 2001
    assert found[-1] == one
    assert one.instance_number == 1999


async def test_bacpypes3_reads_thousands_of_properties_in_segments():
    port = free_port()
    async with (
        serving(port, many(300)) as bench,
        station(port, host="127.0.12.4") as app,
    ):
        wanted = []
        for number in range(300):
            wanted += [f"analog-input,{number}", ["present-value", "object-name"]]
        async with asyncio.timeout(20):
            found = await app.read_property_multiple(bench.address, wanted)
    values = [value for _, name, _, value in found if str(name) == "present-value"]
    names = [value for _, name, _, value in found if str(name) == "object-name"]
    assert values == list(range(300))
    assert names[299] == "Measurement number 299 of the plant"


async def test_bacpypes3_reads_all_of_one_object(served):
    async with station(served.port, host="127.0.12.4") as app, asyncio.timeout(30):
        found = await app.read_property_multiple(
            served.address, ["analog-output,2", ["all"]]
        )
    names = {str(name) for _, name, _, _ in found}
    assert {"present-value", "priority-array", "units"} <= names
    assert not [each for each in found if isinstance(each[3], ErrorRejectAbortNack)]


async def test_rusty_bacnet_reads_a_batch(served):
    async with RustyClient(port=served.port, host="127.0.12.5") as peer:
        found = await peer.raw.read_property_multiple(
            served.address,
            [
                (
                    ObjectIdentifier(ObjectType.ANALOG_INPUT, 1),
                    [
                        (PropertyIdentifier.PRESENT_VALUE, None),
                        (PropertyIdentifier.STATUS_FLAGS, None),
                    ],
                )
            ],
        )
    assert "21.5" in str(found)


async def test_an_object_that_comes_is_listed_and_one_that_goes_is_unknown(raw, served):
    before = await revision(raw)
    key = ObjectKey(LocalType.BINARY_INPUT, 77)
    served.objects.define(LocalDefinition(key=key, name="New one"), None)
    added = await revision(raw)
    body = b"\x0c\x00\xc0\x00\x4d\x19\x4d"
    assert b"New one" in await raw.exchange(READ_PROPERTY, body)
    served.objects.delete(key)
    gone = await revision(raw)
    assert await raw.exchange(READ_PROPERTY, body) == b"\x50\x07\x0c\x91\x01\x91\x1f"
    assert before < added < gone


async def revision(raw) -> int:
    device = b"\x0c" + (8 << 22 | INSTANCE).to_bytes(4)
    found = await raw.exchange(READ_PROPERTY, device + b"\x19\x9b")
    return int.from_bytes(found[-5:-1])


async def test_a_device_on_two_links_one_after_another_answers_again(served):
    await served.link.close()
    second = served.new_link(HOST)
    await second.open()
    try:
        async with raw_client(served.address) as raw:
            assert (await raw.exchange(READ_PROPERTY, AI_1 + b"\x19\x55"))[0] == 0x30
    finally:
        await second.close()
