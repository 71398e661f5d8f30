import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from bacpypes3.apdu import (
    AbortPDU,
    AbortReason,
    ErrorRejectAbortNack,
    ReadPropertyRequest,
    RejectPDU,
    WritePropertyRequest,
)
from bacpypes3.basetypes import (
    PropertyIdentifier,
    Segmentation,
)
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.errors import ExecutionError
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import CharacterString, ObjectIdentifier, Real

from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.bacnet.octets.rpm import PropertyRef
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    FAST_INVOKE_IDS,
    STACK_INVOKE_IDS,
)
from custom_components.plantroom.engine.bacnet.reading.device_limits import DeviceLimits
from custom_components.plantroom.engine.bacnet.reading.property_reader import (
    PropertyReader,
)
from custom_components.plantroom.engine.bacnet.reading.segmented_reads import (
    read_segmented,
)
from custom_components.plantroom.engine.bacnet.wire import application
from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress
from custom_components.plantroom.engine.bacnet.wire.application import (
    MAX_IN_FLIGHT,
    PlantroomApplication,
)
from custom_components.plantroom.engine.bacnet.wire.ip_carrier import IpCarrier
from custom_components.plantroom.engine.bacnet.wire.link import Link
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from tests.peers.rusty_client import RustyClient
from tests.ports import free_port
from tests.simulators.building import Building
from tests.simulators.link import open_socket
from tests.simulators.points import Point
from tests.simulators.station import station

from ..waiting import until

DEVICE, AI, PRESENT_VALUE, OBJECT_LIST, OBJECT_NAME = 8, 0, 85, 76, 77
LONG = "Außenluft " * 400


@asynccontextmanager
async def open_link(port: int) -> AsyncIterator[Link]:
    config = BacnetNetworkConfig(
        network_id="net", name="Field", address="127.0.0.1/8", port=port
    )
    link = Link(
        IpCarrier(config, lambda outcome: None),
        config,
        on_i_am=lambda i_am: None,
        on_change=lambda change: False,
    )
    await link.open()
    try:
        yield link
    finally:
        await link.close()
        await link.close()


def read(object_type: int, instance: int, property_id: int) -> ReadPropertyRequest:
    return ReadPropertyRequest(
        objectIdentifier=ObjectIdentifier((object_type, instance)),
        propertyIdentifier=PropertyIdentifier(property_id),
    )


def address_of(building: Building, name: int | str) -> BacnetAddress:
    return BacnetAddress.parse(building.device(name).address)


@asynccontextmanager
async def silent_host(port: int) -> AsyncIterator[tuple[BacnetAddress, list[bytes]]]:
    """Run a socket that hears requests and answers none."""
    sock = open_socket(("127.0.0.77", port))
    heard: list[bytes] = []
    loop = asyncio.get_running_loop()
    loop.add_reader(sock, lambda: heard.append(sock.recv(2000)))
    try:
        yield BacnetAddress("127.0.0.77", port), heard
    finally:
        loop.remove_reader(sock)
        sock.close()


def test_the_ids_of_the_stack_and_ours_never_collide():
    assert set(STACK_INVOKE_IDS).isdisjoint(FAST_INVOKE_IDS)
    assert sorted({*STACK_INVOKE_IDS, *FAST_INVOKE_IDS}) == list(range(256))


async def test_three_hundred_requests_to_a_device_each_get_their_reply():
    async with (
        Building(profile="difficult", only=("restarts",), speed=0) as building,
        open_link(building.port) as link,
    ):
        address = address_of(building, "restarts")
        for number in range(1, 9):
            building.set(
                "restarts", f"analog-input,{number}", "presentValue", 20.0 + number
            )
        numbers = [1 + number % 8 for number in range(300)]
        most = 0

        async def ask(number: int) -> float:
            nonlocal most
            request = read(AI, number, PRESENT_VALUE)
            answer = await link.app.ask(request, address)
            most = max(most, len(link.app._requests.get(Address(address.station), ())))
            assert request.apduInvokeID in STACK_INVOKE_IDS
            return float(answer.propertyValue.cast_out(Real))

        answers = await asyncio.gather(*(ask(number) for number in numbers))
    assert answers == [20.0 + number for number in numbers]
    assert most <= MAX_IN_FLIGHT
    assert not link.app._waiting
    assert not link.app._unanswered


