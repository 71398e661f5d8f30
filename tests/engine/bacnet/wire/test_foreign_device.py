import asyncio

import pytest

from custom_components.plantroom.engine.bacnet.wire import foreign_device
from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress
from custom_components.plantroom.engine.bacnet.wire.ip_carrier import IpCarrier
from custom_components.plantroom.engine.bacnet.wire.link import Link
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from tests.ports import free_port
from tests.simulators.link import DISTRIBUTE, REGISTER, RESULT, bvlc, open_socket

from ..waiting import until

REFUSED, FORGOTTEN = b"\x00\x30", b"\x00\x60"


class Bbmd:
    """Answers registrations as told and keeps the seconds to live it was asked for."""

    def __init__(self, port: int) -> None:
        self._socket = open_socket(("127.0.0.66", port))
        self.address = BacnetAddress("127.0.0.66", port)
        self.answer: bytes | None = b"\x00\x00"
        self.registrations: list[int] = []
        self.distributed = 0
        self.client = ("", 0)
        asyncio.get_running_loop().add_reader(self._socket, self._serve)

    def _serve(self) -> None:
        data, self.client = self._socket.recvfrom(2000)
        if data[1] == DISTRIBUTE:
            self.distributed += 1
        if data[1] != REGISTER:
            return
        self.registrations.append(int.from_bytes(data[4:6]))
        if self.answer is not None:
            self.say(self.answer)

    def say(self, code: bytes) -> None:
        self._socket.sendto(bvlc(RESULT, code), self.client)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


class Bench:
    def __init__(self, port: int, bbmd: str, ttl: int) -> None:
        self.outcomes: list[str] = []
        self.heard = asyncio.Event()
        config = BacnetNetworkConfig(
            network_id="net",
            name="Field",
            address="127.0.0.1/8",
            port=port,
            bbmd=bbmd,
            bbmd_ttl=ttl,
        )
        self.carrier = IpCarrier(config, self._take)
        self.link = Link(
            self.carrier,
            config,
            on_i_am=lambda i_am: None,
            on_change=lambda change: False,
        )

    def _take(self, outcome: str) -> None:
        self.outcomes.append(outcome)
        self.heard.set()

    async def next_outcome(self) -> str:
        async with asyncio.timeout(30):
            await self.heard.wait()
        self.heard.clear()
        return self.outcomes[-1]


@pytest.fixture(autouse=True)
def in_haste(monkeypatch):
    monkeypatch.setattr(foreign_device, "ANSWER_SECONDS", 10.0)
    monkeypatch.setattr(foreign_device, "FORGOTTEN_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(foreign_device, "backoff_seconds", lambda failures: 0.05)


@pytest.fixture
def impatient(monkeypatch):
    """Wait for no answer as long as a busy BBMD may need."""
    monkeypatch.setattr(foreign_device, "ANSWER_SECONDS", 0.05)


@pytest.fixture
async def bbmd():
    bbmd = Bbmd(free_port())
    yield bbmd
    bbmd.close()


@pytest.fixture
async def bench(bbmd):
    bench = Bench(bbmd.address.port, str(bbmd.address), 60)
    yield bench
    await bench.link.close()


async def test_a_foreign_device_registers_and_unregisters(bbmd, bench):
    await bench.link.open()
    assert await bench.next_outcome() == ""
    assert bench.link.registered
    await bench.link.registration_settled()
    await bench.link.close()
    await bench.link.close()
    await until(lambda: len(bbmd.registrations) > 1)
    assert bbmd.registrations == [60, 0]


async def test_what_is_routed_to_everybody_goes_by_the_bbmd(bbmd, bench):
    await bench.link.open()
    assert await bench.next_outcome() == ""
    before = bbmd.distributed
    bench.carrier.forward(b"\x01\x00\x10\x08", b"")
    await until(lambda: bbmd.distributed == before + 1)
    await bench.link.close()


async def test_what_is_routed_to_one_station_goes_there_as_a_unicast(bench):
    await bench.link.open()
    port = bench.link.port
    with open_socket(("127.0.0.68", port)) as station:
        there = BacnetAddress("127.0.0.68", port).octets
        bench.carrier.forward(b"\x01\x00\x10\x08", there)
        async with asyncio.timeout(20):
            frame = await asyncio.get_running_loop().sock_recv(station, 100)
    assert frame == b"\x81\x0a\x00\x08\x01\x00\x10\x08"
    await bench.link.close()


async def test_a_registration_is_renewed_at_half_its_time(bbmd, bench):
    bench.carrier._bvll.bbmdTimeToLive = 1
    await bench.link.open()
    for _ in range(3):
        assert await bench.next_outcome() == ""
    assert len(bbmd.registrations) >= 3


async def test_a_refusal_is_told_and_a_later_consent_too(bbmd, bench):
    bbmd.answer = REFUSED
    await bench.link.open()
    assert await bench.next_outcome() == "refused"
    assert not bench.link.registered
    await bench.link.send_who_is(0, 10)
    assert bbmd.distributed == 0
    bbmd.answer = b"\x00\x00"
    async with asyncio.timeout(20):
        while await bench.next_outcome() != "":
            continue
    assert bench.link.registered


@pytest.mark.usefixtures("impatient")
async def test_a_silent_bbmd_is_told_apart_from_a_refusing_one(bbmd, bench):
    bbmd.answer = None
    await bench.link.open()
    assert await bench.next_outcome() == "silent"
    assert len(bbmd.registrations) >= foreign_device.ATTEMPTS
    bbmd.answer = b"\x00\x00"
    async with asyncio.timeout(30):
        while await bench.next_outcome() != "":
            continue


async def test_a_bbmd_that_forgot_us_is_registered_with_at_once(bbmd, bench):
    await bench.link.open()
    assert await bench.next_outcome() == ""
    bbmd.say(FORGOTTEN)
    assert await bench.next_outcome() == ""
    assert bbmd.registrations == [60, 60]


@pytest.mark.usefixtures("impatient")
async def test_a_refused_broadcast_is_no_answer_to_a_registration(bbmd, bench):
    bbmd.answer = FORGOTTEN
    await bench.link.open()
    assert await bench.next_outcome() == "silent"


@pytest.mark.usefixtures("impatient")
async def test_a_result_from_a_stranger_is_ignored(bbmd, bench):
    bbmd.answer = None
    await bench.link.open()
    with open_socket(("127.0.0.67", bbmd.address.port)) as stranger:
        stranger.sendto(bvlc(RESULT, b"\x00\x00"), ("127.0.0.1", bbmd.address.port))
        assert await bench.next_outcome() == "silent"


async def test_a_link_without_bbmd_is_always_registered():
    bench = Bench(free_port(), "", 60)
    link = bench.link
    await link.open()
    assert link.registered
    await link.registration_settled()
    assert await bench.carrier.interface_is_there()
    await link.close()


async def test_an_interface_that_is_gone_is_noticed():
    carrier = Bench(free_port(), "", 60).carrier
    carrier._own = BacnetAddress("192.0.2.7")
    assert not await carrier.interface_is_there()
