"""Who-Is and what is made of the answers."""

import asyncio

import pytest

from custom_components.plantroom.engine.bacnet.discovery import (
    DESCRIBED_AT_ONCE,
    IAm,
    find_devices,
)
from custom_components.plantroom.engine.bacnet.names.property_ids import PropertyId as P
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.engine.requests import ScanRequest
from tests.engine.bacnet.fake_source import FakeSource

UNHURRIED_SECONDS = 3600.0
SHORT_SECONDS = 0.05


def i_am(instance: int, address: str = "127.0.1.1") -> IAm:
    return IAm(
        instance=instance, address=address, max_apdu=1476, segmentation=0, vendor_id=5
    )


class FakeNetwork:
    """Answers every Who-Is at once with the I-Ams given."""

    def __init__(self, *answers: IAm, deaf_times: int = 0) -> None:
        self.answers = answers
        self.asked: list[tuple[int, int, str | None]] = []
        self.listeners: list[object] = []
        self._deaf_times = deaf_times

    async def send_who_is(self, low: int, high: int, destination: str | None) -> None:
        self.asked.append((low, high, destination))
        if len(self.asked) > self._deaf_times:
            for answer in self.answers:
                for listener in tuple(self.listeners):
                    listener(answer)

    def listen_i_am(self, callback):
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)


def nothing_to_read(_i_am: IAm) -> FakeSource:
    return FakeSource({}, online=False)


async def scan(
    network, reader_for=nothing_to_read, progress=None, parts=1, **fields: object
):
    asked: dict[str, object] = {"seconds": SHORT_SECONDS} | fields
    request = ScanRequest(network_id="n", task_id="t", **asked)  # type: ignore[arg-type]
    report = progress or (lambda fraction, text: None)
    return await find_devices(network, request, reader_for, report, parts=parts)


async def test_every_network_is_asked_twice():
    network = FakeNetwork()
    assert await scan(network) == []
    assert network.asked == [(0, 4194303, None)] * 2
    assert network.listeners == []


async def test_device_that_hears_only_the_second_who_is_is_found():
    network = FakeNetwork(i_am(7), deaf_times=1)
    assert [found.instance for found in await scan(network)] == [7]


async def test_answers_outside_the_range_are_not_wanted():
    network = FakeNetwork(i_am(9), i_am(10), i_am(20), i_am(21))
    found = await scan(network, low=10, high=20)
    assert [each.instance for each in found] == [10, 20]


async def test_wildcard_instance_is_nobody():
    assert await scan(FakeNetwork(i_am(4194303))) == []


async def test_range_is_split_without_gap_or_overlap():
    network = FakeNetwork()
    await scan(network, low=100, high=199, parts=3)
    assert network.asked == [(100, 133, None), (134, 167, None), (168, 199, None)] * 2


async def test_more_parts_than_instances_ask_each_once_a_round():
    network = FakeNetwork()
    await scan(network, low=5, high=6, parts=10)
    assert network.asked == [(5, 5, None), (6, 6, None)] * 2


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("127.0.1.1", "127.0.1.1"),
        ("127.0.1.1", "127.0.1.1:47900"),
        ("127.0.1.1:47808", "127.0.1.1"),
        ("2001:7@127.0.1.1", "2001:7@127.0.1.1:47900"),
        ("2001:7", "2001:7@127.0.1.1"),
    ],
)
async def test_scan_of_one_address_ends_with_its_answer(asked, answered):
    network = FakeNetwork(i_am(1, "127.0.9.9"), i_am(2, answered))
    found = await scan(network, address=asked, seconds=UNHURRIED_SECONDS)
    assert [each.instance for each in found] == [2]
    assert network.asked == [(0, 4194303, asked)]


