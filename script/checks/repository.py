"""What HACS, the Marketplace and the add-on store ask of a repository."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import voluptuous as vol
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.components.marketplace.utils.validate import (
    REPOSITORY_MANIFEST_VALUES,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.yaml import load_yaml_dict

from . import built_in

HACS_KEYS = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "render_readme",
    "zip_release",
}
ADDON_CONFIG_NAMES = {"config.json", "config.yaml", "config.yml"}
ADDON_CONFIG = "addon/config.yaml"


def check(root: Path) -> Iterator[str]:
    """Yield the faults of the repository as a whole."""
    for name in ("LICENSE", "README.md", "hacs.json"):
        if not (root / name).exists():
            yield f"{name} is missing"
    yield from _hacs_faults(root)
    yield from _integration_faults(root)
    yield from _addon_store_faults(root)
    yield from _blueprint_faults(root)


def _hacs_faults(root: Path) -> Iterator[str]:
    content = built_in.read_json(root / "hacs.json")
    for key in sorted(content.keys() - HACS_KEYS):
        yield f"hacs.json: unknown key {key}"
    if "name" not in content:
        yield "hacs.json: name is missing"
    for key in content.keys() & REPOSITORY_MANIFEST_VALUES.keys():
        try:
            REPOSITORY_MANIFEST_VALUES[key](content[key])
        except vol.Invalid as error:
            yield f"hacs.json: {key}: {error}"


def _integration_faults(root: Path) -> Iterator[str]:
    folder = root / "custom_components"
    names = sorted(path.parent.name for path in folder.glob("*/*.py"))
    if len(set(names)) != 1:
        yield f"custom_components holds {sorted(set(names))}, expected one integration"
    if (folder / "__init__.py").exists():
        yield "custom_components/__init__.py hides other custom integrations"


def _addon_store_faults(root: Path) -> Iterator[str]:
    """Yield files that the add-on store would take for an add-on."""
    for name in files_of_repository(root):
        if Path(name).name in ADDON_CONFIG_NAMES and name != ADDON_CONFIG:
            yield f"{name}: the add-on store would take it for an add-on"


def _blueprint_faults(root: Path) -> Iterator[str]:
    for path in sorted((root / "blueprints").rglob("*.yaml")):
        try:
            BLUEPRINT_SCHEMA(load_yaml_dict(str(path)))
        except (HomeAssistantError, vol.Invalid) as error:
            yield f"{path.relative_to(root)}: {error}"


def files_of_repository(root: Path) -> list[str]:
    """Return the files that git has or would take."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    )
    return listing.stdout.splitlines()
