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
