"""Meters of both protocols count right over their real wires, whatever befalls them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from custom_components.plantroom.engine.energy import counter_follower, meter, metering
from custom_components.plantroom.engine.energy.configuration import (
    CounterConfig,
    MeteringConfig,
)
from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import WriteRefusedError
from custom_components.plantroom.engine.models import (
    ProblemCode,
    Quantity,
    WriteRequest,
)
from custom_components.plantroom.engine.requests import AuditQuery, SetMeterRequest
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.simulators.building import Building
from tests.simulators.modbus.difficult import DIFFICULT
from tests.simulators.modbus.office import GATEWAY
from tests.simulators.modbus.side import ModbusSide
from tests.site import SiteHost, site_of, until

BOILER = 3001
GAS = f"n:{BOILER}:accumulator,1"
PULSES = f"n:{BOILER}:positive-integer-value,1"
HOUSE = "gateway:1:power"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do in half a second what takes a minute."""
    monkeypatch.setattr(meter, "SETTLE_SECONDS", 0.5)
    monkeypatch.setattr(counter_follower, "SETTLE_SECONDS", 0.5)
    monkeypatch.setattr(metering, "TICK_SECONDS", 0.1)


@pytest.fixture
async def boiler() -> AsyncIterator[Building]:
    async with Building(profile="all", only=(BOILER,), speed=0) as made:
        yield made


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    made = Engine(SiteHost(data_folder=tmp_path))
    await made.start()
    yield made
    await made.stop()


async def serve(engine: Engine, site: SiteConfig, *device_ids: str) -> Running:
    """Serve a site and watch every point there is."""
    running = Running(engine)
    await running.configure(site)
    await running.until_online(*device_ids)
    points = (await running.snapshot()).points
    await running.watch(*(point.point_id for point in points))
    return running


def value(running: Running, point_id: str) -> object:
    reading = running.reading(point_id)
    return None if reading is None else reading.value


async def shows(running: Running, point_id: str, total: float) -> None:
    await until(lambda: value(running, point_id) == pytest.approx(total))


def count(building: Building, counts: int) -> None:
    building.set(BOILER, "accumulator,1", "presentValue", counts)


async def test_accumulator_counts_on_over_its_maximum(boiler: Building, engine: Engine):
    count(boiler, 4_294_967_290)
    running = await serve(
        engine, site_of(boiler, BOILER, poll_seconds=1), f"n:{BOILER}"
    )
    await shows(running, GAS, 429_496_729.0)
    count(boiler, 4)
    await shows(running, GAS, 429_496_730.0)
    assert running.problems() == {}


async def test_accumulator_that_is_reset_is_told_and_counts_on(
    boiler: Building, engine: Engine, tmp_path: Path
):
    site = site_of(boiler, BOILER, poll_seconds=1)
    running = await serve(engine, site, f"n:{BOILER}")
    await shows(running, GAS, 18_422.0)
    count(boiler, 0)
    await until(running.problems)
    assert running.problems() == {f"n:{BOILER}": ProblemCode.METER_REPLACED}
    count(boiler, 15)
    await shows(running, GAS, 18_423.5)
    await engine.call("set_meter", SetMeterRequest(point_id=GAS, actor="Ada"))
    assert running.problems() == {}
    rows = await engine.call("audit_log", AuditQuery(point_id=GAS))
    assert [(row.action, row.actor, row.new) for row in rows] == [
        ("set_meter", "Ada", 18_423.5)
    ]
    await engine.stop()
    restarted = Engine(SiteHost(data_folder=tmp_path))
    await restarted.start()
    try:
        count(boiler, 25)
        again = await serve(restarted, site, f"n:{BOILER}")
        await shows(again, GAS, 18_424.5)
    finally:
        await restarted.stop()


