"""An answer that came while this process was busy is not taken for silence."""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pytest

from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.modbus.configuration import ModbusLineConfig
from custom_components.plantroom.engine.modbus.lines.line import ModbusLine
from custom_components.plantroom.engine.modbus.lines.line_unit import LineUnit
from custom_components.plantroom.engine.modbus.lines.probe_budget import REST_PER_PROBE
from custom_components.plantroom.engine.modbus.lines.turns import Urgency
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Space,
    ValueType,
)
from custom_components.plantroom.engine.modbus.unit.learned import Learned
from custom_components.plantroom.engine.modbus.writing import RegisterWriter

from .register_points import register
from .scripted_line import BACKENDS, BackendLink

TIMEOUT_SECONDS = 1.0
BUSY_SECONDS = 1.4
VALUE = 7
WRITE_SINGLE = 6


class ThreadedUnit:
    """A Modbus TCP device in a thread of its own: it answers while our loop cannot."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.requests = 0
        self.written: list[int] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.may_answer.set()
        self._socket.close()

    def _serve(self) -> None:
        peer, _ = self._socket.accept()
        with peer:
            while request := peer.recv(12):
                self.requests += 1
                self.asked.set()
                if self._silent:
                    continue
                self.may_answer.wait()
                if request[7] == WRITE_SINGLE:
                    self.written.append(struct.unpack(">H", request[10:])[0])
                    peer.sendall(request)
                    continue
                head = request[:4] + struct.pack(">HB", 5, request[6])
                peer.sendall(head + struct.pack(">BBH", request[7], 2, VALUE))


@pytest.fixture
def unit() -> Iterator[ThreadedUnit]:
    made = ThreadedUnit()
    yield made
    made.close()


def line_to(unit: ThreadedUnit, backend: str) -> ModbusLine:
    config = ModbusLineConfig(
        network_id="l",
        name="Line",
        host="127.0.0.1",
        port=unit.port,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return ModbusLine(config, BackendLink(backend, config), lambda _failure: None)


async def read_while_busy(
    line: ModbusLine, unit: ThreadedUnit, **facts: Any
) -> tuple[int, ...]:
    """Read on a link that is open, and be busy from when the unit was asked."""
    reader = LineUnit(line, 1, Urgency.POLL, **facts)
    return await done_while_busy(line, unit, reader.read(Space.HOLDING, 0, 1))


async def done_while_busy[T](
    line: ModbusLine, unit: ThreadedUnit, work: Coroutine[Any, Any, T]
) -> T:
    await line._link.unit(1)._conn.connect()
    working = asyncio.create_task(work)
    await asyncio.to_thread(unit.asked.wait)
    unit.may_answer.set()
    time.sleep(BUSY_SECONDS)  # noqa: ASYNC251
    return await working


@pytest.mark.parametrize("backend", BACKENDS)
async def test_an_answer_unheard_for_our_own_business_is_asked_for_again(
    unit: ThreadedUnit, backend: str
):
    line = line_to(unit, backend)
    try:
        assert await read_while_busy(line, unit) == (VALUE,)
    finally:
        await line.close()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_unit_that_stays_silent_is_silent_however_busy_we_are(backend: str):
    silent = ThreadedUnit(silent=True)
    line = line_to(silent, backend)
    try:
        with pytest.raises(DeviceOfflineError):
            await read_while_busy(line, silent)
    finally:
        await line.close()
        silent.close()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_what_may_not_be_done_twice_is_not_asked_for_again(
    unit: ThreadedUnit, backend: str
):
    line = line_to(unit, backend)
    try:
        with pytest.raises(DeviceOfflineError):
            await read_while_busy(line, unit, seconds=TIMEOUT_SECONDS, once=True)
        assert unit.requests == 1
    finally:
        await line.close()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_bit_is_written_though_we_were_busy_when_its_register_was_read(
    unit: ThreadedUnit, backend: str
):
    line = line_to(unit, backend)
    learned = Learned()
    learned.lessons = replace(learned.lessons, masks=False)
    bit = register("s", 0, bit=3, type=ValueType.BOOL, writable=True)
    try:
        writer = RegisterWriter(line, 1, learned)
        await done_while_busy(line, unit, writer.write(bit, True))
        assert unit.written == [VALUE | 0b1000]
    finally:
        await line.close()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_line_rests_from_a_silent_unit_but_not_from_our_own_business(
    backend: str,
):
    silent = ThreadedUnit(silent=True)
    line = line_to(silent, backend)
    loop = asyncio.get_running_loop()
    try:
        with pytest.raises(DeviceOfflineError):
            await read_while_busy(line, silent, seconds=TIMEOUT_SECONDS)
        rest = line.probes._rested_at - loop.time()
        assert rest <= REST_PER_PROBE * TIMEOUT_SECONDS
    finally:
        await line.close()
        silent.close()
