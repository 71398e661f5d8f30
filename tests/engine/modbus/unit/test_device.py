"""A device is read as it should be, and what becomes of it is told once."""

import asyncio
import logging
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.events import ReadingsChanged
from custom_components.plantroom.engine.modbus.configuration import ModbusTransport
from custom_components.plantroom.engine.modbus.registers.register_map import ValueType
from custom_components.plantroom.engine.modbus.unit import device_reports, sampling
from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.simulators.modbus.office import ROOF
from tests.simulators.modbus.side import ModbusSide
from tests.site import until

from ..field_bench import BackendHost, device_of, field
from ..line_bench import RTU_OVER_TCP, SERIAL, TCP
from ..register_points import register
from ..scripted_line import BACKENDS, ScriptedUnit

everywhere = pytest.mark.parametrize("transport", [TCP, RTU_OVER_TCP, SERIAL])
both = pytest.mark.parametrize("backend", BACKENDS)
HOLDING = 3


@both
@everywhere
async def test_values_arrive_and_follow(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    unit = ScriptedUnit(1)
    async with field(
        unit, transport=transport, backend=backend, folder=tmp_path
    ) as site:
        await site.serve(device_of(1, register("a", 7, scale=0.1)))
        await site.until_value("l:1:a", 0.7)
        unit.image.put(register("a").space, 7, [2301])
        await site.until_value("l:1:a", 230.1)
        assert site.online() == {"l:1"}


async def test_readings_of_a_sample_are_told_together_and_only_when_they_are_news():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        points = [register("a", 1), register("b", 50), register("c", 90)]
        await site.serve(device_of(1, *points))
        await site.until_value("l:1:c", 90)
        unit.image.put(points[0].space, 1, [5])
        await site.until_value("l:1:a", 5)
        told = [e.readings for e in site.heard if isinstance(e, ReadingsChanged)]
        assert [[point_id for point_id, _ in each] for each in told] == [
            ["l:1:a", "l:1:b", "l:1:c"],
            ["l:1:a"],
        ]


async def test_only_watched_points_are_read():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await site.serve(device_of(1, register("a", 1), register("b", 50)))
        await site.until_value("l:1:b", 50)
        await site.watch("l:1:a")
        await until(lambda: [address for _, address, _ in unit.asked[-4:]] == [1] * 4)


async def test_points_are_read_at_their_own_rates():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        often = register("often", 1, poll_seconds=0.1)
        rarely = register("rarely", 50, poll_seconds=3600.0)
        await site.serve(device_of(1, often, rarely, poll_seconds=60))
        await until(lambda: unit.asked.count((HOLDING, 1, 1)) > 9)
        # Twice, where the first answer was not heard for our own business
        assert 1 <= unit.asked.count((HOLDING, 50, 1)) <= 2
        assert site.device().poll_seconds == 0.1


async def test_a_device_nobody_watches_is_asked_whether_it_lives():
    unit = ScriptedUnit(1)
    async with field(unit, timeout_seconds=0.2) as site:
        await site.serve(device_of(1, register("a", 5)))
        await site.watch()
        await site.until_online("l:1")
        unit.always = None
        await until(lambda: not site.online())


async def test_a_register_that_is_refused_is_an_error_and_is_not_asked_for_again():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        bad, good = register("bad", 200), register("good", 5)
        await site.serve(device_of(1, bad, good))
        await site.until_value("l:1:good", 5)
        reading = site.reading("l:1:bad")
        assert reading is not None
        assert (reading.value, reading.error) == (None, "illegal-data-address")
        unit.asked.clear()
        await until(lambda: len(unit.asked) > 3)
        assert all(address == 5 for _, address, _ in unit.asked)
        assert site.online() == {"l:1"}


async def test_a_refused_register_is_tried_again_in_time(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(sampling, "REFUSED_AGAIN_SECONDS", 0.3)
    unit = ScriptedUnit(1, range(50))
    async with field(unit) as site:
        await site.serve(device_of(1, register("a", 5), register("option", 60)))
        await until(lambda: site.reading("l:1:option"))
        unit.image.put(register("a").space, 0, [*range(70)])
        await site.until_value("l:1:option", 60)


async def test_lessons_survive_a_restart(tmp_path: Path):
    unit = ScriptedUnit(1)
    points = register("bad", 200), register("good", 5)
    for _ in range(2):
        async with field(unit, keep=tmp_path) as site:
            unit.asked.clear()
            await site.serve(device_of(1, *points))
            await until(lambda: site.reading("l:1:bad"))
            await site.until_value("l:1:good", 5)
    assert all(address != 200 for _, address, _ in unit.asked)


async def test_a_restart_knows_its_points_before_the_line_is_open(tmp_path: Path):
    unit = ScriptedUnit(1)
    device = device_of(1, register("a", 5), name="Pump")
    async with field(unit, keep=tmp_path) as site:
        await site.serve(device)
        await site.until_online("l:1")
    async with field(unit, keep=tmp_path) as site:
        await site.served.stop()
        await site.serve(device)
        snapshot = await site.snapshot()
        assert [point.point_id for point in snapshot.points] == ["l:1:a"]
        assert [found.name for found in snapshot.devices] == ["Pump"]


@both
@everywhere
async def test_a_dead_unit_is_told_once_and_so_is_its_return(
    transport: ModbusTransport,
    backend: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):
    unit = ScriptedUnit(1)
    async with field(
        unit,
        transport=transport,
        backend=backend,
        folder=tmp_path,
        timeout_seconds=0.3,
    ) as site:
        await site.serve(device_of(1, register("a", 5), name="Pump"))
        await site.until_value("l:1:a", 5)
        # What a pause of the machine made of its first poll is no matter here
        caplog.clear()
        with caplog.at_level(logging.INFO, "custom_components.plantroom"):
            unit.always = None
            await until(lambda: not site.online())
            unit.always = ""
            for _ in range(3):
                site.network_of_line._poller.poll_soon("l:1")
            # The line rests nine times as long as a probe was waited for
            await until(lambda: site.online() == {"l:1"}, 90)
        ours = [r for r in caplog.records if r.name.startswith("custom_components")]
        texts = [r.getMessage() for r in ours if r.levelno > logging.INFO]
        assert [text[:30] for text in texts] == [
            "Device l:1 does not answer (Pu",
            "Device l:1 answers again",
        ]
        assert site.network("l").health == "healthy"


@both
async def test_a_dead_unit_costs_its_neighbours_nothing_they_notice(
    backend: str, tmp_path: Path
):
    """The dead one dies, is probed, and all the while the other is read."""
    dead, alive = ScriptedUnit(1), ScriptedUnit(2)
    async with field(
        dead, alive, transport=SERIAL, backend=backend, folder=tmp_path
    ) as site:
        devices = [device_of(n, register("a", 5)) for n in (1, 2)]
        await site.serve(*devices)
        await site.until_online("l:1", "l:2")
        dead.always = None
        await until(lambda: site.online() == {"l:2"})
        asked = len(dead.asked), len(alive.asked)
        now = asyncio.get_running_loop().time
        began = now()
        await until(lambda: len(alive.asked) > asked[1] + 20)
        # Three in what twenty polls take, and one more in what it rests after each
        assert len(dead.asked) - asked[0] <= 3 + max(now() - began - 2.5, 0) / 0.75


async def test_a_unit_that_never_answered_is_a_problem_soon(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(device_reports, "NEVER_ANSWERED_SECONDS", 0.0)
    async with field(timeout_seconds=0.1) as site:
        await site.serve(device_of(9, register("a", 5), name="Pump"))
        await until(lambda: site.problems() == {"l:9": ProblemCode.UNIT_SILENT})
        (problem,) = site.engine._problems.all()
        assert problem.facts == {"name": "Pump", "unit_id": "9", "line": "Line"}


async def test_a_unit_that_answered_is_a_problem_after_an_hour_and_until_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
):
    unit = ScriptedUnit(1)
    async with field(unit, timeout_seconds=0.1) as site:
        await site.serve(device_of(1, register("a", 5)))
        await site.until_online("l:1")
        unit.always = None
        await until(lambda: not site.online())
        assert site.problems() == {}
        monkeypatch.setattr(device_reports, "SILENT_SECONDS", 0.0)
        site.network_of_line._poller.poll_soon("l:1")
        await until(lambda: site.problems() == {"l:1": ProblemCode.UNIT_SILENT})
        unit.always = ""
        site.network_of_line._poller.poll_soon("l:1")
        await until(lambda: site.problems() == {}, 90)


async def test_floats_with_their_words_exchanged_are_suspected_until_they_are_right():
    unit = ScriptedUnit(1, [0x199A, 0x4366, 0, 0x4248])
    floats = [register(k, n, type=ValueType.FLOAT32) for k, n in (("a", 0), ("b", 2))]
    async with field(unit) as site:
        await site.serve(device_of(1, *floats, name="Meter"))
        await until(
            lambda: site.problems() == {"l:1": ProblemCode.WORD_ORDER_SUSPECTED}
        )
        (problem,) = site.engine._problems.all()
        assert problem.facts == {"name": "Meter", "count": "2", "points": "a, b"}
        await site.serve(device_of(1, *floats, name="Meter", swap_words=True))
        await site.until_value("l:1:a", 230.1)
        await site.until_value("l:1:b", 50.0)
        assert site.problems() == {}


async def test_a_busy_device_stays_online_and_keeps_its_readings():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await site.serve(device_of(1, register("a", 5)))
        await site.until_value("l:1:a", 5)
        unit.asked.clear()
        unit.always = ExcCodes.DEVICE_BUSY
        await until(lambda: len(unit.asked) > 5)
        assert site.online() == {"l:1"}
        assert site.value("l:1:a") == 5


async def test_a_block_that_is_never_answered_is_left_out_in_the_end():
    class Mute(ScriptedUnit):
        async def answer(self, request):
            response = await super().answer(request)
            return None if request.address <= 50 < request.address + 1 else response

    unit = Mute(1)
    async with field(unit, timeout_seconds=0.2) as site:
        points = [register("a", 5), register("b", 6), register("mute", 50)]
        await site.serve(device_of(1, *points))
        await until(lambda: site.device().learned.lessons.refusals, 90)
        await until(lambda: site.online() == {"l:1"}, 90)
        reading = site.reading("l:1:mute")
        assert reading is not None
        assert (reading.value, reading.error) == (None, "no-answer")
        assert site.value("l:1:b") == 6
        unit.asked.clear()
        await until(lambda: len(unit.asked) > 3)
        assert all(address == 5 for _, address, _ in unit.asked)


@both
@pytest.mark.parametrize("transport", [RTU_OVER_TCP, SERIAL])
async def test_values_follow_though_half_of_the_replies_are_lost(
    transport: ModbusTransport, backend: str, tmp_path: Path
):
    class Lossy(ScriptedUnit):
        async def answer(self, request):
            response = await super().answer(request)
            return None if len(self.asked) % 2 else response

    unit = Lossy(1)
    async with field(
        unit,
        transport=transport,
        backend=backend,
        folder=tmp_path,
        timeout_seconds=0.3,
    ) as site:
        points = [register("a", 5), register("b", 60)]
        await site.serve(device_of(1, *points))
        await site.until_value("l:1:b", 60, 90)
        for number in range(3):
            unit.image.put(points[0].space, 5, [1000 + number])
            unit.image.put(points[0].space, 60, [2000 + number])
            await site.until_value("l:1:a", 1000 + number, 90)
            await site.until_value("l:1:b", 2000 + number, 90)
        wrong = {reading.value for reading in site.readings_of("l:1:a")}
        assert wrong <= {5, 1000, 1001, 1002}


async def test_another_map_for_a_device_takes_the_place_of_the_old_one():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await site.serve(device_of(1, register("a", 5), register("b", 6)))
        await site.until_value("l:1:b", 6)
        await site.serve(device_of(1, register("a", 8), register("c", 7)))
        await site.until_value("l:1:a", 8)
        await site.until_value("l:1:c", 7)
        points = (await site.snapshot()).points
        assert {point.point_id for point in points} == {"l:1:a", "l:1:c"}


async def test_chosen_points_are_served_and_enabled():
    points = register("a", 5), register("b", 6, enabled=False), register("c", 7)
    async with field(ScriptedUnit(1)) as site:
        await site.serve(device_of(1, *points, points=("a", "b")))
        found = (await site.snapshot()).points
        assert [(p.reference, p.enabled) for p in found] == [("a", True), ("b", True)]
        await site.serve(device_of(1, *points))
        found = (await site.snapshot()).points
        assert [p.enabled for p in found] == [True, False, True]


async def test_values_that_are_answered_only_apart_are_asked_for_apart():
    class Shy(ScriptedUnit):
        async def answer(self, request):
            response = await super().answer(request)
            return None if request.count > 2 else response

    unit = Shy(1)
    async with field(unit, timeout_seconds=0.2) as site:
        points = [register(key, n) for key, n in (("a", 5), ("b", 6), ("c", 8))]
        await site.serve(device_of(1, *points))
        await site.until_value("l:1:c", 8, 90)
        await site.until_value("l:1:b", 6)
        unit.asked.clear()
        await until(lambda: len(unit.asked) > 4)
        assert {(address, count) for _, address, count in unit.asked} == {
            (5, 2),
            (8, 1),
        }


async def test_what_a_sunspec_device_told_is_known_before_it_is_asked(tmp_path: Path):
    async with ModbusSide(speed=0, only=(ROOF,)) as side:
        site = SiteConfig(
            modbus_lines=(side.line_config(ROOF),),
            modbus_devices=(side.device_config("inverter"),),
        )
        known: list[set[str]] = []
        for is_there in (True, False):
            engine = Engine(BackendHost(data_folder=tmp_path))
            await engine.start()
            if not is_there:
                await side.kill(ROOF)
            try:
                running = Running(engine)
                await running.configure(site)
                if is_there:
                    await running.until_online("roof:1")
                snapshot = await running.snapshot()
                known.append({point.point_id for point in snapshot.points})
                assert [device.vendor for device in snapshot.devices] == [
                    "Northwind Solar"
                ]
            finally:
                await engine.stop()
        assert known[0] == known[1] != set()
