"""Try our node and our hub with those of other makers; see --help."""

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.peers.secure_hub import SecureHubProcess
from tests.ports import free_port

from .cases import Meeting, meet
from .failover import Failover, measure_failover
from .makers import CLIENTS, DEVICES, NAMES, Trio, all_trios
from .peer import Place
from .report import failover_table, meetings_table, trust_table, write
from .site import InteropSite, interop_site
from .trust import is_refused

CLIENT, DEVICE = 4001, 4002


def main() -> int:
    """Return 0 when everything that is ours was right, 1 when something was not."""
    parser = argparse.ArgumentParser(prog="script/interop", description=__doc__)
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the tables into docs/secure-connect.md",
    )
    asked = parser.parse_args()
    # What other makers' nodes complain of is in the tables
    logging.disable(logging.CRITICAL)
    return asyncio.run(run(write_it=asked.write))


async def run(*, write_it: bool) -> int:
    """Try everything; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        async with interop_site(Path(folder)) as site:
            met = await meet_all(site)
            over = await fail_over_all(site)
            refused = await distrust_all(site)
    text = f"{meetings_table(met)}\n{failover_table(over)}\n{trust_table(refused)}".rstrip()
    print(text)
    if write_it:
        write(f"{text}\n")
    return 0 if is_right(met, over, refused) else 1


async def meet_all(site: InteropSite) -> dict[Trio, dict[str, str]]:
    """Return what went wrong in each case, of each trio."""
    found = {}
    for hub in NAMES:
        async with SecureHubProcess(hub, free_port(), site.hub) as running:
            for trio in all_trios():
                if trio.hub == hub:
                    found[trio] = await met(site, trio, running.uri)
                    say(f"{trio}: {found[trio]}")
    return found


async def met(site: InteropSite, trio: Trio, uri: str) -> dict[str, str]:
    """Return what went wrong in each case, of one trio."""
    return await meet(
        Meeting(
            client=CLIENTS[trio.client](),
            device=DEVICES[trio.device](),
            client_place=Place(primary=uri, files=site.client, instance=CLIENT),
            device_place=Place(primary=uri, files=site.device, instance=DEVICE),
        )
    )


async def fail_over_all(site: InteropSite) -> dict[tuple[str, str], Failover]:
    """Return how each node fares with our hubs, and ours with those of others."""
    found = {}
    for node, hub in [(each, "own") for each in NAMES] + [("own", "rusty")]:
        primary = SecureHubProcess(hub, free_port(), site.hub)
        failover = SecureHubProcess(hub, free_port(), site.second_hub)
        async with primary, failover:
            place = Place(
                primary=primary.uri,
                failover=failover.uri,
                files=site.client,
                instance=CLIENT,
            )
            found[node, hub] = await measure_failover(CLIENTS[node](), place, primary)
            say(f"failover of {node} on {hub}: {found[node, hub]}")
    return found


async def distrust_all(site: InteropSite) -> dict[tuple[str, str], bool]:
    """Return which hub refuses which node of another site."""
    found = {}
    for hub in NAMES:
        async with SecureHubProcess(hub, free_port(), site.hub) as running:
            for node in NAMES:
                place = Place(
                    primary=running.uri, files=site.untrusted, instance=CLIENT
                )
                found[hub, node] = await is_refused(CLIENTS[node](), place)
                say(f"{hub} refuses untrusted {node}: {found[hub, node]}")
    return found


def is_right(
    met: dict[Trio, dict[str, str]],
    over: dict[tuple[str, str], Failover],
    refused: dict[tuple[str, str], bool],
) -> bool:
    """Return whether all was right where both sides are not somebody else's."""
    ours = [
        results
        for trio, results in met.items()
        if "bacpy" not in {trio.hub, trio.client, trio.device}
    ]
    moved = [each for (node, _), each in over.items() if node == "own"]
    return (
        not any(wrong for results in ours for wrong in results.values())
        and all(None not in {each.over, each.back} for each in moved)
        and all(no for (hub, _), no in refused.items() if hub == "own")
    )


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"… {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
