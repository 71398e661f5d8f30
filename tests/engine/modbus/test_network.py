"""A line serves exactly what is configured, and says how it is doing."""

import asyncio
import logging
from pathlib import Path

import pytest
from modbus_connection import ModbusUnit

from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    DeviceOfflineError,
    DeviceRefusedError,
    LineInUseError,
    LineUnreachableError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.events import (
    DeviceRemoved,
    PointsChanged,
)
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Space,
    ValueType,
)
from custom_components.plantroom.engine.models import (
    Health,
    PointsDifference,
    ProblemCode,
    Protocol,
)
from custom_components.plantroom.engine.requests import (
    Preview,
    PreviewRequest,
    ReadPropertyRequest,
    ReadRegistersRequest,
    ScanRequest,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.ports import free_port
from tests.simulators.modbus.behaviours import HangUpError
from tests.simulators.modbus.socket_line import SocketLine
from tests.site import network_config, until

from .field_bench import FAST, device_of, field
from .line_bench import RTU_OVER_TCP, SERIAL, TCP
from .register_points import register
from .scripted_line import BACKENDS, BackendLink, ScriptedUnit

both = pytest.mark.parametrize("backend", BACKENDS)
everywhere = pytest.mark.parametrize("transport", [TCP, RTU_OVER_TCP, SERIAL])
A = register("a", 5)


@both
@everywhere
async def test_a_line_that_goes_and_comes_is_told_once_each(
    transport: ModbusTransport,
    backend: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):
    units = [ScriptedUnit(n) for n in range(1, 6)]
    async with field(
        *units,
        transport=transport,
        backend=backend,
        folder=tmp_path,
    ) as site:
        await site.serve(*(device_of(n, A) for n in range(1, 6)))
        await until(lambda: len(site.online()) == 5)
        assert site.network("l").health is Health.HEALTHY
        with caplog.at_level(logging.INFO, "custom_components.plantroom"):
            await site.served.stop()
            await until(lambda: site.network("l").health is Health.DOWN)
            await until(lambda: not site.online())
            assert site.network("l").reason == "line_unreachable"
            assert site.problems() == {"l": ProblemCode.LINE_UNREACHABLE}
            await site.served.start()
            await until(lambda: len(site.online()) == 5)
        assert site.network("l").health is Health.HEALTHY
        assert site.problems() == {}
        ours = [r for r in caplog.records if r.name.startswith("custom_components")]
        texts = [r.getMessage() for r in ours if r.levelno > logging.INFO]
        assert len(texts) == 2
        assert texts[0].startswith("Modbus line Line is down: ")
        assert texts[1] == "Modbus line Line is back"


@both
async def test_a_host_that_is_not_there_at_first_is_found_when_it_is(backend: str):
    async with field(ScriptedUnit(1), backend=backend) as site:
        await site.served.stop()
        await site.serve(device_of(1, A))
        await until(lambda: site.problems() == {"l": ProblemCode.LINE_UNREACHABLE})
        (problem,) = site.engine._problems.all()
        assert problem.facts["name"] == "Line"
        await site.served.start()
        await site.until_value("l:1:a", 5)


async def test_a_line_without_devices_says_whether_it_can_be_opened():
    async with field(timeout_seconds=0.5) as site:
        await site.serve()
        await until(lambda: site.network("l").health is Health.HEALTHY)
    async with field(timeout_seconds=0.5) as site:
        await site.served.stop()
        await site.serve()
        await until(lambda: site.network("l").health is Health.DOWN)


async def test_a_device_restart_is_a_connection_that_breaks_and_no_news():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await site.serve(device_of(1, A))
        await site.until_value("l:1:a", 5)
        await until(lambda: site.network("l").devices_online == 1)
        before = len(site.heard)
        for number in range(3):
            await site.served.drop_connections()
            unit.image.put(Space.HOLDING, 5, [100 + number])
            await site.until_value("l:1:a", 100 + number)
        assert site.online() == {"l:1"}
        assert len(site.heard) == before + 3


async def test_a_unit_that_hangs_up_is_offline_and_its_neighbours_are_not():
    units = ScriptedUnit(1), ScriptedUnit(2)
    async with field(*units) as site:
        await site.serve(device_of(1, A), device_of(2, A))
        await until(lambda: len(site.online()) == 2)
        units[0].always = HangUpError()
        await until(lambda: site.online() == {"l:2"})
        assert site.network("l").health is Health.HEALTHY
        units[1].image.put(Space.HOLDING, 5, [77])
        await site.until_value("l:2:a", 77)


async def test_a_change_of_one_device_leaves_the_others_alone():
    units = ScriptedUnit(1), ScriptedUnit(2)
    async with field(*units) as site:
        await site.serve(device_of(1, A), device_of(2, A))
        await until(lambda: len(site.online()) == 2)
        await site.until_value("l:2:a", 5)
        served, heard = site.device(2), len(site.heard)
        await site.serve(device_of(1, A, register("b", 6)), device_of(2, A))
        await site.until_value("l:1:b", 6)
        assert site.device(2) is served
        assert "l:2" not in str(site.heard[heard:])


async def test_a_change_of_the_line_opens_another_link():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await site.serve(device_of(1, A))
        await site.until_online("l:1")
        network = site.network_of_line
        await site.serve(device_of(1, A), timeout_seconds=0.9)
        assert site.network_of_line is not network
        unit.image.put(Space.HOLDING, 5, [8])
        await site.until_value("l:1:a", 8)


async def test_a_device_that_is_no_longer_wanted_leaves_nothing_behind(tmp_path: Path):
    unit = ScriptedUnit(1)
    async with field(unit, keep=tmp_path) as site:
        await site.serve(device_of(1, A))
        await site.until_online("l:1")
        await site.serve()
        assert DeviceRemoved(device_id="l:1") in site.heard
        snapshot = await site.snapshot()
        assert (snapshot.devices, snapshot.points, snapshot.statuses) == ((), (), ())
        assert await site.engine._store.load() == {}
        unit.asked.clear()
        await asyncio.sleep(0.3)
        assert unit.asked == []


async def test_both_protocols_live_in_one_engine():
    async with field(ScriptedUnit(1)) as site:
        site_config = device_of(1, A)
        await site.serve(site_config)
        await site.until_online("l:1")
        await site.configure(
            SiteConfig(
                networks=(network_config(free_port()),),
                modbus_lines=(site.line,),
                modbus_devices=(site_config,),
            )
        )
        await until(lambda: site.network("n").health is Health.HEALTHY)
        assert site.online() == {"l:1"}
        with pytest.raises(UnknownTargetError):
            await site.engine.call(
                "read_registers",
                ReadRegistersRequest(
                    network_id="n", unit_id=1, space=Space.HOLDING, address=0, count=1
                ),
            )


async def test_registers_are_read_as_they_are():
    async with field(ScriptedUnit(1)) as site:
        await site.serve()

        async def read(space: Space, address: int, count: int) -> tuple[int, ...]:
            request = ReadRegistersRequest(
                network_id="l", unit_id=1, space=space, address=address, count=count
            )
            answer = await site.engine.call("read_registers", request)
            words: tuple[int, ...] = answer.words
            return words

        assert await read(Space.HOLDING, 7, 3) == (7, 8, 9)
        assert await read(Space.COIL, 0, 4) == (0, 1, 0, 1)
        for space, address, count in (
            (Space.HOLDING, 0, 0),
            (Space.HOLDING, 0, 126),
            (Space.HOLDING, -1, 1),
            (Space.HOLDING, 65535, 2),
        ):
            with pytest.raises(ConfigurationError):
                await read(space, address, count)
        with pytest.raises(DeviceRefusedError):
            await read(Space.HOLDING, 99, 2)


async def test_a_preview_reads_all_there_would_be():
    points = (
        register("a", 0, type=ValueType.FLOAT32, unit="volts"),
        register("bad", 300),
        register("off", 7, enabled=False),
    )
    async with field(ScriptedUnit(1, [0x199A, 0x4366, *range(50)])) as site:
        await site.serve()
        found: Preview = await site.engine.call(
            "preview",
            PreviewRequest(
                network_id="l", unit_id=1, registers=points, swap_words=True
            ),
        )
        assert found.device.protocol is Protocol.MODBUS
        assert [(p.reference, r.value, r.error) for p, r in found.points] == [
            ("a", 230.1, ""),
            ("bad", None, "illegal-data-address"),
            ("off", 5, ""),
        ]
        assert (await site.snapshot()).points == ()


async def test_a_preview_of_nobody_is_an_error():
    async with field(timeout_seconds=0.1) as site:
        await site.serve()
        request = PreviewRequest(network_id="l", unit_id=3, registers=(A,))
        with pytest.raises(DeviceOfflineError):
            await site.engine.call("preview", request)
        for wrong in (
            PreviewRequest(network_id="l", unit_id=300, registers=(A,)),
            PreviewRequest(network_id="l", unit_id=3, profile="nobodys"),
        ):
            with pytest.raises(ConfigurationError):
                await site.engine.call("preview", wrong)
        await site.served.stop()
        with pytest.raises(LineUnreachableError):
            await site.engine.call("preview", request)


async def test_a_device_whose_profile_is_gone_is_offline_for_that_reason():
    unit = ScriptedUnit(1)
    device = ModbusDeviceConfig(network_id="l", unit_id=1, profile="nobodys")
    async with field(unit) as site:
        await site.serve(device)
        await until(site.engine._health.devices)
        (status,) = site.engine._health.devices()
        assert (status.online, status.reason) == (False, "configuration")


async def test_a_present_value_is_all_the_properties_a_register_has():
    async with field(ScriptedUnit(1)) as site:
        await site.serve(device_of(1, A, register("bad", 300)))

        async def read(reference: str, name: str) -> object:
            request = ReadPropertyRequest(
                device_id="l:1", reference=reference, property_name=name
            )
            return (await site.engine.call("read_property", request)).value

        assert await read("a", "present-value") == 5
        for reference, name, reason in (
            ("a", "description", "unknown-property"),
            ("bad", "present-value", "illegal-data-address"),
        ):
            with pytest.raises(DeviceRefusedError) as caught:
                await read(reference, name)
            assert caught.value.reason == reason
        with pytest.raises(UnknownTargetError):
            await read("nothing", "present-value")


async def test_a_survey_says_what_changed_and_asks_again_for_what_was_refused():
    unit = ScriptedUnit(1, range(50))
    async with field(unit) as site:
        await site.serve(device_of(1, A, register("option", 60)))
        await until(lambda: site.reading("l:1:option"))
        unit.image.put(Space.HOLDING, 0, [*range(70)])
        difference = await site.engine.call("survey", "l:1")
        assert difference == PointsDifference(device_id="l:1")
        await site.until_value("l:1:option", 60)


async def test_a_scan_finds_who_is_there_and_not_yet_configured():
    units = ScriptedUnit(3), ScriptedUnit(7)
    async with field(*units, timeout_seconds=0.5) as site:
        await site.serve(device_of(3, A))
        await site.until_online("l:3")
        request = ScanRequest(network_id="l", task_id="t", low=2, high=8)
        found = await site.engine.call("scan", request)
        assert [device.instance for device in found] == [7]


@pytest.mark.parametrize("device_id", ["l:9", "l:x", "x:1", "l"])
async def test_an_unknown_device_is_an_error(device_id: str):
    async with field(ScriptedUnit(1)) as site:
        await site.serve(device_of(1, A))
        with pytest.raises(UnknownTargetError):
            await site.engine.call("survey", device_id)


async def test_the_points_of_a_device_are_told_once():
    async with field(ScriptedUnit(1)) as site:
        await site.serve(device_of(1, A))
        await site.until_online("l:1")
        assert len([e for e in site.heard if isinstance(e, PointsChanged)]) == 1


async def test_an_engine_that_stops_lets_go_of_its_connections():
    async with field(ScriptedUnit(1)) as site:
        await site.serve(device_of(1, A))
        await site.until_online("l:1")
        served = site.served
        assert isinstance(served, SocketLine)
        assert served.connections == 1
        await site.engine.stop()
        await until(lambda: served.connections == 0)
        await site.engine.stop()


@both
async def test_a_link_its_lender_closed_is_no_news_of_the_line(
    backend: str, caplog: pytest.LogCaptureFixture
):
    async with field(ScriptedUnit(1), backend=backend) as site:
        await site.serve(device_of(1, A))
        await until(lambda: len(site.online()) == 1)
        with caplog.at_level(logging.INFO, "custom_components.plantroom"):
            await site.network_of_line._line._link.close()
            await asyncio.sleep(5 * FAST)
        assert site.network("l").health is Health.HEALTHY
        assert site.problems() == {}
        assert "is down" not in caplog.text


async def test_an_endpoint_in_use_is_a_problem_until_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
):
    free = BackendLink.unit

    def taken(self: BackendLink, unit_id: int) -> ModbusUnit:
        raise LineInUseError("Taken", line="Line", reason="19200 8E1", owner="Other")

    async with field(ScriptedUnit(1)) as site:
        monkeypatch.setattr(BackendLink, "unit", taken)
        await site.serve(device_of(1, A))
        await until(lambda: site.problems() == {"l": ProblemCode.LINE_IN_USE})
        assert site.network("l").reason == "line_in_use"
        (problem,) = site.engine._problems.all()
        assert problem.facts["owner"] == "Other"
        monkeypatch.setattr(BackendLink, "unit", free)
        await site.until_value("l:1:a", 5)
        assert site.problems() == {}
