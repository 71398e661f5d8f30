"""A disk of few octets, which can run full."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

MEBIBYTES = 24
PIECE = 1 << 12


def missing() -> str:
    """Return why there can be none here, "" when there can."""
    return "" if os.geteuid() == 0 else "only root mounts a file system"


class SmallDisk:
    """A file system of its own in memory; without wanted, nothing."""

    def __init__(self, folder: Path, *, wanted: bool) -> None:
        self.folder = folder if wanted else None
        self._ballast = folder / "ballast"

    def __enter__(self) -> Self:
        if self.folder is not None:
            self.folder.mkdir()
            subprocess.run(
                [
                    "mount",
                    "-t",
                    "tmpfs",
                    "-o",
                    f"size={MEBIBYTES}m",
                    "tmpfs",
                    self.folder,
                ],
                check=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.folder is not None:
            subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self) -> None:
        """Leave no room at all."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(PIECE))

    def make_room(self) -> None:
        """Take away what filled it."""
        self._ballast.unlink(missing_ok=True)
