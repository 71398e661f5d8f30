"""docs/modbus-devices.md lists the device profiles that come with us, and their sources."""

from collections.abc import Iterator
from pathlib import Path

from custom_components.plantroom.engine.modbus.knowledge.profile import (
    KINDS,
    DeviceProfile,
    Identification,
    ProfileSource,
)
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    read_profile,
)
from custom_components.plantroom.engine.modbus.knowledge.profiles import SHIPPED

from .built_in import read_json

PATH = Path("docs") / "modbus-devices.md"
ROOT = Path(__file__).resolve().parents[2]
MARK = "<!-- profiles -->\n"
ENGLISH = ROOT / "custom_components" / "plantroom" / "translations" / "en.json"
HEADER = """\
| Device | Points | Found | Document read | What else agrees | Test values |
|---|---:|---|---|---|---|
"""


def check(root: Path) -> Iterator[str]:
    """Yield the fault of a table that is out of date."""
    if (root / PATH).read_text(encoding="utf-8") != text():
        yield f"{PATH} is out of date: run script/write_docs.py"


def text() -> str:
    """Return the page: what people wrote, and the tables behind it."""
    written, _, _ = (ROOT / PATH).read_text(encoding="utf-8").partition(MARK)
    return f"{written}{MARK}\n{tables()}"


def tables() -> str:
    """Return a table for each kind of device that there is a profile of."""
    profiles = [read_profile(path) for path in SHIPPED.glob("*.json")]
    profiles.sort(key=lambda each: (each.maker.casefold(), each.model.casefold()))
    titles = read_json(ENGLISH)["selector"]["profile_kind"]["options"]
    parts = []
    for kind in KINDS:
        rows = [_row(profile) for profile in profiles if profile.kind == kind]
        if rows:
            title = f"{titles[kind][0].upper()}{titles[kind][1:]}s"
            parts.append(f"## {title}\n\n{HEADER}{''.join(rows)}")
    return f"{len(profiles)} profiles.\n\n" + "\n".join(parts)


def _row(profile: DeviceProfile) -> str:
    cells = (
        f"**{profile.maker}** {profile.model}<br>`{profile.id}`",
        str(len(profile.points)),
        "by itself" if profile.identification != Identification() else "chosen",
        _document(profile.source),
        profile.source.verified or "nothing found",
        "; ".join(dict.fromkeys(test.source for test in profile.tests)),
    )
    return f"| {' | '.join(map(_cell, cells))} |\n"


def _document(source: ProfileSource) -> str:
    title = f"[{source.document}]({source.url})" if source.url else source.document
    pages = f"pages: {source.pages}" if source.pages else ""
    return "; ".join(part for part in (title, source.revision, pages) if part)


def _cell(content: str) -> str:
    return " ".join(content.replace("|", "\\|").split())
