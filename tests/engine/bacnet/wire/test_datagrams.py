import asyncio
import socket
from contextlib import contextmanager
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any

import pytest
from bacpypes3.comm import Client, bind
from bacpypes3.pdu import PDU, IPv4Address, LocalBroadcast

from custom_components.plantroom.engine.bacnet.wire import datagrams
from custom_components.plantroom.engine.bacnet.wire.datagrams import DatagramLink
from custom_components.plantroom.engine.errors import (
    InterfaceGoneError,
    NetworkError,
    PortInUseError,
)
from tests.ports import free_port
from tests.simulators.link import open_socket

OWN = IPv4Interface("127.0.0.1/8")
FRAME = b"\x81\x0a\x00\x08\x01\x00\x10\x08"


class Above(Client[PDU]):
    """Keeps what comes up, as bacpypes3 would get it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[PDU] = []
        self.error: Exception | None = None
        self.arrived = asyncio.Event()

    async def confirmation(self, pdu: PDU) -> None:
        self.heard.append(pdu)
        self.arrived.set()
        if self.error is not None:
            raise self.error


@contextmanager
def exclusive_socket(addr):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind(addr)
        yield sock
    finally:
        sock.close()


@pytest.fixture
async def link():
    link = DatagramLink(OWN, free_port())
    above = Above()
    bind(above, link)
    await link.open()
    yield link, above
    link.close()


def process_name() -> str:
    return Path("/proc/self/comm").read_text().strip()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "127.255.255.255"])
async def test_a_port_in_use_names_its_owner(host):
    port = free_port()
    link = DatagramLink(OWN, port)
    with exclusive_socket((host, port)):
        with pytest.raises(PortInUseError) as caught:
            await link.open()
        facts = caught.value.facts
    assert facts["port"] == str(port)
    assert facts["owner"] == process_name()
    await link.open()
    link.close()


async def test_a_port_held_by_an_ipv6_socket_names_its_owner():
    port = free_port()
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        sock.bind(("::", port))
        with pytest.raises(PortInUseError) as caught:
            await DatagramLink(OWN, port).open()
    finally:
        sock.close()
    assert caught.value.facts["owner"] == process_name()


async def test_an_owner_we_may_not_see_is_left_out(monkeypatch):
    port = free_port()
    monkeypatch.setattr(datagrams, "_socket_inode", lambda addr: None)
    with exclusive_socket(("127.0.0.1", port)), pytest.raises(PortInUseError) as caught:
        await DatagramLink(OWN, port).open()
    assert caught.value.facts["owner"] == ""
    assert "by" not in str(caught.value)


async def test_a_port_is_never_shared_without_a_word():
    port = free_port()
    shared = open_socket(("127.0.0.1", port))
    with pytest.raises(PortInUseError):
        await DatagramLink(OWN, port).open()
    shared.close()
    link = DatagramLink(OWN, port)
    await link.open()
    with pytest.raises(OSError, match="in use"):
        open_socket(("127.0.0.1", port))
    link.close()


async def test_the_broadcast_address_is_shared_with_others_on_the_machine(link):
    ours, above = link
    host, port = ours._broadcast
    with open_socket((host, port)) as other:
        other.setblocking(False)
        with exclusive_socket(("127.0.0.9", port)) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.sendto(FRAME, (host, port))
            await asyncio.wait_for(above.arrived.wait(), 30)
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(20):
                assert await loop.sock_recv(other, 100) == FRAME
    (pdu,) = above.heard
    assert pdu.pduSource == IPv4Address(("127.0.0.9", port))
    assert pdu.pduDestination == LocalBroadcast()


async def test_an_address_that_no_interface_has_is_said_to_be_gone():
    link = DatagramLink(IPv4Interface("192.0.2.7/24"), free_port())
    with pytest.raises(InterfaceGoneError) as caught:
        await link.open()
    assert caught.value.facts["address"] == "192.0.2.7"


async def test_another_fault_of_the_socket_is_a_network_error(monkeypatch):
    def refuse(addr, *, shared):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(datagrams, "_bound_socket", refuse)
    with pytest.raises(NetworkError, match="Permission denied"):
        await DatagramLink(OWN, 47).open()


async def test_an_interface_without_broadcast_opens_one_socket():
    link = DatagramLink(IPv4Interface("127.0.0.1/32"), free_port())
    await link.open()
    assert len(link._sockets) == 1
    link.close()


async def test_closing_frees_the_port_and_does_no_harm_twice(link):
    ours, _ = link
    ours.close()
    ours.close()
    ours.send(FRAME, ("127.0.0.1", 9))
    with exclusive_socket(ours._own):
        pass
    await ours.open()


async def test_the_first_listener_that_takes_a_datagram_is_the_last(link):
    ours, above = link
    heard = []
    ours.add_listener(lambda data, addr: heard.append((1, data, addr)) is not None)
    ours.add_listener(lambda data, addr: heard.append((2, data, addr)) is None)
    ours.add_listener(lambda data, addr: heard.append((3, data, addr)) is None)
    ours.receive(FRAME, ("127.0.0.9", 5), None)
    assert [number for number, *_ in heard] == [1, 2]
    assert not ours._waiting
    assert not above.heard


@pytest.mark.parametrize("data", [b"", b"\x81", b"\x81\x0a\x00", b"\x55\x0a\x00\x04"])
async def test_what_is_no_bacnet_is_dropped_at_once(link, data):
    ours, _ = link
    ours.add_listener(lambda data, addr: pytest.fail("handed on"))
    ours.receive(data, ("127.0.0.9", 5), None)
    assert not ours._waiting


async def test_our_own_broadcasts_are_not_heard(link):
    ours, _ = link
    ours.add_listener(lambda data, addr: pytest.fail("handed on"))
    ours.receive(FRAME, ours._own, None)
    assert not ours._waiting


async def test_a_flood_is_bounded_and_said_once(link, caplog):
    ours, above = link
    for _ in range(datagrams.MAX_DATAGRAMS_WAITING + 500):
        ours.receive(FRAME, ("127.0.0.9", 5), None)
    assert len(ours._waiting) == datagrams.MAX_DATAGRAMS_WAITING
    warnings = [r for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == 1
    await asyncio.gather(*ours._waiting)
    await asyncio.sleep(0)
    assert not ours._waiting
    assert len(above.heard) == datagrams.MAX_DATAGRAMS_WAITING


async def test_what_breaks_the_stack_ends_with_its_datagram(link):
    ours, above = link
    above.error = RuntimeError("hostile")
    ours.receive(FRAME, ("127.0.0.9", 5), None)
    await asyncio.gather(*ours._waiting)
    above.error = None
    ours.receive(FRAME, ("127.0.0.9", 5), None)
    await asyncio.gather(*ours._waiting)
    assert len(above.heard) == 2


async def test_closing_ends_what_is_on_its_way_up(link):
    ours, above = link
    ours.receive(FRAME, ("127.0.0.9", 5), None)
    (task,) = ours._waiting
    ours.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not above.heard


async def test_the_stack_sends_to_one_and_to_all(link):
    ours, _ = link
    sent = []
    ours.send = lambda data, addr: sent.append((data, addr))
    await ours.indication(PDU(b"x", destination=IPv4Address("127.0.0.9:47810")))
    await ours.indication(PDU(b"y", destination=LocalBroadcast()))
    assert sent == [(b"x", ("127.0.0.9", 47810)), (b"y", ours._broadcast)]


async def test_a_datagram_that_cannot_be_sent_is_lost(link):
    ours, _ = link
    ours.send(bytes(70_000), ("127.0.0.9", 9))


async def test_an_error_of_the_socket_ends_one_turn(link):
    ours, _ = link

    class Broken:
        def recvfrom(self, octets):
            raise ConnectionRefusedError

    ours._take_waiting(Broken(), None)


async def test_the_tables_of_sockets_may_be_unreadable(monkeypatch):
    def refuse(path):
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert datagrams._owner_of(("127.0.0.1", 47808)) == ""


class CrowdedSocket(socket.socket):
    """A socket whose buffer is full for the first attempts."""

    refusals = 3

    def sendto(self, *arguments: Any):
        if self.refusals:
            self.refusals -= 1
            raise BlockingIOError
        return super().sendto(*arguments)


@pytest.fixture
def crowded(monkeypatch):
    plain = datagrams._bound_socket

    def bound(addr, *, shared):
        return CrowdedSocket(fileno=plain(addr, shared=shared).detach())

    monkeypatch.setattr(datagrams, "_bound_socket", bound)


async def test_what_a_full_buffer_refuses_is_sent_when_there_is_room(crowded, link):
    ours, _ = link
    frames = [FRAME + bytes((number,)) for number in range(5)]
    with exclusive_socket(("127.0.0.9", 0)) as peer:
        peer.setblocking(False)
        for frame in frames:
            ours.send(frame, peer.getsockname())
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(20):
            taken = [await loop.sock_recv(peer, 100) for _ in frames]
    assert taken == frames


async def test_closing_forgets_what_was_not_sent(crowded, link):
    ours, _ = link
    with exclusive_socket(("127.0.0.9", 0)) as peer:
        peer.setblocking(False)
        ours.send(FRAME, peer.getsockname())
        ours.close()
        await asyncio.sleep(0.05)
        with pytest.raises(BlockingIOError):
            peer.recv(100)


async def test_all_that_waits_is_taken_in_order(link):
    ours, _ = link
    taken = []
    frames = [FRAME + number.to_bytes(2) for number in range(100)]
    done = asyncio.Event()

    def take(data, _):
        taken.append(data)
        if len(taken) == len(frames):
            done.set()
        return True

    ours.add_listener(take)
    with exclusive_socket(("127.0.0.9", 0)) as peer:
        for frame in frames:
            peer.sendto(frame, ("127.0.0.1", ours._broadcast[1]))
        async with asyncio.timeout(20):
            await done.wait()
    assert taken == frames
