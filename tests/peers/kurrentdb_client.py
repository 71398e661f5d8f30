"""The official Node client of KurrentDB, installed once into a cache."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

PACKAGE = "@kurrent/kurrentdb-client@1.3.1"
SCRIPT = Path(__file__).with_suffix(".js")
INSTALL_SECONDS = 180
RUN_SECONDS = 60


def missing() -> str:
    """Return what this machine lacks to run it, "" when it has all."""
    names = [name for name in ("node", "npm") if shutil.which(name) is None]
    return " and ".join(names)


def install() -> Path:
    """Return the folder of the modules, filled when they are not there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "plantroom" / "kurrentdb-client"
    modules = folder / "node_modules"
    done = folder / "installed"
    if not done.exists() or done.read_text() != PACKAGE:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save"]
        command += ["--ignore-scripts", "--prefix", str(folder), PACKAGE]
        subprocess.run(
            command, check=True, capture_output=True, timeout=INSTALL_SECONDS
        )
        done.write_text(PACKAGE)
    return modules


def findings(modules: Path, port: int) -> dict[str, Any]:
    """Return what the client finds at a server that is empty."""
    uri = f"kurrentdb://127.0.0.1:{port}?tls=false"
    done = subprocess.run(
        ["node", str(SCRIPT), uri],
        env={**os.environ, "NODE_PATH": str(modules)},
        check=False,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
