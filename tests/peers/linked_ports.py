"""Two pseudo terminals tied together: a serial cable between two programs, as socat makes one."""

import asyncio
import os
import tty
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

READ_OCTETS = 512


@dataclass(frozen=True, slots=True)
class _End:
    master: int
    slave: int

    @classmethod
    def open(cls) -> Self:
        """Return a raw terminal; its slave stays open, so that a program may come and go."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        return cls(master, slave)

    def close(self) -> None:
        os.close(self.slave)
        os.close(self.master)


class LinkedPorts:
    """What is written at one path is read at the other; runs on this event loop."""

    def __init__(self) -> None:
        self._ends: tuple[_End, _End] | None = None

    @property
    def paths(self) -> tuple[Path, Path]:
        """Return both ends; raises RuntimeError before the start."""
        if self._ends is None:
            raise RuntimeError("not started")
        first, second = self._ends
        return Path(os.ttyname(first.slave)), Path(os.ttyname(second.slave))

    async def __aenter__(self) -> Self:
        first, second = self._ends = _End.open(), _End.open()
        loop = asyncio.get_running_loop()
        loop.add_reader(first.master, self._pass_on, first.master, second.master)
        loop.add_reader(second.master, self._pass_on, second.master, first.master)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ends, self._ends = self._ends, None
        for end in ends or ():
            asyncio.get_running_loop().remove_reader(end.master)
            end.close()

    @staticmethod
    def _pass_on(source: int, target: int) -> None:
        os.write(target, os.read(source, READ_OCTETS))
