"""The gateway's part of a result as Markdown."""

from typing import Any

from tests.bench.asking import BATCH
from tests.bench.tables import table

NAMES = {
    "own_device": "Plantroom",
    "rusty_device": "rusty-bacnet",
    "bacpypes3_device": "bacpypes3",
}


def gateway_section(gateway: dict[str, Any]) -> str:
    """Return what servers cost that are asked for the same."""
    head = (
        "Device by",
        "Reads/CPU s",
        "p99, ms",
        f"Points/CPU s, {BATCH} at once",
        "p99, ms",
        "Notifications/CPU s",
        "Told",
    )
    rows = []
    for server, name in NAMES.items():
        reads, batches, changes = (
            gateway[server][part] for part in ("reads", "batches", "changes")
        )
        rows.append(
            (
                name,
                f"{reads['answered'] / reads['cpu']:,.0f}",
                f"{reads['p99_ms']:.2f}",
                f"{BATCH * batches['answered'] / batches['cpu']:,.0f}",
                f"{batches['p99_ms']:.2f}",
                f"{changes['told'] / changes['cpu']:,.0f}",
                f"{changes['told']:,} of {changes['changed']:,}",
            )
        )
    return "### The device that we are\n\n" + table(head, rows)
