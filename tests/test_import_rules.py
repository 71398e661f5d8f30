"""The engine, the client and the connection run where there is no Home Assistant.

They are copied without any `__init__.py` above them, as the server's image has them.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INTEGRATION = Path(__file__).parents[1] / "custom_components" / "plantroom"
SERVER = Path(__file__).parents[1] / "addon" / "plantroom_server"
WITHOUT_HOME_ASSISTANT = ("engine", "connection", "calls", "client.py", "mirror.py")

IMPORT_WITHOUT_HOME_ASSISTANT = """
import importlib
import sys
import warnings

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "homeassistant":
            raise ModuleNotFoundError(f"{name} was asked for", name=name)

sys.meta_path.insert(0, Absent())
for name in sys.argv[1:]:
    importlib.import_module(name)
found = [name for name in sys.modules if name.partition(".")[0] == "homeassistant"]
sys.exit(f"imported: {found}" if found else None)
"""


def test_nothing_below_the_entities_imports_home_assistant(tmp_path: Path) -> None:
    package = copy_without_home_assistant(tmp_path)
    modules = sorted(
        ".".join(file.relative_to(tmp_path).with_suffix("").parts)
        for file in package.rglob("*.py")
    )
    assert "custom_components.plantroom.engine.engine" in modules
    assert "custom_components.plantroom.client" in modules

    outcome = import_in_process(tmp_path, modules)

    assert outcome.returncode == 0, outcome.stderr


def test_the_engine_needs_nothing_beside_it(tmp_path: Path) -> None:
    package = copy_without_home_assistant(tmp_path)
    for name in WITHOUT_HOME_ASSISTANT:
        if name.endswith(".py"):
            (package / name).unlink()
        elif name != "engine":
            shutil.rmtree(package / name)

    outcome = import_in_process(tmp_path, ["custom_components.plantroom.engine.engine"])

    assert outcome.returncode == 0, outcome.stderr


def test_the_server_needs_nothing_but_the_engine(tmp_path: Path) -> None:
    package = copy_without_home_assistant(tmp_path)
    for name in ("client.py", "mirror.py"):
        (package / name).unlink()
    shutil.rmtree(package / "connection")
    ignored = shutil.ignore_patterns("__pycache__", "__main__.py")
    shutil.copytree(SERVER, tmp_path / SERVER.name, ignore=ignored)
    modules = [f"plantroom_server.{path.stem}" for path in SERVER.glob("[!_]*.py")]
    assert "plantroom_server.server" in modules

    outcome = import_in_process(tmp_path, modules)

    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize(
    "line", ["import homeassistant.core", "from ..const import DOMAIN"]
)
def test_an_import_from_above_would_be_seen(tmp_path: Path, line: str) -> None:
    package = copy_without_home_assistant(tmp_path)
    (package / "engine" / "stray.py").write_text(f"{line}\n")

    outcome = import_in_process(tmp_path, ["custom_components.plantroom.engine.stray"])

    assert "ModuleNotFoundError" in outcome.stderr


def copy_without_home_assistant(target: Path) -> Path:
    """Copy the parts that must run alone; return the folder they are in."""
    package = target / "custom_components" / "plantroom"
    package.mkdir(parents=True)
    for name in WITHOUT_HOME_ASSISTANT:
        source = INTEGRATION / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, package / name, ignore=ignored)
        else:
            shutil.copy(source, package / name)
    return package


def import_in_process(
    folder: Path, modules: list[str]
) -> subprocess.CompletedProcess[str]:
    """Import modules in a process of their own, in which Home Assistant is absent."""
    return subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT_HOME_ASSISTANT, *modules],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_plantroom_is_imported_without_the_recorder() -> None:
    program = (
        "import sys, custom_components.plantroom\n"
        "sys.exit('homeassistant.components.recorder' in sys.modules)"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", program],
        cwd=INTEGRATION.parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert outcome.returncode == 0, outcome.stderr
