"""Our engine against libmodbus, an independent stack in C: over TCP and on a serial line."""

import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import WriteRefusedError
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.register_map import (
    Order,
    RegisterPoint,
    Space,
    ValueType,
    WriteFunction,
)
from custom_components.plantroom.engine.models import (
    PointValue,
    ProblemCode,
    Verdict,
    WriteRequest,
    WriteResult,
)
from custom_components.plantroom.engine.requests import (
    ReadRegistersRequest,
    RegistersAnswer,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.engine.running import Running
from tests.peers.libmodbus_server import LibmodbusServer
from tests.peers.linked_ports import LinkedPorts
from tests.site import SiteHost, until

UNIT = 17
DEVICE = f"line:{UNIT}"
POLL_SECONDS = 0.1
ORDERS = [(word, byte) for word in Order for byte in Order]
SAMPLES: dict[ValueType, tuple[PointValue, bytes]] = {
    ValueType.UINT16: (40_000, struct.pack(">H", 40_000)),
    ValueType.INT16: (-12_345, struct.pack(">h", -12_345)),
    ValueType.UINT32: (0xDEADBEEF, bytes.fromhex("DEADBEEF")),
    ValueType.INT32: (-123_456_789, struct.pack(">i", -123_456_789)),
    ValueType.UINT48: (0x123456789ABC, bytes.fromhex("123456789ABC")),
    ValueType.UINT64: (0x0001_2345_6789_ABCD, bytes.fromhex("000123456789ABCD")),
    ValueType.INT64: (-0x1234_5678_9ABC, struct.pack(">q", -0x1234_5678_9ABC)),
    ValueType.FLOAT16: (-1.5, struct.pack(">e", -1.5)),
    ValueType.FLOAT32: (-1234.5, struct.pack(">f", -1234.5)),
    ValueType.FLOAT64: (98_765.4321, struct.pack(">d", 98_765.4321)),
    ValueType.BCD16: (9876, bytes.fromhex("9876")),
    ValueType.BCD32: (12_345_678, bytes.fromhex("12345678")),
    ValueType.BCD64: (1_234_567_890_123_456, bytes.fromhex("1234567890123456")),
    ValueType.STRING: ("Plantroom!", b"Plantroom!"),
}
TYPES = [(kind, *order) for kind in SAMPLES for order in ORDERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An engine that serves one unit of libmodbus's."""

    running: Running
    server: LibmodbusServer

    async def until_reads(self, **expected: PointValue) -> None:
        """Wait until these points have these values."""
        with suppress(TimeoutError):
            await until(lambda: self.values(*expected) == expected)
        assert self.values(*expected) == expected

    def values(self, *keys: str) -> dict[str, PointValue]:
        readings = {key: self.running.reading(f"{DEVICE}:{key}") for key in keys}
        return {key: reading.value for key, reading in readings.items() if reading}

    async def write(self, key: str, value: PointValue) -> WriteResult:
        result: WriteResult = await self.running.engine.call(
            "write", WriteRequest(point_id=f"{DEVICE}:{key}", value=value, actor="t")
        )
        return result

    async def written(self, function: int) -> int:
        """Return how often a function was asked."""
        return (await self.server.requests()).get(function, 0)


type Serve = Callable[..., Any]


@pytest.fixture(params=["tcp", "rtu"])
async def serve(request: pytest.FixtureRequest) -> Serve:
    """Return what serves points: a map of words by space and address, and the points."""
    open_line = _tcp if request.param == "tcp" else _rtu

    @asynccontextmanager
    async def made(
        *points: RegisterPoint,
        words: dict[tuple[Space, int], Sequence[int]],
        poll_seconds: float = POLL_SECONDS,
    ) -> AsyncIterator[Served]:
        async with open_line() as (server, line):
            for (space, address), values in words.items():
                await server.set(space, address, *values)
            async with _engine(line, points, poll_seconds) as running:
                yield Served(running=running, server=server)

    return made


@asynccontextmanager
async def _tcp() -> AsyncIterator[tuple[LibmodbusServer, ModbusLineConfig]]:
    async with LibmodbusServer.tcp() as server:
        yield (
            server,
            ModbusLineConfig(
                network_id="line", name="Line", host="127.0.0.1", port=server.port
            ),
        )


@asynccontextmanager
async def _rtu() -> AsyncIterator[tuple[LibmodbusServer, ModbusLineConfig]]:
    async with LinkedPorts() as ports:
        ours, theirs = ports.paths
        async with LibmodbusServer.rtu(theirs, unit_id=UNIT) as server:
            yield (
                server,
                ModbusLineConfig(
                    network_id="line",
                    name="Line",
                    transport=ModbusTransport.SERIAL,
                    device=str(ours),
                    baudrate=19200,
                ),
            )


@asynccontextmanager
async def _engine(
    line: ModbusLineConfig,
    points: tuple[RegisterPoint, ...],
    poll_seconds: float = POLL_SECONDS,
) -> AsyncIterator[Running]:
    engine = Engine(SiteHost())
    await engine.start()
    try:
        running = Running(engine)
        device = ModbusDeviceConfig(
            network_id="line",
            unit_id=UNIT,
            registers=points,
            poll_seconds=poll_seconds,
        )
        await running.configure(
            SiteConfig(modbus_lines=(line,), modbus_devices=(device,))
        )
        await running.watch(*(f"{DEVICE}:{point.key}" for point in points))
        yield running
    finally:
        await engine.stop()


def words_in(octets: bytes, word_order: Order, byte_order: Order) -> list[int]:
    """Return octets, the most significant first, as words in another order."""
    words = list(struct.unpack(f">{len(octets) // 2}H", octets))
    if byte_order is Order.LITTLE:
        words = [int.from_bytes(word.to_bytes(2), "little") for word in words]
    return words[::-1] if word_order is Order.LITTLE else words


def typed_points(space: Space, **facts: Any) -> list[RegisterPoint]:
    """Return a point of every type in every order, with gaps between them."""
    return [
        RegisterPoint(
            key=f"{kind}_{word_order}_{byte_order}",
            name=f"{kind} {word_order} {byte_order}",
            address=100 + number * 6,
            space=space,
            type=kind,
            length=5,
            word_order=word_order,
            byte_order=byte_order,
            **facts,
        )
        for number, (kind, word_order, byte_order) in enumerate(TYPES)
    ]


def words_of(points: Sequence[RegisterPoint]) -> dict[str, list[int]]:
    """Return the words of each point's sample, by key."""
    return {point.key: _words_of(point) for point in points}


def _words_of(point: RegisterPoint) -> list[int]:
    """Return a sample as it lies in the device: a text has no word order."""
    is_text = point.type is ValueType.STRING
    word_order = Order.BIG if is_text else point.word_order
    return words_in(SAMPLES[point.type][1], word_order, point.byte_order)


def samples_of(points: Sequence[RegisterPoint]) -> dict[str, PointValue]:
    """Return each point's sample, by key."""
    return {point.key: SAMPLES[point.type][0] for point in points}


@pytest.mark.parametrize("space", [Space.HOLDING, Space.INPUT])
async def test_every_type_is_read_in_every_order(serve: Serve, space: Space) -> None:
    points = typed_points(space)
    held = words_of(points)
    words = {(space, point.address): held[point.key] for point in points}
    async with serve(*points, words=words, poll_seconds=600) as served:
        await served.until_reads(**samples_of(points))
        function = 3 if space is Space.HOLDING else 4
        # A probe, and 336 addresses in three reads
        assert await served.server.requests() == {function: 4}
        await served.running.until_online(DEVICE)


async def test_every_type_is_written_in_every_order(serve: Serve) -> None:
    points = [
        point
        for point in typed_points(Space.HOLDING, writable=True)
        if point.type is not ValueType.STRING
    ]
    async with serve(*points, words={}) as served:
        await until(lambda: len(served.values(*samples_of(points))) == len(points))
        held = words_of(points)
        for point in points:
            value = SAMPLES[point.type][0]
            result = await served.write(point.key, value)
            assert (result.verdict, result.present_value) == (Verdict.VERIFIED, value)
            words = await served.server.get(Space.HOLDING, point.address, 6)
            assert words == held[point.key] + [0] * (6 - len(held[point.key]))
        single = sum(1 for point in points if point.words == 1)
        assert await served.written(6) == single
        assert await served.written(16) == len(points) - single


async def test_coils_and_discrete_inputs_are_read_and_coils_written(
    serve: Serve,
) -> None:
    coils = [
        RegisterPoint(
            key=f"coil_{n}",
            name=f"Coil {n}",
            address=n,
            space=Space.COIL,
            type=ValueType.BOOL,
            writable=True,
            write_function=WriteFunction.MULTIPLE if n == 9 else WriteFunction.AUTO,
        )
        for n in (0, 9, 17)
    ]
    inputs = [
        replace(
            coil,
            key=f"contact_{coil.address}",
            space=Space.DISCRETE_INPUT,
            writable=False,
        )
        for coil in coils
    ]
    words = {(Space.COIL, 17): [1], (Space.DISCRETE_INPUT, 9): [1]}
    async with serve(*coils, *inputs, words=words) as served:
        await served.until_reads(
            coil_0=False, coil_9=False, coil_17=True,
            contact_0=False, contact_9=True, contact_17=False,
        )  # fmt: skip
        for key in ("coil_0", "coil_9"):
            assert (await served.write(key, True)).verdict is Verdict.VERIFIED
        assert (await served.write("coil_17", False)).present_value is False
        bits = await served.server.get(Space.COIL, 0, 18)
        assert [n for n, bit in enumerate(bits) if bit] == [0, 9]
        assert (await served.written(5), await served.written(15)) == (2, 1)


async def test_bits_of_a_register_are_read_and_written_beside_their_neighbours(
    serve: Serve,
) -> None:
    place: dict[str, Any] = {"address": 3, "writable": True}
    points = (
        RegisterPoint(key="flag", name="Flag", type=ValueType.BOOL, bit=15, **place),
        RegisterPoint(key="speed", name="Speed", bit=4, bits=3, **place),
        RegisterPoint(key="other", name="Other", bit=0, bits=4, **place),
    )
    async with serve(*points, words={(Space.HOLDING, 3): [0b1000_0000_0101_1010]}) as s:
        await s.until_reads(flag=True, speed=5, other=10)
        assert (await s.write("speed", 2)).verdict is Verdict.VERIFIED
        assert (await s.write("flag", False)).verdict is Verdict.VERIFIED
        assert await s.server.get(Space.HOLDING, 3) == [0b0000_0000_0010_1010]
        # libmodbus knows Mask Write Register
        assert (await s.written(22), await s.written(6)) == (2, 0)


async def test_scaled_values_and_those_that_mean_none(serve: Serve) -> None:
    points = (
        RegisterPoint(
            key="scaled", name="Scaled", address=0, type=ValueType.INT16,
            scale=0.1, offset=-40.0, writable=True, minimum=-40, maximum=60,
        ),
        RegisterPoint(
            key="factored", name="Factored", address=1, type=ValueType.INT16,
            exponent_address=2, writable=True,
        ),
        RegisterPoint(
            key="missing", name="Missing", address=3, unavailable=(0xFFFF,)
        ),
        RegisterPoint(
            key="nan", name="NaN", address=4, type=ValueType.FLOAT32
        ),
        RegisterPoint(
            key="mode", name="Mode", address=6, writable=True,
            states={"1": "Comfort", "3": "Economy", "4": "Protection"},
        ),
    )  # fmt: skip
    words = {(Space.HOLDING, 0): [615, 1234, 0xFFFE, 0xFFFF, 0x7FC0, 0, 3]}
    async with serve(*points, words=words) as served:
        await served.until_reads(
            scaled=21.5, factored=12.34, missing=None, nan=None, mode=2
        )
        reading = served.running.reading(f"{DEVICE}:missing")
        assert reading is not None
        assert reading.error == "not-available"
        for key, value in (("scaled", -12.3), ("factored", -0.07), ("mode", 3)):
            assert (await served.write(key, value)).verdict is Verdict.VERIFIED
        assert await served.server.get(Space.HOLDING, 0, 3) == [277, 0xFFF9, 0xFFFE]
        assert await served.server.get(Space.HOLDING, 6) == [4]
        with pytest.raises(WriteRefusedError):
            await served.write("scaled", 61)
        assert await served.server.get(Space.HOLDING, 0) == [277]


async def test_what_changes_in_the_device_is_soon_read(serve: Serve) -> None:
    point = RegisterPoint(key="level", name="Level", address=65535)
    async with serve(point, words={(Space.HOLDING, 65535): [1]}) as served:
        await served.until_reads(level=1)
        await served.server.set(Space.HOLDING, 65535, 2)
        await served.until_reads(level=2)


async def test_registers_are_shown_as_they_are_on_the_wire(serve: Serve) -> None:
    point = RegisterPoint(key="level", name="Level", address=0)
    async with serve(point, words={(Space.INPUT, 40): list(range(125))}) as served:
        await served.until_reads(level=0)
        answer: RegistersAnswer = await served.running.engine.call(
            "read_registers",
            ReadRegistersRequest(
                network_id="line",
                unit_id=UNIT,
                space=Space.INPUT,
                address=40,
                count=125,
            ),
        )
        assert answer.words == tuple(range(125))


async def test_a_server_that_goes_and_comes_is_followed() -> None:
    point = RegisterPoint(key="level", name="Level", address=0, writable=True)
    async with LibmodbusServer.tcp() as first:
        line = ModbusLineConfig(
            network_id="line",
            name="Line",
            host="127.0.0.1",
            port=first.port,
            timeout_seconds=0.3,
        )
        async with _engine(line, (point,)) as running:
            await until(lambda: running.online() == {DEVICE})
            await first.stop()
            await until(
                lambda: running.problems() == {"line": ProblemCode.LINE_UNREACHABLE}
            )
            assert running.online() == set()
            async with LibmodbusServer.tcp(first.port) as second:
                await second.set(Space.HOLDING, 0, 7)
                served = Served(running=running, server=second)
                await served.until_reads(level=7)
                assert running.problems() == {}
                assert (await served.write("level", 8)).verdict is Verdict.VERIFIED