async def test_requests_of_the_stack_and_ours_share_the_socket():
    async with (
        Building(profile="difficult", only=("restarts",), speed=0) as building,
        open_link(building.port) as link,
    ):
        address = address_of(building, "restarts")
        reader = PropertyReader(link.requests, address.target(1476), DeviceLimits(1476))
        refs = [PropertyRef(AI, number, OBJECT_NAME) for number in range(1, 9)]
        fast, *slow = await asyncio.gather(
            reader.read(refs), *(read_segmented(link.app, address, r) for r in refs)
        )
    assert [result.values for result in fast] == [result.values for result in slow]
    assert fast[0].values == ("Q13.Temp1",)


async def test_a_destination_is_never_asked_more_at_once_than_it_has_ids():
    port = free_port()
    async with silent_host(port) as (address, heard), open_link(port) as link:
        asked = [
            asyncio.create_task(link.app.ask(read(AI, 1, PRESENT_VALUE), address))
            for _ in range(300)
        ]
        await until(lambda: len(heard) >= MAX_IN_FLIGHT)
        # One that is not answered for long is sent again, octet by octet the same
        assert len(set(heard)) == MAX_IN_FLIGHT
        assert len({frame[8] for frame in heard}) == MAX_IN_FLIGHT
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not link.app._requests
        assert not link.app._waiting
        assert not link.app.asap.clientTransactions


async def test_a_cancelled_request_leaves_nothing():
    port = free_port()
    async with silent_host(port) as (address, _), open_link(port) as link:
        for pause in (0, 1, 2, 5):
            task = asyncio.create_task(
                link.app.ask(read(AI, 1, PRESENT_VALUE), address)
            )
            for _ in range(pause):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for _ in range(5):
                await asyncio.sleep(0)
            assert not link.app._requests
            assert not link.app._waiting
            assert not link.app._unanswered
            assert not link.app.asap.clientTransactions


async def test_closing_answers_what_is_open():
    port = free_port()
    async with silent_host(port) as (address, heard), open_link(port) as link:
        asked = [
            asyncio.create_task(link.app.ask(read(AI, 1, PRESENT_VALUE), address))
            for _ in range(40)
        ]
        await until(lambda: heard)
        await link.close()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(answer) for answer in answers} == {DeviceOfflineError}
        assert not link.app.asap.clientTransactions


async def test_what_was_asked_a_moment_before_the_close_begins_nothing():
    async with open_link(free_port()) as link:
        asked = link.app.request(asking_nobody())
        await link.close()
        with pytest.raises(DeviceOfflineError):
            await asked
        for _ in range(5):
            await asyncio.sleep(0)
        assert not link.app.asap.clientTransactions


def asking_nobody() -> ReadPropertyRequest:
    request = read(DEVICE, 1, PRESENT_VALUE)
    request.pduDestination = Address("127.0.0.99:47808")
    return request


async def test_a_device_that_does_not_answer_in_time_is_offline(monkeypatch):
    monkeypatch.setattr(application, "REQUEST_SECONDS", 0.05)
    port = free_port()
    async with silent_host(port) as (address, _), open_link(port) as link:
        with pytest.raises(DeviceOfflineError) as caught:
            await link.app.ask(read(AI, 1, PRESENT_VALUE), address)
        assert caught.value.facts["device"] == str(address)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (AbortPDU(True, 1, AbortReason.bufferOverflow), "abort-buffer-overflow"),
        (RejectPDU(1, 9), "reject-unrecognized-service"),
    ],
)
async def test_a_refusal_of_the_stack_is_translated(monkeypatch, answer, reason):
    with pytest.raises(DeviceRefusedError) as caught:
        await ask_that_ends_with(monkeypatch, answer)
    assert caught.value.reason == reason


@pytest.mark.parametrize("reason", [AbortReason.noResponse, AbortReason.tsmTimeout])
async def test_a_stack_that_heard_nothing_says_offline(monkeypatch, reason):
    with pytest.raises(DeviceOfflineError):
        await ask_that_ends_with(monkeypatch, AbortPDU(False, 1, reason))


