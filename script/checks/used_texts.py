"""Every text that the code names, and every error code, is in translations/en.json."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import built_in

NOT_PLATFORMS = {
    "config_flow",
    "const",
    "entity",
    "entity_table",
    "repairs",
    "services",
}


def check(folder: Path) -> Iterator[str]:
    """Yield the texts that are used but not there."""
    english = built_in.read_json(folder / "translations" / "en.json")
    used = {("exceptions", code) for code in _error_codes(folder)}
    for path in folder.glob("*.py"):
        used.update(_named_texts(path))
    for section, key in sorted(used):
        if key not in _section(english, section):
            yield f"translations/en.json: {section}.{key} is used but missing"


def _section(english: dict[str, Any], name: str) -> dict[str, Any]:
    section = english
    for part in name.split("."):
        section = section.get(part, {})
    return section


def _error_codes(folder: Path) -> Iterator[str]:
    """Yield the `code` of each error in the engine's tree, but for its root's."""
    path = folder / "engine" / "errors.py"
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.ClassDef) or _bases(node) == ["Exception"]:
            continue
        for line in node.body:
            match line:
                case ast.Assign(
                    targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))
                ):
                    yield code


def _bases(node: ast.ClassDef) -> list[str]:
    return [base.id for base in node.bases if isinstance(base, ast.Name)]


def _named_texts(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        section = _section_of_call(node, path.stem)
        for word in node.keywords:
            match word:
                case ast.keyword(
                    arg="translation_key", value=ast.Constant(value=str(key))
                ) if section:
                    yield section, key


def _section_of_call(node: ast.Call, module: str) -> str | None:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            pass
        case _:
            return None
    if name.endswith("Description") and module not in NOT_PLATFORMS:
        return f"entity.{module}"
    if name.endswith(("Error", "Failed", "Invalid", "NotReady")):
        return "exceptions"
    if name.endswith("create_issue"):
        return "issues"
    return None
