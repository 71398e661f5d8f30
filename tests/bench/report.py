"""The result of a run as Markdown."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.bench.gateway_report import gateway_section
from tests.bench.secure_report import secure_clients_section, secure_hubs_section
from tests.bench.server_report import server_section
from tests.bench.tables import cost, table
from tests.bench.targets import Verdict

CLIENT_NAMES = {
    "read_plans": "Plantroom, read plans",
    "rusty": "rusty-bacnet",
    "plain_bacpypes3": "bacpypes3",
}


def tables(results: dict[str, Any], verdicts: Iterable[Verdict]) -> str:
    """Return a section for each part that was measured."""
    sections: dict[str, Callable[[Any], str]] = {
        "clients": _clients,
        "site": _site,
        "changes": _changes,
        "entities": _entities,
        "modbus": _modbus,
        "alarms": _alarms,
        "server": server_section,
        "gateway": gateway_section,
        "secure_clients": secure_clients_section,
        "secure_hubs": secure_hubs_section,
    }
    texts = [_machine(results), _targets(verdicts)]
    texts += [make(results[part]) for part, make in sections.items() if part in results]
    return "\n".join(texts)


def _machine(results: dict[str, Any]) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    return f"Run: {results['size']}. Measured on: {facts}.\n"


def _targets(verdicts: Iterable[Verdict]) -> str:
    rows = [(v.target, v.measured, "yes" if v.met else "**no**") for v in verdicts]
    if not rows:
        return ""
    return "### Targets\n\n" + table(("Target", "Measured", "Met"), rows)


def _clients(clients: dict[str, Any]) -> str:
    head = ["Points per CPU second of the client"]
    for shape in ("Large devices", "Small devices", "One at a time"):
        head += [shape, "times"]
    head += ["All small devices once, s"]
    rows = []
    for client, name in CLIENT_NAMES.items():
        row = [name]
        for shape in clients.values():
            rate = shape[client]["rate"]
            row += [f"{rate:,.0f}", f"{rate / shape['plain_bacpypes3']['rate']:.1f}"]
        rows.append([*row, f"{clients['small'][client]['round_seconds']:.3f}"])
    return "### Reading\n\n" + table(head, rows)


def _site(site: dict[str, Any]) -> str:
    interval = site["poll_seconds"]
    head = ("Engine", "CPU, % of a core", "Loop lag p99, ms", "Worst, ms", "MiB")
    rows = [
        (text, *cost(site[name]))
        for name, text in (
            ("some", f"Polled every {interval:g} s, a fifth of the values changing"),
            ("all", f"Polled every {interval:g} s, all values changing"),
            ("fast", "Polled every second, all values changing"),
        )
    ]
    fast = site["fast"]
    return (
        f"### A site of {site['points']:,} points\n\n"
        + table(head, rows)
        + f"\nAll devices surveyed in {site['survey_seconds']:.1f} s; "
        f"every point read for the first time in {site['first_readings_seconds']:.2f} s "
        f"after that. Memory before: {site['empty_mib']:.0f} MiB. Through the whole "
        f"engine, store and events included: {fast['readings'] / fast['cpu']:,.0f} "
        "points per CPU second.\n"
    )


def _changes(changes: dict[str, Any]) -> str:
    head = ("Change to", "Changes/s", "p50, ms", "p95, ms", "CPU, %", "Arrived")
    rows = []
    for worker, text in (
        ("home_assistant_changes", "a state of Home Assistant"),
        ("plain_cov", "a plain bacpypes3 subscriber"),
    ):
        for rate, measured in changes[worker].items():
            rows.append(
                (
                    text,
                    rate,
                    f"{measured['p50_ms']:.2f}",
                    f"{measured['p95_ms']:.2f}",
                    f"{measured['cpu_percent']:.1f}",
                    f"{measured['arrived']} of {measured['sent']}",
                )
            )
    flood = changes["flood"]
    ratio = flood["engine_cov"] / flood["plain_cov"]
    return (
        "### Changes of value\n\n"
        + table(head, rows)
        + f"\nNotifications per CPU second: {flood['engine_cov']:,.0f} through the "
        f"engine, {flood['plain_cov']:,.0f} with bacpypes3 alone ({ratio:.1f} times).\n"
    )


def _entities(entities: list[dict[str, Any]]) -> str:
    head = ("Home Assistant with", "CPU, % of a core", "Loop lag p99, ms", "Worst, ms")
    empty = entities[0]["resident_mib"]
    rows = [
        (
            f"{e['entities']:,} points" if e["entities"] else "none of ours",
            *cost(e),
            f"{e['resident_mib'] - empty:+.0f}",
        )
        for e in entities
    ]
    return "### Entities\n\n" + table((*head, "MiB", "More MiB"), rows)


def _modbus(modbus: dict[str, Any]) -> str:
    rates, site = modbus["rates"], modbus["site"]
    single = rates["one_by_one"]
    names = {
        "engine": "Plantroom, whole engine, events included",
        "one_by_one": "pymodbus, one register a request",
        "blocks": "pymodbus, blocks made by hand, nothing kept",
    }
    reading = table(
        (f"{modbus['registers']} registers of one device", "Registers/CPU s", "times"),
        (
            (text, f"{rates[name]:,.0f}", f"{rates[name] / single:.1f}")
            for name, text in names.items()
        ),
    )
    home = modbus["home_assistant"]
    costs = table(
        ("Home Assistant with", "CPU, % of a core", "Lag p99, ms", "Worst, ms", "MiB"),
        (
            ("none of them", *cost(home["empty"])),
            ("them as sensors of its own modbus integration", *cost(home["core"])),
            ("them as entities of Plantroom", *cost(home["ours"])),
        ),
    )
    return (
        f"### Modbus\n\n{reading}\nRead every {home['poll_seconds']} s:\n\n{costs}\n"
        f"{site['devices']} devices with {site['points']:,} registers on TCP, every "
        f"{site['poll_seconds']} s: {site['steady']['cpu_percent']:.2f} % of a core in "
        f"the engine, loop lag p99 {site['steady']['lag_p99_ms']:.1f} ms; every value "
        f"there {site['first_readings_seconds']:.2f} s after it was first asked for; "
        f"{site['fast']['readings'] / site['fast']['cpu']:,.0f} registers per CPU second "
        "when polled every second.\n"
    )


def _alarms(alarms: dict[str, Any]) -> str:
    names = {
        "direct": "a client, the engine within Home Assistant",
        "websocket": "a client of a server in a process beside it",
        "phone": "a whole Home Assistant",
    }
    ends = {
        ("phone", "quiet"): "a phone, by the blueprint in a whole Home Assistant",
        ("phone", "flood"): "the automations of that Home Assistant",
    }
    delays = table(
        ("Alarm of a device to", "Alarms/s", "p50, ms", "p95, ms", "Arrived"),
        (
            (
                ends.get((way, part), names[way]),
                f"{each['sent'] / each['told_seconds']:,.0f}",
                f"{each['p50_ms']:.1f}",
                f"{each['p95_ms']:.1f}",
                f"{each['arrived']:,} of {each['sent']:,}",
            )
            for part in ("quiet", "flood")
            for way, measured in alarms.items()
            for each in (measured[part],)
        ),
    )
    costs = table(
        ("In the flood, process of", "CPU, %", "Lag p99, ms", "Worst, ms", "MiB"),
        ((names[way], *cost(measured["flood"])) for way, measured in alarms.items()),
    )
    replays = table(
        ("Journal replayed to", "Transitions", "s", "Lag p99, ms", "Worst, ms"),
        (
            (
                names[way],
                f"{replay['rows']:,}",
                f"{replay['seconds']:.2f}",
                f"{replay['lag_p99_ms']:.1f}",
                f"{replay['lag_worst_ms']:.1f}",
            )
            for way, measured in alarms.items()
            if (replay := measured.get("replay"))
        ),
    )
    return (
        f"### Alarms\n\n{delays}\nEach notification is confirmed once its alarm is in "
        f"the journal. In its flood the phone is told {alarms['phone']['flood']['pushes']} "
        f"times.\n\n{costs}\n{replays}"
    )