@pytest.mark.parametrize(
    "error", [AttributeError("x"), TypeError("x"), ValueError("x")]
)
async def test_what_the_stack_cannot_decode_is_a_malformed_reply(monkeypatch, error):
    with pytest.raises(MalformedReplyError):
        await ask_that_ends_with(monkeypatch, error)


async def ask_that_ends_with(monkeypatch, error: BaseException) -> None:
    async with open_link(free_port()) as link:

        def request(self, apdu):
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
            return future

        monkeypatch.setattr(PlantroomApplication, "request", request)
        await link.app.ask(read(AI, 1, PRESENT_VALUE), BacnetAddress("127.0.0.9"))


async def test_an_error_of_a_device_is_in_the_result_by_name():
    async with (
        Building(profile="difficult", only=("restarts",), speed=0) as building,
        open_link(building.port) as link,
    ):
        address = address_of(building, "restarts")
        result = await read_segmented(link.app, address, PropertyRef(AI, 99, 85))
        assert result.error == "unknown-object"
        result = await read_segmented(link.app, address, PropertyRef(AI, 1, 87))
        assert result.error == "unknown-property"
        element = await read_segmented(
            link.app, address, PropertyRef(DEVICE, 6013, OBJECT_LIST, 2)
        )
        assert element.values == (ObjectId(AI, 1),)


async def test_a_value_too_long_for_a_frame_is_read_in_segments():
    async with (
        Building(profile="difficult", only=("restarts",), speed=0) as building,
        open_link(building.port) as link,
    ):
        building.set("restarts", "analog-input,1", "description", LONG)
        address = address_of(building, "restarts")
        ref = PropertyRef(AI, 1, 28)
        reader = PropertyReader(
            link.requests,
            address.target(1476),
            DeviceLimits(1476),
            lambda ref: read_segmented(link.app, address, ref),
        )
        (result,) = await reader.read([ref])
    assert result.values == (LONG,)


async def test_a_long_value_behind_a_router_is_read_in_segments():
    async with (
        Building(profile="office", only=(5000,), speed=0) as building,
        open_link(building.port) as link,
    ):
        routed = building.device(5001)
        routed.app.device_object.segmentationSupported = Segmentation.segmentedBoth
        for number in range(100, 400):
            routed.add_object(
                Point(
                    object_type="analog-value",
                    instance=number,
                    name=f"Extra {number}",
                    value=0.0,
                )
            )
        router = address_of(building, 5000)
        address = BacnetAddress(*router.endpoint, 20, b"\x05")
        result = await read_segmented(
            link.app, address, PropertyRef(DEVICE, 5001, OBJECT_LIST)
        )
        name = await read_segmented(
            link.app, address, PropertyRef(DEVICE, 5001, OBJECT_NAME)
        )
    assert len(result.values) == 306
    assert result.values[-1] == ObjectId(2, 399)
    assert name.values == ("Fan coil 1",)


async def test_an_undecodable_value_is_an_error_of_its_property():
    async with (
        Building(profile="difficult", only=("garbage value",), speed=0) as building,
        open_link(building.port) as link,
    ):
        address = address_of(building, "garbage value")
        result = await read_segmented(link.app, address, PropertyRef(AI, 2, 85))
    assert result.error == "malformed-value"


async def test_nobody_on_the_network_writes_our_device():
    port = free_port()
    async with open_link(port) as link, station(port, host="127.0.0.5") as other:
        ours = Address(f"127.0.0.1:{port}")
        name = await other.read_property(ours, "device,4194000", "objectName")
        assert name == "Plantroom Field"
        request = WritePropertyRequest(
            objectIdentifier=("device", 4194000),
            propertyIdentifier="objectName",
            propertyValue=AnyValue(CharacterString("Stolen")),
            destination=ours,
        )
        with pytest.raises(ErrorRejectAbortNack, match="write-access-denied"):
            await other.request(request)
        with pytest.raises(ExecutionError, match="writeAccessDenied"):
            await link.app.do_WritePropertyMultipleRequest(None)
        assert link.app.device_object.objectName == "Plantroom Field"


async def test_another_stack_reads_our_device():
    port = free_port()
    async with open_link(port), RustyClient(port=port) as client:
        name = await client.read(f"127.0.0.1:{port}", "device,4194000", "object-name")
    assert name == "Plantroom Field"
