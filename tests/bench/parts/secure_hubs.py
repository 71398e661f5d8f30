"""BACnet/SC hubs: ours beside rusty-bacnet's, and how fast a node changes hubs."""

from typing import Any

from tests.bench.processes import run_worker
from tests.bench.progress import say
from tests.bench.sizes import Size


async def measure(size: Size) -> dict[str, Any]:
    """Return messages per CPU second by hub and load, and failover in seconds."""
    given = {
        "nodes": size.secure_nodes,
        "messages": size.secure_messages,
        "kills": size.secure_kills,
    }
    result = await run_worker("secure_hubs", None, given)
    for hub, loads in result["hubs"].items():
        for load, rate in loads.items():
            say(f"BACnet/SC hub, {hub}, {load}: {rate:,.0f} messages per CPU second")
    return result
