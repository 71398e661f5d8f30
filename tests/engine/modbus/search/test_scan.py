"""Which ids of a line are asked, in what order, and what is made of the answers."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from custom_components.plantroom.engine.errors import (
    DeviceError,
    DeviceOfflineError,
    LineUnreachableError,
    MalformedReplyError,
)
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.lines.replies import GatewayError
from custom_components.plantroom.engine.modbus.registers.register_map import Space
from custom_components.plantroom.engine.modbus.search import scan as scan_module
from custom_components.plantroom.engine.modbus.search.scan import (
    PROBES_OF_A_HOST,
    scan_line,
    scan_order,
)
from custom_components.plantroom.engine.modbus.search.unit_probe import SHORT_SECONDS
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.engine.requests import ScanRequest

from ..memory_reader import MemoryReader, refusal

TCP = ModbusLineConfig(network_id="plant", name="Plant", host="10.0.0.9")
SERIAL = ModbusLineConfig(
    network_id="plant",
    name="Plant",
    transport=ModbusTransport.SERIAL,
    device="/dev/ttyUSB0",
)
SILENCE = DeviceOfflineError("nobody", device="unit")
GATEWAY = GatewayError("the gateway says nobody", device="unit")
GONE = LineUnreachableError("Plant cannot be reached", line="Plant", reason="refused")

type Outcome = MemoryReader | Exception


class FailingReader(MemoryReader):
    """Ends every request with an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def _take(self, *request: object) -> None:
        raise self.error


class Line:
    """Units by id; everybody else is as default says."""

    def __init__(
        self, units: Mapping[int, Outcome] | None = None, default: Outcome = SILENCE
    ) -> None:
        self.units = dict(units or {})
        self.default = default
        self.asked: list[tuple[int, float]] = []
        self.progress: list[tuple[float, str]] = []

    def ask(self, unit_id: int, seconds: float) -> MemoryReader:
        self.asked.append((unit_id, seconds))
        outcome = self.units.get(unit_id, self.default)
        return FailingReader(outcome) if isinstance(outcome, Exception) else outcome

    def ids(self) -> list[int]:
        return list(dict.fromkeys(unit_id for unit_id, _ in self.asked))

    async def scan(
        self,
        config: ModbusLineConfig = SERIAL,
        *,
        low: int = 1,
        high: int = 247,
        configured: Collection[int] = (),
    ) -> tuple[FoundDevice, ...]:
        request = ScanRequest(network_id="plant", task_id="t", low=low, high=high)
        return await scan_line(
            config,
            request,
            self.ask,
            (),
            lambda share, text: self.progress.append((share, text)),
            configured,
        )


@pytest.fixture(autouse=True)
def no_spacing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "SPACING_SECONDS", 0)


def here() -> MemoryReader:
    return MemoryReader({(Space.HOLDING, 0): (1,)})


def test_likely_ids_come_first_and_every_id_once():
    order = scan_order(0, 4194303, ())
    assert order[:12] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 126]
    assert sorted(order) == list(range(1, 248))


def test_only_the_range_that_was_asked_for_is_searched():
    assert scan_order(8, 12, ()) == [8, 9, 10, 11, 12]
    assert scan_order(300, 400, ()) == []


def test_configured_ids_are_left_alone():
    assert scan_order(1, 5, (2, 3)) == [1, 4, 5]


async def test_units_that_answer_are_found_whatever_they_answer():
    line = Line({3: here(), 17: MemoryReader(), 90: refusal("server-device-busy")})
    found = await line.scan()
    assert [device.instance for device in found] == [3, 17, 90]
    assert found[0].address == "/dev/ttyUSB0, unit 3"
    assert found[0].protocol == "modbus"
    assert found[0].device_id == "plant:3"


@pytest.mark.parametrize(
    "nobody", [SILENCE, GATEWAY, MalformedReplyError("noise", device="unit")], ids=repr
)
async def test_silence_a_gateways_word_and_noise_are_nobody(nobody: DeviceError):
    line = Line({4: here()}, default=nobody)
    assert [device.instance for device in await line.scan()] == [4]


