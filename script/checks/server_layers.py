"""The server knows the engine and nothing above it, so that it runs without the rest."""

import ast
from collections.abc import Iterator
from pathlib import Path

SERVER = Path("addon") / "plantroom_server"
INTEGRATION = "custom_components.plantroom"
ENGINE = f"{INTEGRATION}.engine"


def check(root: Path) -> Iterator[str]:
    """Yield the server's imports of what is above the engine, or of Home Assistant."""
    files = sorted((root / SERVER).rglob("*.py"))
    if not files:
        yield f"{SERVER} is missing"
    for path in files:
        for target in _imports(path):
            if target.partition(".")[0] == "homeassistant" or (
                f"{target}.".startswith(f"{INTEGRATION}.")
                and not f"{target}.".startswith(f"{ENGINE}.")
            ):
                yield f"{path.relative_to(root)} imports {target}, from above the engine"


def _imports(path: Path) -> Iterator[str]:
    """Yield what a file imports, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                if module == INTEGRATION:
                    yield from (f"{module}.{alias.name}" for alias in names)
                else:
                    yield module
