"""What was found, as tables of docs/secure-connect.md."""

from tests.bench.tables import table
from tests.simulators.client import ROOT

from .cases import CASES
from .failover import Failover
from .makers import NAMES, Trio
from .peer import ANSWER_SECONDS

PATH = ROOT / "docs" / "secure-connect.md"
BEGIN, END = "<!-- interop -->", "<!-- end of interop -->"


def meetings_table(found: dict[Trio, dict[str, str]]) -> str:
    """Return a row for each trio and a column for each case."""
    notes: list[str] = []
    rows = []
    for trio, results in found.items():
        who = (NAMES[trio.hub], f"{NAMES[trio.client]} → {NAMES[trio.device]}")
        cells = [_cell(results, case, notes) for case in CASES]
        rows.append((*who, *cells))
    head = ("Hub", "Client → device", *CASES)
    listed = "".join(f"\n{n}. {text}" for n, text in enumerate(notes, 1))
    return table(head, rows) + (f"{listed}\n" if notes else "")


def failover_table(found: dict[tuple[str, str], Failover]) -> str:
    """Return a row for each node; columns: hubs, to the failover, back."""
    head = ("Node", "Hubs", "Over, s", "Back, s")
    rows = [
        (NAMES[node], NAMES[hub], _seconds(each.over), _seconds(each.back))
        for (node, hub), each in found.items()
    ]
    return table(head, rows)


def trust_table(found: dict[tuple[str, str], bool]) -> str:
    """Return a row for each hub; a column for each node of another site."""
    nodes = list(dict.fromkeys(node for _, node in found))
    hubs = list(dict.fromkeys(hub for hub, _ in found))
    head = ("Hub", *(f"{NAMES[node]} of another site" for node in nodes))
    rows = [
        (
            NAMES[hub],
            *("refused" if found[hub, node] else "**let in**" for node in nodes),
        )
        for hub in hubs
    ]
    return table(head, rows)


def write(text: str) -> None:
    """Replace the result in the document; raises ValueError without its marks."""
    document = PATH.read_text()
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PATH} has no {BEGIN} and {END}")
    PATH.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def _cell(results: dict[str, str], case: str, notes: list[str]) -> str:
    if case not in results:
        return "not tried"
    wrong = results[case]
    if not wrong:
        return "ok"
    if wrong == TimeoutError.__name__:
        wrong = f"No answer within {ANSWER_SECONDS:.0f} seconds"
    if wrong not in notes:
        notes.append(wrong)
    return f"fails ({notes.index(wrong) + 1})"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f}"
