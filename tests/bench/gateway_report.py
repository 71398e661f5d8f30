"""The gateway's part of a result as Markdown."""

from typing import Any

from tests.bench.asking import BATCH
from tests.bench.tables import table
from tests.bench.targets import STORE_NAMES

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
    events = gateway["events"]
    return (
        f"### The device that we are\n\n{table(head, rows)}\n{_flow(events)}\n"
        f"{_load(events)}\n{_restart(gateway['restart'])}"
    )


def _flow(events: dict[str, Any]) -> str:
    head = (
        "Events to a subscriber, server on one core", "Events/s", "Told", "p50, ms",
        "p99, ms", "CPU, % of the core", "Events per CPU second",
    )  # fmt: skip
    rows = []
    for store, measured in events.items():
        name, most = STORE_NAMES[store], measured["most"]
        for rate, paced in measured["delays"].items():
            rows.append(
                (
                    f"{name}, {int(rate):,}/s sent",
                    f"{paced['events'] / paced['seconds']:,.0f}",
                    f"{paced['told']:,} of {paced['events']:,}",
                    f"{paced['p50_ms']:.1f}",
                    f"{paced['p99_ms']:.1f}",
                    f"{paced['cpu_percent']:.0f}",
                    "",
                )
            )
        rows.append(
            (
                f"{name}, all at once",
                f"{most['events'] / most['seconds']:,.0f}",
                f"{most['told']:,} of {most['events']:,}",
                *("", ""),
                f"{100 * most['cpu'] / most['seconds']:.0f}",
                f"{most['events'] / most['cpu']:,.0f}",
            )
        )
    return table(head, rows)


def _load(events: dict[str, Any]) -> str:
    head = (
        "1,000 values and 500 reads a second", "CPU, % of a core", "MB", "MB at most",
        "Values p99, ms", "Reads p50, ms", "Reads p99, ms",
    )  # fmt: skip
    rows = (
        (
            STORE_NAMES[store],
            f"{load['cpu_percent']:.0f}",
            f"{load['resident_mb']:.0f}",
            f"{load['peak_mb']:.0f}",
            f"{load['p99_ms']:.1f}",
            f"{load['reads']['p50_ms']:.2f}",
            f"{load['reads']['p99_ms']:.2f}",
        )
        for store, measured in events.items()
        for load in (measured["load"],)
    )
    return table(head, rows)


def _restart(restart: dict[str, Any]) -> str:
    head = (f"A server with {restart['objects']:,} objects, killed", "")
    rows = (
        ("From its start until they are read again, s", f"{restart['seconds']:.2f}"),
        ("The slowest time, s", f"{restart['worst_seconds']:.2f}"),
        ("Its own CPU until then, s", f"{restart['cpu']:.2f}"),
        ("Memory then, MB", f"{restart['resident_mb']:.0f}"),
    )
    return table(head, rows)
