"""Discovery and survey of devices that speak the real protocol on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import rusty_bacnet

from custom_components.plantroom.engine.bacnet.description.survey import (
    Survey,
    survey_device,
)
from custom_components.plantroom.engine.bacnet.discovery import IAm, find_devices
from custom_components.plantroom.engine.bacnet.reading.device_limits import DeviceLimits
from custom_components.plantroom.engine.bacnet.reading.property_reader import (
    PropertyReader,
)
from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress
from custom_components.plantroom.engine.bacnet.wire.ip_carrier import IpCarrier
from custom_components.plantroom.engine.bacnet.wire.link import Link
from custom_components.plantroom.engine.models import Access, FoundDevice
from custom_components.plantroom.engine.requests import ScanRequest
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from tests.ports import free_port
from tests.simulators.building import Building
from tests.simulators.points import DeviceTable, Point

from .answers import SCAN_SECONDS, answers_of

UNHURRIED_SECONDS = 3600.0
MAX_APDU = 1476


class OpenNetwork:
    """A link with discovery and survey on it."""

    def __init__(self, port: int) -> None:
        self._listeners: list[object] = []
        config = BacnetNetworkConfig(
            network_id="n", name="Test", address="127.0.0.1/8", port=port
        )
        self._link = Link(
            IpCarrier(config, lambda _: None),
            config,
            on_i_am=self._heard,
            on_change=lambda _: False,
        )

    async def open(self) -> None:
        await self._link.open()

    async def close(self) -> None:
        await self._link.close()

    async def send_who_is(self, low: int, high: int, destination: str | None) -> None:
        address = None
        if destination:
            address = BacnetAddress.parse(destination, self._link.port)
        await self._link.send_who_is(low, high, address)

    def listen_i_am(self, callback):
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def reader(self, address: str, max_apdu: int = MAX_APDU) -> PropertyReader:
        target = BacnetAddress.parse(address, self._link.port).target(max_apdu)
        return PropertyReader(self._link.requests, target, DeviceLimits(max_apdu))

    async def find(self, **fields: object) -> list[FoundDevice]:
        asked: dict[str, object] = {"seconds": SCAN_SECONDS} | fields
        request = ScanRequest(network_id="n", task_id="t", **asked)  # type: ignore[arg-type]
        return await find_devices(
            self,
            request,
            lambda i_am: self.reader(i_am.address, i_am.max_apdu),
            lambda _fraction, _text: None,
        )

    async def survey(self, found: FoundDevice, max_apdu: int = MAX_APDU) -> Survey:
        return await survey_device(
            self.reader(found.address, max_apdu),
            network_id="n",
            instance=found.instance,
            address=BacnetAddress.parse(found.address),
        )

    def _heard(self, i_am: IAm) -> None:
        for listener in tuple(self._listeners):
            listener(i_am)


@asynccontextmanager
async def building(
    *only: int | str, profile: str = "all"
) -> AsyncIterator[tuple[Building, OpenNetwork]]:
    async with Building(profile=profile, only=only) as devices:
        network = OpenNetwork(devices.port)
        await network.open()
        try:
            yield devices, network
        finally:
            await network.close()


def assert_described(survey: Survey, table: DeviceTable) -> None:
    """Every point of the table is there as the table has it."""
    points = {point.reference: point for point in survey.points}
    assert set(points) == {row.object_id for row in table.points}
    for row in table.points:
        assert_point(points[row.object_id], row)


def assert_point(point, row: Point) -> None:
    assert (point.name, point.description) == (row.name, row.description)
    # The table gives a loop the unit of what it controls; its value is its output
    unit = "percent" if row.object_type == "loop" else row.units
    assert point.unit == ("" if unit == "no-units" else unit)
    assert point.states == row.states
    if row.object_type != "accumulator":
        assert (point.minimum, point.maximum) == (row.minimum, row.maximum)
    assert (point.access is Access.COMMANDABLE) == row.is_commandable
    assert point.scale == row.scale


async def test_office_is_found_and_described_as_it_was_built():
    async with building(profile="office") as (devices, network):
        tables = {device.table.instance: device.table for device in devices.devices}
        with answers_of(*tables):
            found = await network.find()
        assert {each.instance for each in found} >= set(tables)
        for each in found:
            if each.instance not in tables:
                continue
            table = tables[each.instance]
            assert (each.name, each.vendor) == (table.name, table.vendor)
            assert (each.model, each.firmware) == (table.model, table.firmware)
            survey = await network.survey(each, table.max_apdu)
            assert_described(survey, table)
            assert (survey.device.name, survey.device.location) == (
                table.name,
                table.location,
            )


async def test_device_behind_a_router_is_found_with_its_route():
    async with building(profile="office") as (_, network):
        with answers_of(5001):
            (found,) = await network.find(low=5001, high=5001)
        assert "@" in found.address
        survey = await network.survey(found)
        assert survey.points
        assert survey.device.router


@pytest.mark.parametrize(
    "quirk", ["no read multiple", "small apdu", "latin-1 names", "ucs-2 names"]
)
async def test_difficult_device_is_described_all_the_same(quirk):
    async with building(quirk) as (devices, network):
        table = devices.device(quirk).table
        with answers_of(table.instance):
            (found,) = await network.find()
        survey = await network.survey(found, table.max_apdu)
        assert_described(survey, table)
        assert survey.failures == ()


async def test_duplicate_names_are_told_apart():
    async with building("duplicate names") as (devices, network):
        with answers_of(devices.device("duplicate names").table.instance):
            (found,) = await network.find()
        names = [point.name for point in (await network.survey(found)).points]
        assert len(set(names)) == len(names)


async def test_unknown_types_are_no_points_and_do_no_harm():
    async with building("unknown types") as (devices, network):
        with answers_of(devices.device("unknown types").table.instance):
            (found,) = await network.find()
        survey = await network.survey(found)
        assert_described(survey, devices.device("unknown types").table)
        assert len(survey.others) == 3


async def test_value_that_cannot_be_decoded_loses_just_itself():
    async with building("garbage value") as (devices, network):
        with answers_of(devices.device("garbage value").table.instance):
            (found,) = await network.find()
        survey = await network.survey(found)
        assert len(survey.points) == len(devices.device("garbage value").table.points)
        assert {failure.error for failure in survey.failures} <= {"malformed-value"}


async def test_two_devices_with_one_instance_are_both_found():
    async with building("duplicate instance a", "duplicate instance b") as (
        devices,
        network,
    ):
        with answers_of(*(each.table.instance for each in devices.devices)):
            first, second = await network.find()
        assert first.instance == second.instance
        assert second.duplicate_of == first.address
        assert first.name != second.name


async def test_scan_of_one_address_ends_with_its_answer():
    async with building("rejects cov", "refuses cov") as (devices, network):
        table = devices.device("rejects cov").table
        (found,) = await network.find(address=table.address, seconds=UNHURRIED_SECONDS)
        assert found.instance == table.instance


async def test_independent_server_is_described():
    server = rusty_bacnet.BACnetServer(
        device_instance=77,
        device_name="Rusty",
        interface="127.0.0.1",
        port=(port := free_port()),
    )
    server.add_analog_input(instance=1, name="Zone", units=62)
    server.add_binary_output(instance=1, name="Pump")
    server.add_multistate_value(instance=1, name="Mode", number_of_states=3)
    server.add_loop(instance=1, name="Loop")
    server.add_notification_class(instance=1, name="Class")
    network = OpenNetwork(free_port())
    await server.start()
    await network.open()
    try:
        (found,) = await network.find(address=f"127.0.0.1:{port}")
        survey = await network.survey(found)
    finally:
        await network.close()
        await server.stop()
    assert (found.instance, found.name, found.vendor) == (77, "Rusty", "Rusty BACnet")
    described = [
        (each.reference, each.name, each.access, each.states) for each in survey.points
    ]
    assert described == [
        ("analog-input,1", "Zone", Access.READ_ONLY, ()),
        ("binary-output,1", "Pump", Access.COMMANDABLE, ("Inactive", "Active")),
        ("multi-state-value,1", "Mode", Access.COMMANDABLE,
         ("State 1", "State 2", "State 3")),
        ("loop,1", "Loop", Access.READ_ONLY, ()),
    ]  # fmt: skip
    assert survey.points[0].unit == "degrees-celsius"
    assert survey.others == ("device,77", "notification-class,1")
