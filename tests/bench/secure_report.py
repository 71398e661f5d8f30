"""What is read and heard through a hub, as Markdown."""

from typing import Any

from tests.bench.tables import table

NAMES = {
    "Plantroom": ("secure_read_plans", "secure_cov"),
    "rusty-bacnet": ("secure_rusty", "secure_rusty_cov"),
}


def secure_clients_section(secure: dict[str, Any]) -> str:
    """Return what clients cost, and how late they hear, through our hub."""
    head = (
        "Client through our hub",
        "Points/s",
        "CPU ms per 1,000 points",
        "Change heard, p50 ms",
        "p99, ms",
    )
    rows = []
    for name, (reader, listener) in NAMES.items():
        read, heard = secure[reader], secure[listener]
        rows.append(
            (
                name,
                f"{read['points'] / read['seconds']:,.0f}",
                f"{1_000_000 * read['cpu'] / read['points']:.2f}",
                f"{heard['p50_ms']:.2f}",
                f"{heard['p99_ms']:.2f}",
            )
        )
    return "### Devices on BACnet/SC\n\n" + table(head, rows)


HUBS = {"own": "Plantroom", "rusty": "rusty-bacnet"}
LOADS = {
    "one_at_a_time": "60 octets, one at a time",
    "short": "60 octets, 8 under way",
    "long": "1,400 octets, 8 under way",
    "broadcast": "60 octets, to all",
}


def secure_hubs_section(secure: dict[str, Any]) -> str:
    """Return what hubs carry, and how fast our node goes over and back."""
    head = (
        f"Messages per CPU second of the hub, {secure['nodes']} nodes",
        *HUBS.values(),
    )
    rows = [
        (text, *(f"{secure['hubs'][hub][load]:,.0f}" for hub in HUBS))
        for load, text in LOADS.items()
    ]
    times = secure["failover"]
    ways = [
        (
            text,
            f"{min(each[way] for each in times):.2f}",
            f"{max(each[way] for each in times):.2f}",
        )
        for way, text in (
            ("over", "from the kill of the primary hub to the failover hub"),
            ("back", "from when the primary hub listens to it"),
        )
    ]
    kills = f"A node whose hub is killed, {len(times)} times"
    return (
        f"### BACnet/SC hubs\n\n{table(head, rows)}\n"
        f"{table((kills, 'fastest, s', 'slowest, s'), ways)}"
    )
