"""docs/performance.md, of which a run writes the part between two marks."""

import re

from tests.simulators.client import ROOT

PATH = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- result -->", "<!-- end of result -->"
TARGETS = "Targets"
ALONE = "\nMeasured in a run of this part alone.\n"
_HEADING = re.compile(r"^### (.+)\n", re.MULTILINE)


def write(text: str) -> None:
    """Replace the result in the document."""
    PATH.write_text(replaced(PATH.read_text(), text))


def write_parts(text: str) -> None:
    """Replace the sections in the document that the result of some parts has."""
    PATH.write_text(with_parts(PATH.read_text(), text))


def replaced(document: str, text: str) -> str:
    """Return the document with another result; raises ValueError without the marks."""
    before, _, after = _split(document)
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def with_parts(document: str, text: str) -> str:
    """Return the document with these sections and rows of targets, others as they were."""
    head, known = _sections(_split(document)[1])
    _, news = _sections(text)
    targets = news.pop(TARGETS, "")
    if targets:
        known[TARGETS] = _with_rows(known.get(TARGETS, ""), targets)
    known |= {name: body.rstrip("\n") + "\n" + ALONE for name, body in news.items()}
    parts = [f"### {name}\n\n{body.strip()}\n" for name, body in known.items()]
    return replaced(document, "\n".join([f"{head.strip()}\n", *parts]))


def _split(document: str) -> tuple[str, str, str]:
    before, begin, rest = document.partition(BEGIN)
    result, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PATH} has no {BEGIN} and {END}")
    return before, result, after


def _sections(text: str) -> tuple[str, dict[str, str]]:
    """Return what comes before the first heading, and the rest by heading."""
    head, *rest = _HEADING.split(text)
    return head, dict(zip(rest[::2], rest[1::2], strict=True))


def _with_rows(known: str, news: str) -> str:
    """Return a table with the rows of another; the first cell says which row it is."""
    rows = {_first_cell(line): line for line in known.strip().splitlines()}
    rows |= {_first_cell(line): line for line in news.strip().splitlines()}
    return "\n".join(rows.values())


def _first_cell(line: str) -> str:
    return line.split("|")[1].strip()
