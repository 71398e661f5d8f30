"""Whole copies of the databases for the Supervisor's backups, while the server goes on.

config.yaml has it run before and after a backup, which leaves the databases themselves
out: copied while they are written, they might not be whole.
"""

import logging
import shutil
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = "backup"
SUFFIX: Final = ".copy"
DATA: Final = Path("/data")
_BUSY_SECONDS: Final = 30.0


def prepare(data: Path) -> list[Path]:
    """Copy each database of a folder as it is at one moment; return the copies.

    Raises OSError, sqlite3.Error; then there is no copy at all.
    """
    discard(data)
    folder = data / FOLDER
    folder.mkdir(mode=0o700)
    copies = []
    try:
        for path in sorted(data.glob("*.db")):
            copy = folder / f"{path.name}{SUFFIX}"
            with (
                closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
            copies.append(copy)
    except OSError, sqlite3.Error:
        discard(data)
        raise
    return copies


def discard(data: Path) -> None:
    """Remove the copies; there need be none."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


def put_back(data: Path) -> list[Path]:
    """Make databases of the copies that a restored backup brought; return them.

    A database that is there is newer than its copy, and stays. Blocks; raises OSError.
    """
    restored = []
    for copy in sorted((data / FOLDER).glob(f"*.db{SUFFIX}")):
        path = data / copy.name.removesuffix(SUFFIX)
        if not path.exists():
            copy.replace(path)
            restored.append(path)
            _LOGGER.info("%s is what the backup had", path)
    return restored


def main(arguments: Sequence[str]) -> int:
    """Do what the Supervisor asks before and after a backup; return the exit code."""
    try:
        match arguments:
            case ["prepare"]:
                prepare(DATA)
            case ["discard"]:
                discard(DATA)
            case _:
                print("prepare or discard", file=sys.stderr)
                return 2
    except (OSError, sqlite3.Error) as err:
        print(f"cannot copy the databases: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
