"""docs/site.schema.json is what the server's --site takes."""

import json
from collections.abc import Iterator
from pathlib import Path

from plantroom_server.site_schema import site_schema

PATH = Path("docs") / "site.schema.json"


def check(root: Path) -> Iterator[str]:
    """Yield the fault of a schema that is out of date."""
    path = root / PATH
    if not path.exists() or path.read_text(encoding="utf-8") != text():
        yield f"{PATH} is out of date: run script/write_docs.py"


def text() -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(site_schema(), indent=2, ensure_ascii=False) + "\n"
