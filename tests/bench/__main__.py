"""Run the bench: script/bench, or python -m tests.bench in the environment it made."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from tests.bench import document, report, warm
from tests.bench.machine import describe_machine
from tests.bench.parts import (
    alarms,
    changes,
    clients,
    entities,
    gateway,
    modbus,
    secure_clients,
    secure_hubs,
    server,
    site,
)
from tests.bench.progress import say
from tests.bench.sizes import FULL, QUICK, TINY, Size
from tests.bench.targets import verdicts as judge

PARTS: dict[str, Callable[[Size], Awaitable[Any]]] = {
    "clients": clients.measure,
    "site": site.measure,
    "changes": changes.measure,
    "entities": entities.measure,
    "modbus": modbus.measure,
    "alarms": alarms.measure,
    "server": server.measure,
    "gateway": gateway.measure,
    "secure_clients": secure_clients.measure,
    "secure_hubs": secure_hubs.measure,
}


def parse_arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", action="store_true", help="in two minutes, less exactly"
    )
    size.add_argument(
        "--tiny", action="store_true", help="only to see that all of it runs"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, no tables")
    parser.add_argument(
        "--only", choices=PARTS, nargs="+", help="measure these parts only"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the result into docs/performance.md; with --only those parts of it",
    )
    arguments = parser.parse_args()
    if arguments.write and (arguments.quick or arguments.tiny):
        parser.error("--write is for a run of full size")
    return arguments


async def run(size: Size, parts: list[str]) -> dict[str, Any]:
    """Return the results of the parts by name, and what they were measured on."""
    results: dict[str, Any] = {"size": size.name, "machine": describe_machine()}
    for name in parts:
        say(f"measuring {name}")
        results[name] = await PARTS[name](size)
    return results


def main() -> None:
    """Measure and print; every target missed is named at the end."""
    arguments = parse_arguments()
    size = QUICK if arguments.quick else TINY if arguments.tiny else FULL
    if size.warm:
        warm.prepare()
    results = asyncio.run(run(size, arguments.only or [*PARTS]))
    verdicts = judge(results)
    results["targets"] = [verdict.as_json() for verdict in verdicts]
    text = report.tables(results, verdicts)
    sys.stdout.write(json.dumps(results) + "\n" if arguments.json else text)
    if arguments.write:
        (document.write_parts if arguments.only else document.write)(text)
    for verdict in verdicts:
        if not verdict.met:
            say(f"missed: {verdict.target}: {verdict.measured}")


if __name__ == "__main__":
    main()
