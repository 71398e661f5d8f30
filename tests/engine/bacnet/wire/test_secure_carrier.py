"""NPDUs of BACnet/SC reach the stack as frames of BACnet/IP would, and back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from bacpypes3.comm import Client, bind
from bacpypes3.pdu import PDU, LocalBroadcast, LocalStation
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.wire import secure_carrier
from custom_components.plantroom.engine.bacnet.wire.link import Link
from custom_components.plantroom.engine.bacnet.wire.secure_carrier import SecureCarrier
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.port import BROADCAST_VMAC
from tests.simulators.secure import SecureSwitch, SwitchNode

from ..waiting import until

PEER = bytes.fromhex("021a2b3c0000")
PEER_TEXT = "02:1a:2b:3c:00:00"
WHO_IS = b"\x01\x00\x10\x08"


class Above(Client[PDU]):
    def __init__(self) -> None:
        super().__init__()
        self.came: list[PDU] = []

    async def confirmation(self, pdu: PDU) -> None:
        self.came.append(pdu)


@dataclass(slots=True)
class Bench:
    """A carrier, what its node sent, and what came out above it."""

    node: SwitchNode = field(default_factory=lambda: SecureSwitch().node())
    above: Above = field(default_factory=Above)
    carrier: SecureCarrier = field(init=False)

    def __post_init__(self) -> None:
        self.carrier = SecureCarrier(self.node)
        bind(self.above, self.carrier)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    await made.carrier.open()
    yield made
    await made.carrier.close()
    await made.carrier.close()


@pytest.mark.parametrize(("broadcast", "function"), [(False, 0x0A), (True, 0x0B)])
async def test_listeners_see_the_frame_that_it_would_be_on_bacnet_ip(
    bench, broadcast, function
):
    seen: list[Any] = []
    bench.carrier.add_listener(lambda *frame: bool(seen.append(frame)) or True)
    bench.carrier.take(WHO_IS, PEER, broadcast=broadcast)
    assert seen == [(bytes((0x81, function, 0, 8)) + WHO_IS, (PEER_TEXT, 0))]
    assert not bench.above.came


async def test_what_nobody_takes_goes_to_bacpypes3_with_its_addresses(bench):
    bench.carrier.add_listener(lambda _data, _addr: False)
    bench.carrier.take(WHO_IS, PEER, broadcast=True)
    bench.carrier.take(WHO_IS, PEER, broadcast=False)
    await until(lambda: len(bench.above.came) == 2)
    everybody, us = bench.above.came
    assert bytes(everybody.pduData) == WHO_IS
    assert everybody.pduSource == LocalStation(PEER)
    assert isinstance(everybody.pduDestination, LocalBroadcast)
    assert us.pduDestination == LocalStation(bench.node.vmac)


async def test_a_frame_is_sent_without_its_header_to_the_vmac(bench):
    bench.carrier.send(b"\x81\x0a\x00\x08" + WHO_IS, (PEER_TEXT, 0))
    bench.carrier.forward(WHO_IS, PEER)
    bench.carrier.forward(WHO_IS, b"")
    await bench.carrier.indication(PDU(WHO_IS, destination=LocalStation(PEER)))
    await bench.carrier.indication(PDU(WHO_IS, destination=LocalBroadcast()))
    to = [PEER, PEER, BROADCAST_VMAC, PEER, BROADCAST_VMAC]
    assert bench.node.sent == [(WHO_IS, each) for each in to]


async def test_what_is_for_an_ip_address_goes_nowhere(bench):
    bench.carrier.send(b"\x81\x0a\x00\x08" + WHO_IS, ("192.168.1.20", 47808))
    assert not bench.node.sent


async def test_a_closed_carrier_carries_nothing(bench):
    await bench.carrier.close()
    bench.carrier.take(WHO_IS, PEER, broadcast=True)
    bench.carrier.send(b"\x81\x0a\x00\x08" + WHO_IS, (PEER_TEXT, 0))
    bench.carrier.forward(WHO_IS, PEER)
    await asyncio.sleep(0)
    assert not bench.node.sent
    assert not bench.above.came


async def test_a_flood_is_dropped_beyond_a_bound_and_told_of_once(
    bench, monkeypatch, caplog
):
    monkeypatch.setattr(secure_carrier, "MOST_WAITING", 10)
    with caplog.at_level(logging.WARNING):
        for _ in range(50):
            bench.carrier.take(WHO_IS, PEER, broadcast=True)
    await until(lambda: len(bench.above.came) == 10)
    assert len(caplog.records) == 1


async def test_peers_beyond_a_bound_are_forgotten_and_reached_all_the_same(
    bench, monkeypatch
):
    monkeypatch.setattr(secure_carrier, "_MOST_PEERS", 4)
    for number in range(20):
        bench.carrier.take(WHO_IS, number.to_bytes(6), broadcast=True)
        assert len(bench.carrier._endpoints) <= 4
        assert len(bench.carrier._octets) <= 4
    bench.carrier.send(b"\x81\x0a\x00\x08" + WHO_IS, ("00:00:00:00:00:01", 0))
    assert bench.node.sent == [(WHO_IS, (1).to_bytes(6))]


@given(st.lists(st.binary(max_size=60), max_size=5), st.booleans())
def test_no_octets_harm_the_stack_above(npdus: list[bytes], broadcast: bool):
    async def throw() -> None:
        node = SecureSwitch().node()
        carrier = SecureCarrier(node)
        config = SecureNetworkConfig(
            network_id="s", name="S", primary="wss://127.0.0.1:1", credentials="c"
        )
        link = Link(carrier, config, on_i_am=lambda _: None, on_change=lambda _: False)
        await link.open()
        for npdu in npdus:
            carrier.take(npdu, PEER, broadcast=broadcast)
        for _ in range(5):
            await asyncio.sleep(0)
        await link.close()

    asyncio.run(throw())
