"""What goes along when an engine's work moves, over every wire there is."""

from dataclasses import replace
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.engine.energy.meter_records import (
    LONGEST_RECORD,
    MeterRecord,
)
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.models import PointValue, WriteRequest
from custom_components.plantroom.engine.requests import SetMeterRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.simulators.building import Building
from tests.site import site_of, until

from .conftest import OpenWire

BOILER = 3001
GAS = "n:3001:accumulator,1"


async def test_interfaces_are_addresses_with_loopback_last(connection: Connection):
    client = EngineClient(connection)
    await client.start(None)
    found = [IPv4Interface(each.address).ip for each in await client.interfaces()]
    assert found[-1].is_loopback
    assert not any(address.is_loopback for address in found[:-1])
    await client.stop()


@pytest.fixture
async def boiler(tmp_path: Path):
    async with Building(profile="all", only=(BOILER,), speed=0) as made:
        yield made


async def total_of(client: EngineClient) -> float:
    def value() -> PointValue:
        reading = client.mirror.readings.get(GAS)
        return None if reading is None else reading.value

    await until(lambda: value() is not None)
    return float(str(value()))


async def test_total_goes_on_in_another_engine(
    wire: OpenWire, boiler: Building, tmp_path: Path
):
    site = site_of(boiler, BOILER, poll_seconds=1)
    async with wire(tmp_path / "before") as connection:
        client = EngineClient(connection)
        await client.start(site)
        unwatch = client.watch(GAS, lambda _: None)
        assert await total_of(client) > 1000
        await client.set_meter(SetMeterRequest(point_id=GAS, total=7.0))
        records = await client.meter_records()
        unwatch()
        await client.stop()
    assert GAS in {each.point_id for each in records}
    async with wire(tmp_path / "after") as connection:
        client = EngineClient(connection)
        await client.start(None)
        await client.take_meter_records(records)
        await client.configure(site)
        client.watch(GAS, lambda _: None)
        assert await total_of(client) == 7.0
        # One that is counted here goes on as it is
        await client.take_meter_records(
            tuple(MeterRecord(point_id=each.point_id, record="{}") for each in records)
        )
        assert {each.point_id: each.record for each in await client.meter_records()}[
            GAS
        ] != "{}"
        await client.stop()


@pytest.mark.parametrize(
    "wrong", [("energy", "{}"), ("n:1:energy", "x" * (LONGEST_RECORD + 1))]
)
def test_record_that_no_engine_kept_is_refused(wrong: tuple[str, str]):
    with pytest.raises(ConfigurationError):
        MeterRecord(point_id=wrong[0], record=wrong[1])


CURVE = "n:3001:integer-value,1"


async def test_lease_goes_on_in_another_engine(
    wire: OpenWire, boiler: Building, tmp_path: Path
):
    site = site_of(boiler, BOILER, writable=("integer-value,1",))

    def online(client: EngineClient) -> bool:
        return [each.online for each in client.mirror.statuses.values()] == [True]

    async with wire(tmp_path / "before") as connection:
        client = EngineClient(connection)
        await client.start(site)
        await until(lambda: online(client))
        await client.write(WriteRequest(point_id=CURVE, value=5, lease_seconds=3600))
        leases = await client.leases()
        await client.drop_leases()
        assert await client.leases() == ()
        await client.configure(SiteConfig())
        await client.stop()
    assert boiler.get(BOILER, "integer-value,1").value == 5
    async with wire(tmp_path / "after") as connection:
        client = EngineClient(connection)
        await client.start(None)
        await client.take_leases(leases)
        await client.take_leases(leases)
        await client.configure(site)
        await until(lambda: online(client))
        assert await client.leases() == (replace(leases[0], client=""),)
        await client.write(WriteRequest(point_id=CURVE, value=None))
        assert boiler.get(BOILER, "integer-value,1").value == -2
        await client.stop()
