"""The exact packages of the image: those that tests run with, as wheels for Alpine."""

import os
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from .buildah import CACHE, ROOT, CannotBuildError

FILE: Final = ROOT / "addon" / "plantroom_server" / "requirements.txt"
PLATFORMS: Final = ("x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl")
_PIN: Final = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)")
HEADER: Final = """\
# What the server needs, with what those need: pyproject.toml's group "server" with the
# versions that Home Assistant holds too. Written by: script/addon requirements
"""


def required() -> str:
    """Return the file's text, the same for each architecture.

    Raises CannotBuildError when there is no wheel for one, or they differ.
    """
    texts = {_resolved(platform) for platform in PLATFORMS}
    if len(texts) != 1:
        raise CannotBuildError("the architectures need different packages")
    return HEADER + texts.pop()


def differences() -> list[str]:
    """Return what the file names otherwise than what is installed here."""
    found = []
    for name, pinned in _PIN.findall(FILE.read_text(encoding="utf-8")):
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "not installed"
        if installed != pinned:
            found.append(f"{name} {pinned}, here {installed}")
    return found


def _resolved(platform: str) -> str:
    constraints = next(
        (ROOT / ".venv").glob(
            "lib/*/site-packages/homeassistant/package_constraints.txt"
        )
    )
    done = subprocess.run(
        [_uv(), "pip", "compile", "--quiet", "--no-header", "--no-annotate",
         "--python-version", "3.14", "--python-platform", platform,
         "--only-binary", ":all:", "--constraint", str(constraints),
         "--group", f"{ROOT / 'pyproject.toml'}:server"],
        capture_output=True, check=False, text=True, cwd=ROOT,
    )  # fmt: skip
    if done.returncode != 0:
        raise CannotBuildError(f"no wheels for {platform}:\n{done.stderr}")
    return done.stdout


def _uv() -> str:
    private = CACHE.parent / "uv" / "bin"
    path = os.pathsep.join((os.environ.get("PATH", ""), str(private)))
    found = shutil.which("uv", path=path)
    if found is None:
        raise CannotBuildError("uv is missing: run script/setup")
    return str(Path(found))
