"""Compiles what links to libmodbus, once for each version of its source."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "peers"
SOURCE = Path(__file__).with_name("libmodbus_server.c")
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror")
COMPILE_SECONDS = 60
TO_HAVE_IT = "script/setup installs it, or: apt-get install g++ libmodbus-dev"


class PeerMissingError(Exception):
    """libmodbus or a compiler is not installed; says how to have it."""


def libmodbus_server() -> Path:
    """Return the compiled server; blocks for a second the first time.

    Raises PeerMissingError when a compiler or libmodbus is missing.
    """
    source = SOURCE.read_bytes()
    name = hashlib.sha256(source + " ".join(FLAGS).encode()).hexdigest()[:16]
    program = CACHE / f"libmodbus_server-{name}"
    if not program.exists():
        _compile(program)
    return program


def _compile(program: Path) -> None:
    """Compile aside, then rename, as several test processes may do it at once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        made = Path(folder) / program.name
        done = subprocess.run(
            [_compiler(), *FLAGS, str(SOURCE), "-o", str(made), "-lmodbus"],
            capture_output=True,
            text=True,
            timeout=COMPILE_SECONDS,
            check=False,
        )
        if done.returncode:
            raise PeerMissingError(f"{SOURCE.name}: {done.stderr}\n{TO_HAVE_IT}")
        os.replace(made, program)


def _compiler() -> str:
    for name in COMPILERS:
        if found := shutil.which(name):
            return found
    raise PeerMissingError(f"no C compiler ({', '.join(COMPILERS)}); {TO_HAVE_IT}")
