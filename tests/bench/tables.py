"""Markdown tables, and the columns that many of them share."""

from collections.abc import Iterable
from typing import Any


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table whose first column is text and whose others are numbers."""
    heads = [*head]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *([*row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cost(measured: dict[str, Any]) -> tuple[str, ...]:
    """Return CPU in % of a core, loop lag p99 and worst in ms, and MiB."""
    return (
        f"{measured['cpu_percent']:.2f}",
        f"{measured['lag_p99_ms']:.1f}",
        f"{measured['lag_worst_ms']:.1f}",
        f"{measured['resident_mib']:.0f}",
    )
