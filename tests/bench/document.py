"""docs/performance.md, of which a run writes the part between two marks."""

from tests.simulators.client import ROOT

PATH = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- result -->", "<!-- end of result -->"


def write(text: str) -> None:
    """Replace the result in the document."""
    PATH.write_text(replaced(PATH.read_text(), text))


def replaced(document: str, text: str) -> str:
    """Return the document with another result; raises ValueError without the marks."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PATH} has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"
