"""What Home Assistant's built-in integrations look like: the yardstick of the checks."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import homeassistant

HOME_ASSISTANT = Path(homeassistant.__file__).parent
COMPONENTS = HOME_ASSISTANT / "components"


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file; an absent file holds an empty one."""
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text())
    return content


@cache
def manifest_keys() -> frozenset[str]:
    """Return every key that a built-in manifest uses."""
    return frozenset(
        key for path in COMPONENTS.glob("*/manifest.json") for key in read_json(path)
    )


@cache
def generated_slugs(name: str) -> frozenset[str]:
    """Return the slugs, and those below them, of a generated list."""
    slugs: set[str] = set()
    for item in json.loads((HOME_ASSISTANT / "generated" / name).read_text()):
        slugs.add(item["slug"])
        slugs.update(
            f"{item['slug']}.{below['slug']}" for below in item.get("subcategories", [])
        )
    return frozenset(slugs)


def files_named(name: str) -> Iterator[dict[str, Any]]:
    """Yield what each built-in integration has in its file of that name."""
    for path in COMPONENTS.glob(f"*/{name}"):
        yield read_json(path)
