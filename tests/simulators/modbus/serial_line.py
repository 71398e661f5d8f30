"""An RTU line without hardware: a pseudo terminal whose other end a client opens as a serial port."""

import asyncio
import os
import tty
from pathlib import Path

from pymodbus.framer import FramerRTU

from .bus import Bus, Conversation

READ_OCTETS = 512
SILENCE_SECONDS = 0.05
"""Half a frame is dropped after this; far above 3.5 characters, as both ends share a busy machine."""


class SerialLine:
    """Serves at a path that stays the same when the adapter is pulled out and put in again."""

    def __init__(self, bus: Bus, path: Path) -> None:
        self.path = path
        self._bus = bus
        self._master: int | None = None
        self._slave: int | None = None
        self._conversation: Conversation | None = None
        self._silence: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Make the pseudo terminal, and its path."""
        if self._master is not None:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._slave))
        self._conversation = Conversation(
            self._bus, FramerRTU, self._write, self._ignore
        )
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    async def stop(self) -> None:
        """Pull the adapter out: the path goes, whoever has it open gets an error; idempotent."""
        if self._master is None or self._slave is None:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        if self._silence:
            self._silence.cancel()
        if self._conversation:
            await self._conversation.stop()
        self.path.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = self._conversation = None

    async def drop_connections(self) -> None:
        """Do nothing: a serial line has no connections."""

    def _readable(self) -> None:
        if self._master is None or self._conversation is None:
            return
        try:
            data = os.read(self._master, READ_OCTETS)
        except BlockingIOError:
            return
        if self._silence:
            self._silence.cancel()
        self._conversation.received(data)
        self._silence = asyncio.get_running_loop().call_later(
            SILENCE_SECONDS, self._conversation.forget
        )

    def _write(self, data: bytes) -> None:
        if self._master is not None:
            os.write(self._master, data)

    @staticmethod
    def _ignore() -> None:
        """A unit on a serial line cannot hang up; it is silent."""
