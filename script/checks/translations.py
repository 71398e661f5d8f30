"""translations/*.json: complete, the same in every language, and of a known form."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import built_in, key_paths

LANGUAGES = ("en", "de", "fr", "nl")
PLACEHOLDER = re.compile(r"{(\w+)}")


def check(folder: Path) -> Iterator[str]:
    """Yield the faults of an integration's texts."""
    if (folder / "strings.json").exists():
        yield "strings.json is for built-in integrations; write translations/en.json"
    for language in LANGUAGES:
        if not (folder / "translations" / f"{language}.json").exists():
            yield f"translations/{language}.json is missing"
    english = built_in.read_json(folder / "translations" / "en.json")
    yield from _form_faults(english)
    yield from _field_faults(english)
    for path in sorted((folder / "translations").glob("*.json")):
        for fault in _language_faults(built_in.read_json(path), english):
            yield f"translations/{path.name}: {fault}"


def _form_faults(english: dict[str, Any]) -> Iterator[str]:
    known = key_paths.known("strings.json")
    for path, written in key_paths.walk(english):
        if path not in known:
            yield f"translations: no built-in integration has the key {written}"


def _field_faults(english: dict[str, Any]) -> Iterator[str]:
    """Yield the fields of a form that are not explained to who fills it in."""
    flows = {name: english.get(name, {}) for name in ("config", "options")}
    flows |= english.get("config_subentries", {})
    for name, flow in flows.items():
        for step_name, step in flow.get("step", {}).items():
            for part in (step, *step.get("sections", {}).values()):
                for field in part.get("data", {}).keys() - part.get(
                    "data_description", {}
                ):
                    yield (
                        f"translations: {name}.{step_name} does not describe"
                        f" its field {field}"
                    )


def _language_faults(other: dict[str, Any], english: dict[str, Any]) -> Iterator[str]:
    wanted = dict(_texts(english))
    found = dict(_texts(other))
    for key in sorted(wanted.keys() - found.keys()):
        yield f"{key} is missing"
    for key in sorted(found.keys() - wanted.keys()):
        yield f"{key} is not in en.json"
    for key in sorted(found.keys() & wanted.keys()):
        if not found[key].strip():
            yield f"{key} is empty"
        if "[%key:" in found[key]:
            yield f"{key}: [%key:…%] is for built-in integrations"
        if _placeholders(found[key]) != _placeholders(wanted[key]):
            yield f"{key} has other placeholders than en.json"


def _texts(content: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        below = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from _texts(value, below)
        else:
            yield below, str(value)


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