async def test_device_asked_by_address_and_instance_may_answer_from_elsewhere():
    network = FakeNetwork(i_am(2, "127.0.9.9"))
    found = await scan(
        network, address="127.0.1.1", low=2, high=2, seconds=UNHURRIED_SECONDS
    )
    assert [each.address for each in found] == ["127.0.9.9"]


async def test_address_whose_i_am_is_lost_is_asked_who_it_is():
    wildcard = {
        P.OBJECT_IDENTIFIER: ObjectId(8, 77),
        P.MAX_APDU_LENGTH_ACCEPTED: 206,
        P.VENDOR_IDENTIFIER: 3,
    }
    source = FakeSource({(8, 4194303): wildcard, (8, 77): {P.OBJECT_NAME: "Shy"}})
    seen: list[IAm] = []

    def reader_for(answer: IAm) -> FakeSource:
        seen.append(answer)
        return source

    (found,) = await scan(FakeNetwork(), reader_for, address="127.0.1.1")
    assert (found.instance, found.name, found.vendor_id) == (77, "Shy", 3)
    assert seen[-1].max_apdu == 206


@pytest.mark.parametrize(
    "identifier", [None, 5, ObjectId(8, 4194303), ObjectId(8, 300)]
)
async def test_address_that_does_not_say_who_it_is_wanted_for_is_not_found(identifier):
    source = FakeSource({(8, 4194303): {P.OBJECT_IDENTIFIER: identifier}})
    found = await scan(
        FakeNetwork(), lambda _: source, address="127.0.1.1", low=0, high=200
    )
    assert found == []


async def test_silent_address_is_not_found():
    assert await scan(FakeNetwork(), address="127.0.1.1") == []


async def test_two_addresses_with_one_instance_are_told_apart():
    network = FakeNetwork(i_am(5, "127.0.1.2"), i_am(5, "127.0.1.1"), i_am(4))
    found = await scan(network)
    assert [(each.instance, each.address, each.duplicate_of) for each in found] == [
        (4, "127.0.1.1", ""),
        (5, "127.0.1.2", ""),
        (5, "127.0.1.1", "127.0.1.2"),
    ]


async def test_found_device_is_described():
    device = {
        P.OBJECT_NAME: "AHU",
        P.VENDOR_NAME: "Northwind",
        P.MODEL_NAME: "M",
        P.FIRMWARE_REVISION: "1.2",
        P.OBJECT_LIST: (ObjectId(8, 7), ObjectId(0, 1), ObjectId(0, 2)),
    }
    found = await scan(FakeNetwork(i_am(7)), lambda _: FakeSource({(8, 7): device}))
    assert found == [
        FoundDevice(
            network_id="n",
            instance=7,
            address="127.0.1.1",
            name="AHU",
            vendor="Northwind",
            vendor_id=5,
            model="M",
            firmware="1.2",
            points=2,
        )
    ]


async def test_device_that_refuses_to_be_described_is_found_all_the_same():
    found = await scan(FakeNetwork(i_am(7), i_am(8)))
    assert [(each.instance, each.name, each.points) for each in found] == [
        (7, "", None),
        (8, "", None),
    ]


async def test_few_devices_are_described_at_once():
    reading = most = 0

    class CountingSource(FakeSource):
        async def read(self, refs):
            nonlocal reading, most
            reading += 1
            most = max(most, reading)
            try:
                await asyncio.sleep(0)
                return await super().read(refs)
            finally:
                reading -= 1

    network = FakeNetwork(*(i_am(n, f"127.0.1.{n}") for n in range(1, 60)))
    found = await scan(network, lambda _: CountingSource({}))
    assert len(found) == 59
    assert most == DESCRIBED_AT_ONCE


async def test_progress_rises_to_one_and_counts_devices():
    seen: list[tuple[float, str]] = []
    network = FakeNetwork(i_am(1), i_am(2))
    await scan(network, progress=lambda fraction, text: seen.append((fraction, text)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert seen[0] == (0.0, "0")
    assert seen[-1] == (1.0, "2")
