"""Blueprints: those that the integration brings, and their copies that links import.

HACS installs custom_components alone, and a link of the file there would import under
another name than the integration gives it. So they are here twice, and equal.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.errors import BlueprintException
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.yaml import load_yaml_dict

SHIPPED = Path("custom_components") / "plantroom" / "blueprints" / "automation"
PUBLISHED = Path("blueprints") / "automation" / "plantroom"
ADDRESS = "https://github.com/plantroom/plantroom/blob/main/"
IMPORT = "https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url="


def check(root: Path) -> Iterator[str]:
    """Yield faults of blueprints, copies that differ, and missing words about them."""
    shipped, published = _texts(root / SHIPPED), _texts(root / PUBLISHED)
    if shipped != published:
        yield f"{PUBLISHED} is out of date: run script/write_docs.py"
    said = (root / "docs" / "blueprints.md").read_text(encoding="utf-8")
    for name in shipped:
        yield from _faults(root / SHIPPED / name)
        link = IMPORT + quote(f"{ADDRESS}{(PUBLISHED / name).as_posix()}", safe="")
        if link not in said:
            yield f"docs/blueprints.md: no link that imports {name}"


def publish(root: Path) -> None:
    """Write the copies anew."""
    texts = _texts(root / SHIPPED)
    for name in _texts(root / PUBLISHED).keys() - texts.keys():
        (root / PUBLISHED / name).unlink()
    for name, text in texts.items():
        (root / PUBLISHED / name).write_text(text, encoding="utf-8")


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.yaml")}


def _faults(path: Path) -> Iterator[str]:
    try:
        blueprint = Blueprint(
            load_yaml_dict(str(path)),
            expected_domain="automation",
            schema=AUTOMATION_BLUEPRINT_SCHEMA,
        )
    except (HomeAssistantError, BlueprintException) as error:
        yield f"{path.name}: {error}"
        return
    if blueprint.metadata.get("source_url") != f"{ADDRESS}{PUBLISHED / path.name}":
        yield f"{path.name}: source_url is not its address"
    if "min_version" not in blueprint.metadata.get("homeassistant", {}):
        yield f"{path.name}: homeassistant.min_version is missing"
    for key, value in blueprint.inputs.items():
        if not {"name", "selector"} <= (value or {}).keys():
            yield f"{path.name}: {key} has no name or no selector"
