"""Two days with hubs that are killed and freeze, in moments of a clock of their own."""

import asyncio
import random
from dataclasses import dataclass, field

from plantroom_server.secure_connect.backoff import Backoff
from plantroom_server.secure_connect.connection import Connection, KeepAlive
from plantroom_server.secure_connect.dial_errors import LinkError
from plantroom_server.secure_connect.dialing import CONNECT_SECONDS
from plantroom_server.secure_connect.node_connector import Found, NodeConnector, Pace
from plantroom_server.secure_connect.payloads import Peer

from custom_components.plantroom.engine.secure_connect.models import HubConnection
from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble
from tests.virtual_time import in_virtual_time

from .wire import Wire

PEER = Peer(vmac=bytes.fromhex("020000000001"), device_uuid=bytes(16))
US = bytes.fromhex("0200000000aa")
KILLS = 200
TWO_DAYS = 48 * 3600


@dataclass(slots=True)
class SimulatedHub:
    """A hub that runs, is gone or is frozen."""

    name: str
    is_up: bool = True
    is_frozen: bool = False
    wires: list[Wire] = field(default_factory=list)

    async def dial(self) -> Connection:
        if not self.is_up:
            raise LinkError(HubTrouble.CONNECTION_REFUSED, self.name)
        if self.is_frozen:
            await asyncio.sleep(CONNECT_SECONDS)
            raise LinkError(HubTrouble.NO_ANSWER, self.name)
        wire = Wire()
        self.wires.append(wire)
        return Connection(wire, PEER, US, lambda _data, _of: None, KeepAlive())

    def kill(self) -> None:
        self.is_up = False
        for wire in self.wires:
            wire.cut()
        self.wires.clear()

    def freeze(self) -> None:
        self.is_frozen = True
        for wire in self.wires:
            wire.answers = False

    def start(self) -> None:
        if self.is_frozen:
            self.kill()
        self.is_up, self.is_frozen = True, False


class SimulatedSite:
    """Two hubs, a node, and where it is."""

    def __init__(self) -> None:
        self.hubs = {
            HubConnection.PRIMARY: SimulatedHub("primary"),
            HubConnection.FAILOVER: SimulatedHub("failover"),
        }
        self.place = HubConnection.NONE
        self.moves = 0
        self.connector = NodeConnector(
            {hub: hub.value for hub in self.hubs},
            lambda uri: self.hubs[HubConnection(uri)].dial(),
            self.moved,
            Backoff,
            Pace(),
        )

    def moved(self, to: Found | LinkError) -> None:
        self.moves += 1
        self.place = to.hub if isinstance(to, Found) else HubConnection.NONE

    async def until_at(self, *places: HubConnection) -> float:
        """Return how many seconds it takes to be at one of these places."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        while self.place not in places:
            assert loop.time() - since < 1500, self.place
            await asyncio.sleep(0.1)
        return loop.time() - since


@in_virtual_time
async def test_two_hundred_kills_in_two_days_each_mended_in_time():
    site = SimulatedSite()
    primary = site.hubs[HubConnection.PRIMARY]
    running = asyncio.create_task(site.connector.run())
    over, back = [], []
    for _ in range(KILLS):
        await site.until_at(HubConnection.PRIMARY)
        await asyncio.sleep(TWO_DAYS / KILLS * 0.7)
        primary.kill()
        await asyncio.sleep(0)
        over.append(await site.until_at(HubConnection.FAILOVER))
        await asyncio.sleep(TWO_DAYS / KILLS * 0.3)
        primary.start()
        back.append(await site.until_at(HubConnection.PRIMARY))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert max(over) <= 1
    assert max(back) <= 10


@in_virtual_time
async def test_a_fault_of_ours_is_told_and_tried_again(caplog):
    site = SimulatedSite()
    primary = site.hubs[HubConnection.PRIMARY]
    site.hubs[HubConnection.FAILOVER].kill()
    running = asyncio.create_task(site.connector.run())
    await site.until_at(HubConnection.PRIMARY)
    # No message that aiohttp makes
    primary.wires[0].incoming.put_nowait(None)
    await site.until_at(HubConnection.NONE)
    await site.until_at(HubConnection.PRIMARY)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert "The connection to primary failed" in caplog.text


@in_virtual_time
async def test_a_hub_that_throws_us_out_is_left_for_the_other_ever_longer():
    site = SimulatedSite()
    primary = site.hubs[HubConnection.PRIMARY]
    running = asyncio.create_task(site.connector.run())
    loop = asyncio.get_running_loop()
    visits, over = 0, []
    while loop.time() < 3600:
        await site.until_at(HubConnection.PRIMARY)
        visits += 1
        await asyncio.sleep(5)
        primary.kill()
        primary.start()
        if visits > 3:
            await asyncio.sleep(0)
            over.append(await site.until_at(HubConnection.FAILOVER))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert max(over) <= 1
    assert 8 <= visits <= 20


@in_virtual_time
async def test_whatever_happens_to_hubs_one_that_answers_is_found():
    site = SimulatedSite()
    rng = random.Random(3)
    running = asyncio.create_task(site.connector.run())
    loop = asyncio.get_running_loop()
    while loop.time() < TWO_DAYS:
        hub = rng.choice(list(site.hubs.values()))
        rng.choice([hub.kill, hub.freeze, hub.start, hub.start])()
        await asyncio.sleep(rng.uniform(1, 400))
        well = [
            at for at, each in site.hubs.items() if each.is_up and not each.is_frozen
        ]
        if well and rng.random() < 0.3:
            # A frozen hub is found out after its heartbeat, the rest within the backoff
            await asyncio.sleep(310 + 610)
            assert site.place in well
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert site.moves > 100
