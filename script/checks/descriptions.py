"""services.yaml, triggers.yaml, conditions.yaml and icons.json, and their texts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import voluptuous as vol
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import service
from homeassistant.helpers.condition import descriptions as condition
from homeassistant.helpers.trigger import descriptions as trigger
from homeassistant.util.yaml import load_yaml_dict

from . import built_in, key_paths

SCHEMAS: dict[str, Callable[[Any], Any]] = {
    "services": service._SERVICES_SCHEMA,  # noqa: SLF001
    "triggers": trigger._TRIGGERS_DESCRIPTION_SCHEMA,  # noqa: SLF001
    "conditions": condition._CONDITIONS_DESCRIPTION_SCHEMA,  # noqa: SLF001
}


def check(folder: Path) -> Iterator[str]:
    """Yield the faults of what a person finds in the automation editor."""
    english = built_in.read_json(folder / "translations" / "en.json")
    icons = built_in.read_json(folder / "icons.json")
    yield from _icon_faults(icons)
    for section, schema in SCHEMAS.items():
        path = folder / f"{section}.yaml"
        if not path.exists():
            continue
        try:
            content = load_yaml_dict(str(path))
            schema(content)
        except (HomeAssistantError, vol.Invalid) as error:
            yield f"{path.name}: {error}"
            continue
        for name, description in content.items():
            if name.startswith("."):
                continue
            if name not in icons.get(section, {}):
                yield f"icons.json: {section}.{name} is missing"
            texts = english.get(section, {}).get(name, {})
            for fault in _text_faults(texts, description or {}):
                yield f"translations/en.json: {section}.{name}.{fault}"


def _icon_faults(icons: dict[str, Any]) -> Iterator[str]:
    known = key_paths.known("icons.json")
    for path, written in key_paths.walk(icons):
        if path not in known:
            yield f"icons.json: no built-in integration has the key {written}"


def _text_faults(texts: dict[str, Any], description: Any) -> Iterator[str]:
    for part in ("name", "description"):
        if part not in texts:
            yield f"{part} is missing"
    for field in _fields(description.get("fields") or {}):
        for part in ("name", "description"):
            if part not in texts.get("fields", {}).get(field, {}):
                yield f"fields.{field}.{part} is missing"


def _fields(described: dict[str, Any]) -> Iterator[str]:
    """Yield the names of fields, those within a section too."""
    for name, content in described.items():
        if isinstance(content, dict) and "fields" in content:
            yield from content["fields"]
        else:
            yield name
