"""BACnet/SC hubs: what ours and rusty-bacnet's carry for a second of CPU, in one run."""

import asyncio
from pathlib import Path
from typing import Any

from plantroom_server.secure_connect.tls import Identity, client_context

from tests.bench.secure_load import BROADCAST, LoadNode, Stream, npdu_to
from tests.interop.failover import measure_failover
from tests.interop.own import OwnClient, read_identity
from tests.interop.peer import Place
from tests.interop.site import InteropSite, interop_site
from tests.peers.secure_hub import HOST, SecureHubProcess
from tests.ports import free_port

HUBS = ("own", "rusty")
LOADS = {
    # name: octets of an NPDU, messages under way from one node to another
    "one_at_a_time": (60, 1),
    "short": (60, 8),
    "long": (1400, 8),
}
STREAM_SECONDS = 120.0


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what each hub carries, and how fast our node changes hubs.

    nodes: on one hub. messages: of each load. kills: of our hub.
    """
    async with interop_site(Path(settings["folder"])) as site:
        return {
            "nodes": settings["nodes"],
            "hubs": {hub: await _carried(hub, site, settings) for hub in HUBS},
            "failover": [await _failover(site) for _ in range(settings["kills"])],
        }


async def _carried(
    hub: str, site: InteropSite, settings: dict[str, Any]
) -> dict[str, Any]:
    identity = read_identity(site.client)
    async with SecureHubProcess(hub, free_port(), site.hub) as running:
        nodes = await _connected(running, identity, settings["nodes"])
        found = {
            name: await _unicast(running, nodes, octets, window, settings["messages"])
            for name, (octets, window) in LOADS.items()
        }
        found["broadcast"] = await _broadcast(running, nodes, settings["messages"])
        for node in nodes:
            node.close()
    return found


async def _connected(
    hub: SecureHubProcess, identity: Identity, many: int
) -> list[LoadNode]:
    tls = await asyncio.to_thread(client_context, identity)
    nodes = [LoadNode(number) for number in range(many)]
    await asyncio.gather(*(node.connect(HOST, hub.port, tls) for node in nodes))
    return nodes


async def _unicast(
    hub: SecureHubProcess,
    nodes: list[LoadNode],
    octets: int,
    window: int,
    messages: int,
) -> float:
    """Return messages per CPU second of the hub; every second node sends to the next."""
    streams = [
        Stream(sender, npdu_to(receiver.vmac, octets), [receiver])
        for sender, receiver in zip(nodes[::2], nodes[1::2], strict=True)
    ]
    return await _rate(hub, streams, messages // len(streams), window)


async def _broadcast(
    hub: SecureHubProcess, nodes: list[LoadNode], messages: int
) -> float:
    """Return messages per CPU second that come out of the hub, of one node's broadcasts.

    No more than a burst of them: of more than that, a hub may leave some out.
    """
    sender, *others = nodes
    broadcasts = min(500, max(1, messages // len(others)))
    stream = Stream(sender, npdu_to(BROADCAST, 60), others)
    return await _rate(hub, [stream], broadcasts, 4)


async def _rate(
    hub: SecureHubProcess, streams: list[Stream], messages: int, window: int
) -> float:
    before = hub.cpu_seconds
    for stream in streams:
        stream.begin(messages, window)
    async with asyncio.timeout(STREAM_SECONDS):
        await asyncio.gather(*(stream.ended for stream in streams))
    # The system counts in hundredths of a second
    spent = max(hub.cpu_seconds - before, 0.01)
    return sum(stream.came for stream in streams) / spent


async def _failover(site: InteropSite) -> dict[str, float]:
    primary = SecureHubProcess("own", free_port(), site.hub)
    async with (
        primary,
        SecureHubProcess("own", free_port(), site.second_hub) as failover,
    ):
        place = Place(
            primary=primary.uri,
            failover=failover.uri,
            files=site.client,
            instance=1,
        )
        moved = await measure_failover(OwnClient(), place, primary)
    if moved.over is None or moved.back is None:
        raise TimeoutError("A node did not change hubs")
    return {"over": moved.over, "back": moved.back}
