"""What was measured of the engine in a server, as Markdown."""

from typing import Any

from tests.bench.tables import table

WAYS = {"direct": "in Home Assistant", "server": "in a server"}


def server_section(server: dict[str, Any]) -> str:
    """Return the section."""
    return (
        f"### The engine in a server\n\n{_cost(server['site'])}\n"
        f"{_snapshot(server['snapshot'])}\n{_changes(server['changes'])}\n"
        f"{_return(server['return'])}"
    )


def _cost(site: dict[str, Any]) -> str:
    rest, start = site["rest"], site["start"]
    what = f"A server with {site['points']:,} points, every {site['poll_seconds']:g} s"
    costs = (
        ("Memory at rest, MB", f"{rest['resident_mb']:.0f}"),
        ("Memory at most, MB", f"{rest['peak_mb']:.0f}"),
        ("Memory of a server that serves nothing, MB", f"{site['empty_mb']:.0f}"),
        ("CPU, % of a core", f"{rest['cpu_percent']:.2f}"),
    )
    starts = (
        (
            text,
            f"{start[f'{part}_seconds']:.1f}",
            f"{start[f'{part}_cpu']:.1f}",
        )
        for part, text in (
            ("listening", "it listens"),
            ("first_value", "the first value"),
            ("all_values", "all values"),
        )
    )
    head = ("From the start of that server until", "s", "its own CPU, s")
    return f"{table((what, ''), costs)}\n{table(head, starts)}"


def _snapshot(snapshot: dict[str, Any]) -> str:
    rows = (
        ("Encode, ms", f"{snapshot['encode_ms']:.0f}"),
        ("Decode, ms", f"{snapshot['decode_ms']:.0f}"),
        ("Apply, ms", f"{snapshot['apply_ms']:.0f}"),
        ("All of it over the wire, ms", f"{snapshot['whole_ms']:.0f}"),
        ("Size, MB", f"{snapshot['octets'] / 1e6:.2f}"),
        (
            "Size compressed, as to other machines, MB",
            f"{snapshot['compressed_octets'] / 1e6:.2f}",
        ),
    )
    return table((f"Snapshot of {snapshot['points']:,} points", ""), rows)


def _changes(changes: dict[str, Any]) -> str:
    head = (
        "Changes to states, engine", "Changes/s", "p50, ms", "p95, ms",
        "CPU of Home Assistant, %", "Changes per CPU second", "Arrived",
    )  # fmt: skip
    rows = (
        (
            WAYS[way],
            f"{measured['arrived'] / measured['seconds']:,.0f}",
            f"{measured['p50_ms']:.2f}",
            f"{measured['p95_ms']:.2f}",
            f"{measured['cpu_percent']:.1f}",
            f"{measured['arrived'] / measured['cpu']:,.0f}",
            f"{measured['arrived']:,} of {measured['sent']:,}",
        )
        for way, rates in changes.items()
        for measured in rates.values()
    )
    return table(head, rows)


def _return(returns: dict[str, Any]) -> str:
    points = returns["server"]["points"]
    killed = returns["server"]["killed"]
    rows = [
        (
            f"Home Assistant comes back, engine {WAYS[way]}",
            f"{measured['reload']['seconds']:.2f}",
            f"{measured['reload']['cpu']:.2f}",
        )
        for way, measured in returns.items()
    ]
    rows += [
        (
            "The server was killed: from Home Assistant's reconnecting to it",
            f"{killed['from_reconnect_seconds']:.2f}",
            f"{killed['from_reconnect_cpu']:.2f}",
        ),
        ("… from its start", f"{killed['from_start_seconds']:.2f}", ""),
    ]
    head = f"Until all {points:,} entities are right"
    return table((head, "s", "CPU of Home Assistant, s"), rows)