async def test_first_silence_is_waited_out_and_others_are_cut_short():
    line = Line()
    await line.scan(high=9)
    waits = [seconds for _, seconds in line.asked]
    assert waits[0] == SERIAL.timeout_seconds
    assert all(SHORT_SECONDS <= wait < 2 * SHORT_SECONDS for wait in waits[1:])


async def test_gateway_that_names_absent_units_is_given_its_time():
    line = Line(default=GATEWAY)
    await line.scan(high=9)
    assert {seconds for _, seconds in line.asked} == {SERIAL.timeout_seconds}


async def test_unit_that_answered_is_read_with_all_the_patience_there_is():
    line = Line({2: here()})
    await line.scan(high=5)
    assert (2, SERIAL.timeout_seconds) in line.asked


async def test_host_that_answers_to_every_id_is_found_once():
    line = Line(default=here())
    (device,) = await line.scan(TCP)
    assert (device.instance, device.answers_every_id) == (1, True)
    assert len(line.ids()) == PROBES_OF_A_HOST + 1


async def test_host_that_answers_to_every_id_is_not_offered_a_second_time():
    assert await Line(default=here()).scan(TCP, configured=(1,)) == ()


async def test_host_that_refuses_alike_whatever_the_id_is_one_device_too():
    (device,) = await Line(default=MemoryReader()).scan(TCP)
    assert device.answers_every_id


async def test_gateway_that_says_failure_for_absent_units_hides_no_unit():
    line = Line({5: here()}, default=refusal("server-device-failure"))
    assert [device.instance for device in await line.scan(TCP)] == [5]


async def test_ids_are_not_doubted_on_a_serial_line():
    line = Line(default=here())
    assert len(await line.scan(high=20)) == 20


async def test_host_itself_is_asked_when_nobody_is_behind_it():
    line = Line({255: here()})
    assert [device.instance for device in await line.scan(TCP)] == [255]


async def test_host_itself_is_not_asked_where_units_were_found():
    line = Line({7: here(), 255: here()})
    assert [device.instance for device in await line.scan(TCP)] == [7]


async def test_line_that_cannot_be_reached_is_an_error():
    with pytest.raises(LineUnreachableError):
        await Line(default=GONE).scan(TCP)
    with pytest.raises(LineUnreachableError):
        await Line(default=GONE).scan(SERIAL)


async def test_line_that_breaks_for_good_gives_what_was_found():
    line = Line({1: here(), 2: SILENCE}, default=GONE)
    assert [device.instance for device in await line.scan()] == [1]
    assert len(line.ids()) < 10


async def test_line_that_breaks_once_is_searched_to_the_end():
    line = Line({1: here(), 2: GONE, 5: here()})
    assert [device.instance for device in await line.scan(high=9)] == [1, 5]


async def test_unit_lost_while_it_is_described_is_found_all_the_same():
    class Shy(MemoryReader):
        async def read_device_identification(self) -> dict[int, bytes]:
            raise GONE

    line = Line({1: Shy({(Space.HOLDING, 0): (1,)})}, default=GONE)
    assert [device.instance for device in await line.scan()] == [1]


async def test_progress_rises_to_the_end_and_counts_what_is_found():
    line = Line({2: here(), 3: here()})
    await line.scan(high=20)
    shares = [share for share, _ in line.progress]
    assert shares == sorted(shares)
    assert line.progress[0] == (0.0, "0")
    assert line.progress[-1] == (1.0, "2")


async def test_search_can_be_cancelled():
    class Stuck(MemoryReader):
        async def read(self, space: Space, address: int, count: int) -> tuple[int, ...]:
            started.set()
            await asyncio.Event().wait()
            raise AssertionError

    started = asyncio.Event()
    task = asyncio.create_task(Line(default=Stuck()).scan())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
