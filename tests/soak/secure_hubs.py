"""Hubs of BACnet/SC are killed and frozen, and two nodes have to find each other again.

Hubs are processes of their own, ours and another maker's by turns. Nodes have the waits
that a site has, but ask a silent hub after one second instead of 300, and do not mind
that it is killed again within a minute.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from plantroom_server.secure_connect.connection import KeepAlive
from plantroom_server.secure_connect.node import NodePace, SecureNode
from plantroom_server.secure_connect.node_connector import Pace

from custom_components.plantroom.engine.secure_connect.models import HubConnection
from tests.peers.secure_hub import SecureHubProcess
from tests.ports import free_port
from tests.server.secure_connect.certificates import Site, make_site, write_identity
from tests.server.secure_connect.node_bench import Listening, joined, network

from .part import Options, Part, Say, Trial

KINDS: Final = ("own", "rusty")
PACE: Final = NodePace(
    keep_alive=KeepAlive(seconds=1, answer_seconds=1), hubs=Pace(lasted_seconds=0.1)
)
OVER_SECONDS: Final = 1.0
FROZEN_SECONDS: Final = 4.0
BACK_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 60.0
_NPDU: Final = b"\x01\x00"
_LOOK_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two nodes, and who hears the second."""

    near: SecureNode
    far: SecureNode
    heard: Listening

    async def until_together(self, at: HubConnection) -> float:
        """Return after how long both are at a hub and one hears the other."""
        began = time.monotonic()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._are(at) or not self._speak():  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_SECONDS)
        return time.monotonic() - began

    def _are(self, at: HubConnection) -> bool:
        return all(each.status.connection is at for each in (self.near, self.far))

    def _speak(self) -> bool:
        heard = bool(self.heard.npdus)
        self.heard.npdus.clear()
        self.near.send(_NPDU, self.far.vmac)
        return heard


async def run(options: Options, say: Say) -> list[Trial]:
    """Return a trial for each kill."""
    random, site, trials = Random(options.seed), make_site(), []
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            trials += await rounds_at(kind, options.rounds, random, site, Path(folder))
        say(f"{kind}: {options.rounds} of {options.rounds}")
    return trials


async def rounds_at(
    kind: str,
    rounds: int,
    random: Random,
    site: Site,
    folder: Path,
    pace: NodePace = PACE,
) -> list[Trial]:
    """Return a trial for each time that a primary hub of a kind is taken away."""
    other = KINDS[KINDS.index(kind) - 1]
    write_identity(site.hub, folder / "primary")
    write_identity(site.second_hub, folder / "failover")
    primary = SecureHubProcess(kind, free_port(), folder / "primary")
    failover = SecureHubProcess(other, free_port(), folder / "failover")
    async with primary, failover, _pair(site, primary.uri, failover.uri, pace) as pair:
        return [await _round(random, primary, pair) for _ in range(rounds)]


@asynccontextmanager
async def _pair(
    site: Site, primary: str, failover: str, pace: NodePace
) -> AsyncIterator[Pair]:
    config = network(primary, failover)
    async with (
        joined(config, site.node, pace=pace) as (near, _),
        joined(config, site.second_node, pace=pace) as (far, heard),
    ):
        yield Pair(near=near, far=far, heard=heard)


async def _round(random: Random, primary: SecureHubProcess, pair: Pair) -> Trial:
    """Take the primary hub away, and give it back."""
    frozen = random.random() < 0.3
    what = f"{primary.kind} hub {'frozen' if frozen else 'killed'}"
    try:
        await pair.until_together(HubConnection.PRIMARY)
        await asyncio.sleep(random.uniform(0, 3))
        if frozen:
            primary.freeze()
        else:
            await primary.kill()
        over = await pair.until_together(HubConnection.FAILOVER)
        await asyncio.sleep(random.uniform(0, 3))
        if frozen:
            primary.thaw()
        else:
            await primary.start()
        back = await pair.until_together(HubConnection.PRIMARY)
    except TimeoutError:
        states = f"{pair.near.status}; {pair.far.status}"
        return Trial(what=what, found="", wrong=(f"not together: {states}",))
    return _judged(what, over, back, frozen=frozen)


def _judged(what: str, over: float, back: float, *, frozen: bool) -> Trial:
    limit = FROZEN_SECONDS if frozen else OVER_SECONDS
    wrong = []
    if over > limit:
        wrong.append(f"over in {over:.1f} s, not {limit:.0f}")
    if back > BACK_SECONDS:
        wrong.append(f"back in {back:.1f} s, not {BACK_SECONDS:.0f}")
    return Trial(
        what=what, found=f"over {over:.2f} s, back {back:.1f} s", wrong=tuple(wrong)
    )


PART = Part(title="Hubs are killed and frozen; nodes find each other again", run=run)
