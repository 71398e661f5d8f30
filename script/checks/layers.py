"""Imports point down: the engine, the client and the connection know nothing above."""

import ast
from collections.abc import Iterator
from pathlib import Path

# What each part may import of ours, itself included; who is not named may import all.
BELOW = {
    "engine": {"engine"},
    "connection": {"connection", "engine"},
    "mirror": {"mirror", "engine"},
    "calls": {"calls", "connection", "engine"},
    "client": {"calls", "client", "connection", "engine", "mirror"},
}


def check(folder: Path) -> Iterator[str]:
    """Yield the imports that point up, or to Home Assistant, from below it."""
    for part, allowed in BELOW.items():
        single = folder / f"{part}.py"
        files = [single] if single.exists() else sorted((folder / part).rglob("*.py"))
        if not files:
            yield f"{part} is missing"
        for path in files:
            for target in imports(path, folder):
                if target == "homeassistant" or (
                    target.startswith(".") and target[1:] not in allowed
                ):
                    yield f"{path.relative_to(folder)} imports {target}, from above it"


def imports(path: Path, folder: Path) -> Iterator[str]:
    """Yield what a file imports: `.part` of our own, else the top-level package."""
    own = ["custom_components", folder.name]
    here = [*own, *path.relative_to(folder).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                targets = [alias.name.split(".") for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                base = here[:-level] if level else []
                base += module.split(".") if module else []
                targets = [[*base, alias.name] for alias in names]
            case _:
                continue
        for target in targets:
            if target[:2] == own:
                yield f".{target[2] if len(target) > 2 else ''}"
            else:
                yield target[0]