async def test_accumulator_that_says_zero_once_counts_nothing(
    boiler: Building, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(meter, "SETTLE_SECONDS", 60.0)
    monkeypatch.setattr(counter_follower, "SETTLE_SECONDS", 60.0)
    running = await serve(
        engine, site_of(boiler, BOILER, poll_seconds=1), f"n:{BOILER}"
    )
    await shows(running, GAS, 18_422.0)
    count(boiler, 0)
    await until(lambda: engine._points.field_reading(GAS).value == 0)
    assert value(running, GAS) == 18_422.0
    count(boiler, 184_221)
    await shows(running, GAS, 18_422.1)
    assert running.problems() == {}


async def test_bare_pulses_are_gas_in_its_unit(boiler: Building, engine: Engine):
    pulses = CounterConfig(
        reference="positive-integer-value,1",
        factor=0.01,
        unit="cubic-meters",
        quantity=Quantity.GAS,
    )
    running = await serve(
        engine,
        site_of(
            boiler,
            BOILER,
            poll_seconds=1,
            metering=MeteringConfig(counters=(pulses,)),
        ),
        f"n:{BOILER}",
    )
    await shows(running, PULSES, 18_422.0)
    points = {point.point_id: point for point in (await running.snapshot()).points}
    assert points[PULSES].unit == "cubic-meters"
    assert points[PULSES].quantity is Quantity.GAS
    with pytest.raises(WriteRefusedError) as refused:
        await engine.call("write", WriteRequest(point_id=PULSES, value=5))
    assert refused.value.reason == "not_writable"


def modbus_site(
    side: ModbusSide, line: str, *units: str, **facts: object
) -> SiteConfig:
    return SiteConfig(
        modbus_lines=(side.line_config(line),),
        modbus_devices=tuple(
            side.device_config(unit, poll_seconds=0.1, **facts) for unit in units
        ),
    )


async def test_modbus_counter_counts_on_over_its_end_and_over_another_meter(
    engine: Engine,
):
    async with ModbusSide(profile="difficult", speed=0, only=(DIFFICULT,)) as side:
        rolls, replaced = (
            side.device_config(name).device_id
            for name in ("rolls over", "gets replaced")
        )
        site = modbus_site(side, DIFFICULT, "rolls over", "gets replaced")
        running = await serve(engine, site, rolls, replaced)
        truth = {
            rolls: side.truth("rolls over"), replaced: side.truth("gets replaced"),
        }  # fmt: skip
        await until(lambda: all(value(running, f"{d}:energy") for d in truth))
        began = {
            d: (value(running, f"{d}:energy"), truth[d].imported_kwh) for d in truth
        }
        for _ in range(10):
            side.pass_time(600)
            await until(lambda: agree(running, truth, began))
        assert side.unit("rolls over").get("energy") < 100
        side.replace_meter("gets replaced", 317.0)
        await until(lambda: replaced in running.problems())
        side.pass_time(600)
        await until(lambda: agree(running, truth, began))
        assert running.problems() == {replaced: ProblemCode.METER_REPLACED}


def agree(running: Running, truth: dict, began: dict) -> bool:
    """Return whether every counter shows what was consumed."""
    return all(
        value(running, f"{device}:energy") - shown
        == pytest.approx(truth[device].imported_kwh - consumed, abs=0.15)
        for device, (shown, consumed) in began.items()
    )


async def test_power_of_a_modbus_meter_becomes_energy_and_derived_points_are_watched(
    engine: Engine,
):
    async with ModbusSide(speed=0, only=(GATEWAY,)) as side:
        side.pass_time(3600)
        main = side.device_config("main meter").device_id
        points = modbus_site(side, GATEWAY, "main meter")
        running = await serve(engine, points, main)
        (power,) = (
            point
            for point in (await running.snapshot()).points
            if point.quantity is Quantity.POWER
        )
        energy = MeteringConfig(energy_from=(power.reference,))
        await running.configure(
            modbus_site(side, GATEWAY, "main meter", metering=energy)
        )
        derived = f"{power.point_id}~energy"
        # What was consumed since is less
        assert value(running, derived) == pytest.approx(0.0, abs=1.0)
        await running.watch(derived)
        await until(lambda: value(running, power.point_id))
        with pytest.raises(WriteRefusedError) as refused:
            await engine.call("write", WriteRequest(point_id=derived, value=5))
        assert refused.value.reason == "not_writable"
        demand = f"{power.point_id}~demand"
        assert running.reading(demand) is not None
        assert value(running, demand) is None
        await running.configure(SiteConfig())
        assert (await running.snapshot()).points == ()
