"""Hubs of BACnet/SC that are killed, and a crowd that comes back.

Hubs are processes of their own, killed by SIGKILL; nodes are ours, over real sockets.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final

from custom_components.plantroom.engine.secure_connect.port import BROADCAST_VMAC
from tests.interop.own import fast_pace
from tests.interop.site import InteropSite, interop_site
from tests.peers.secure_hub import SecureHubProcess
from tests.ports import free_port

from .part import Options, Part, Say, Trial
from .secure_node import SoakNode

KILLS_A_ROUND: Final = 10
NODES: Final = 4
CROWD: Final = 500
# A crowd of our nodes in one process shakes hands for a while
BACK_SECONDS: Final = 120.0


async def run(options: Options, say: Say) -> list[Trial]:
    """Return a trial for each ten kills, and those of a crowd."""
    trials = []
    random = Random(options.seed)
    # That hubs are lost is what this is about
    logging.getLogger("plantroom_server").setLevel(logging.ERROR)
    async with hubs() as (site, primary, failover):
        async with joined(site, primary, failover, NODES) as nodes:
            for number in range(options.rounds):
                trials.append(await kills(nodes, (primary, failover), random))
                say(f"{number + 1} of {options.rounds}: {trials[-1].what}")
        trials.append(await crowd(site, primary, CROWD))
    return trials


async def kills(
    nodes: list[SoakNode],
    hubs: tuple[SecureHubProcess, SecureHubProcess],
    random: Random,
    times: int = KILLS_A_ROUND,
) -> Trial:
    """Kill one of two hubs again and again; every node speaks with every other after."""
    wrong: list[str] = []
    longest = 0.0
    for _ in range(times):
        number = random.randrange(2)
        await hubs[number].kill()
        began = time.monotonic()
        if fault := await _all_meet(nodes, "failover" if number == 0 else "primary"):
            wrong.append(f"hub {number} killed: {fault}")
        longest = max(longest, time.monotonic() - began)
        await asyncio.sleep(random.uniform(0, 0.5))
        await hubs[number].start()
        if fault := await _all_meet(nodes, "primary"):
            wrong.append(f"hub {number} back: {fault}")
    what = f"{times} hubs killed, {len(nodes)} nodes"
    return Trial(what=what, found=f"met after {longest:.1f} s", wrong=tuple(wrong))


async def crowd(site: InteropSite, hub: SecureHubProcess, many: int) -> Trial:
    """Let a crowd meet at one hub, kill it, and let all of them meet again."""
    wrong = []
    began = time.monotonic()
    async with joined(site, hub, None, many) as nodes:
        took = time.monotonic() - began
        if fault := await _all_hear(nodes):
            wrong.append(fault)
        await hub.kill()
        await hub.start()
        began = time.monotonic()
        if (fault := await _all_meet(nodes, "primary")) or (
            fault := await _all_hear(nodes)
        ):
            wrong.append(f"after a kill: {fault}")
        back = time.monotonic() - began
    found = f"in {took:.0f} s, back in {back:.0f} s"
    return Trial(what=f"{many} nodes on one hub", found=found, wrong=tuple(wrong))


async def _all_meet(nodes: list[SoakNode], hub: str) -> str:
    """Wait until all nodes are at a hub and hear each other; return what is wrong."""
    try:
        async with asyncio.timeout(BACK_SECONDS):
            await asyncio.gather(*(node.until_at(hub) for node in nodes))
    except TimeoutError:
        away = [node.place for node in nodes if node.place != hub]
        return f"{len(away)} of {len(nodes)} nodes are not at the {hub} hub: {away[:5]}"
    return await _all_hear(nodes[:NODES])


async def _all_hear(nodes: list[SoakNode]) -> str:
    """Let one node speak to all until all have heard it; return what is wrong."""
    speaker, *others = nodes
    words = speaker.new_words()
    try:
        async with asyncio.timeout(BACK_SECONDS):
            while deaf := [each for each in others if words not in each.heard]:
                speaker.send(words, BROADCAST_VMAC)
                await asyncio.sleep(0.05)
    except TimeoutError:
        return f"{len(deaf)} of {len(nodes)} nodes do not hear"
    return ""


@asynccontextmanager
async def hubs() -> AsyncIterator[
    tuple[InteropSite, SecureHubProcess, SecureHubProcess]
]:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        site = await stack.enter_async_context(interop_site(Path(folder)))
        primary = SecureHubProcess("own", free_port(), site.hub)
        failover = SecureHubProcess("own", free_port(), site.second_hub)
        for each in (primary, failover):
            await stack.enter_async_context(each)
        yield site, primary, failover


@asynccontextmanager
async def joined(
    site: InteropSite,
    primary: SecureHubProcess,
    failover: SecureHubProcess | None,
    many: int,
) -> AsyncIterator[list[SoakNode]]:
    uris = (primary.uri, "" if failover is None else failover.uri)
    nodes = [SoakNode(site.client_identity, *uris, fast_pace()) for _ in range(many)]
    try:
        await asyncio.gather(*(node.open() for node in nodes))
        async with asyncio.timeout(BACK_SECONDS):
            await asyncio.gather(*(node.until_at("primary") for node in nodes))
        yield nodes
    finally:
        await asyncio.gather(*(node.close() for node in nodes))


PART = Part(title="BACnet/SC hubs are killed, 500 nodes on one hub", run=run)
