"""Blocks that a device does not answer at all, though it answers others.

Some devices say nothing where the standard has them answer with exception 2.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from ...errors import DeviceOfflineError
from ..lines.replies import DroppedError, GatewayError
from ..registers.block_plan import Block, bisect
from .block_reader import BlockReader
from .learned import Learned
from .sample_plan import BlockWords

NO_ANSWER: Final = "no-answer"
# Replies get lost; those that never come are a lesson
TIMES: Final = 3

type IsAlive = Callable[[Block], Awaitable[bool]]


class MuteBlocks:
    """Reads blocks, and tells one that is not answered from a device that is away."""

    def __init__(
        self, reader: BlockReader, learned: Learned, is_alive: IsAlive
    ) -> None:
        """Take what reads; is_alive asks the device for something beside a block."""
        self._reader = reader
        self._learned = learned
        self._is_alive = is_alive
        self._silences: Counter[Block] = Counter()

    async def read(self, block: Block) -> BlockWords:
        """Return the words, None where refused or not answered.

        Raises as BlockReader does; DeviceOfflineError only of a device that is away.
        """
        try:
            words = await self._reader.read(block)
        except DroppedError, GatewayError:
            raise
        except DeviceOfflineError as err:
            if not await self._is_alive(block):
                raise err from None
            self._take_silence(block)
            reasons = dict.fromkeys(block.pieces, NO_ANSWER)
            return BlockWords((None,) * block.count, reasons)
        self._silences.pop(block, None)
        return words

    def _take_silence(self, block: Block) -> None:
        """Learn, in the end, not to ask for the block: for its halves, or not at all."""
        self._silences[block] += 1
        if self._silences[block] < TIMES:
            return
        del self._silences[block]
        halves = bisect(block)
        if halves is None:
            self._learned.was_refused(block.space, block.pieces[0], NO_ANSWER)
        else:
            self._learned.was_mute(*halves)
