"""Reads a block, and finds out what of it the device refuses."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from ...errors import DeviceRefusedError
from ..lines.replies import BUSY, ILLEGAL_FUNCTION, ILLEGAL_RANGE
from ..registers.block_plan import Block, Span, bisect
from ..registers.register_map import Space
from .learned import Learned
from .sample_plan import BlockWords

# Other exceptions may pass: only one that stays is a lesson
PASSING_REFUSALS: Final = 3

type Read = Callable[[Space, int, int], Awaitable[tuple[int, ...]]]


class BlockReader:
    """Reads from one device, and learns."""

    def __init__(self, read: Read, learned: Learned) -> None:
        """Take how it is read and where its lessons are kept."""
        self._read = read
        self._learned = learned
        self._passing: Counter[Block] = Counter()

    async def read(self, block: Block) -> BlockWords:
        """Return the words, None where refused.

        Raises DeviceOfflineError, MalformedReplyError, NetworkError, and
        DeviceRefusedError of a device that is busy.
        """
        answer = await self._try(block)
        if not isinstance(answer, str):
            return BlockWords(answer, {})
        part = _Part(block, [None] * block.count, {})
        await self._read_parts(block, part, answer)
        return BlockWords(tuple(part.words), part.reasons)

    async def _try(self, block: Block) -> tuple[int, ...] | str:
        """Return the words, or why the block is refused."""
        try:
            answer = await self._read(block.space, block.address, block.count)
        except DeviceRefusedError as err:
            if err.reason in BUSY:
                raise
            return err.reason
        self._passing.pop(block, None)
        self._learned.was_read(block)
        return answer

    async def _fill(self, block: Block, part: _Part) -> bool:
        """Read a part of the whole; return whether it was granted at once."""
        answer = await self._try(block)
        if isinstance(answer, str):
            await self._read_parts(block, part, answer)
            return False
        start = block.address - part.whole.address
        part.words[start : start + block.count] = answer
        return True

    async def _read_parts(self, block: Block, part: _Part, reason: str) -> None:
        lasting = self._is_lasting(block, reason)
        halves = None if reason == ILLEGAL_FUNCTION else bisect(block)
        if halves is None:
            for piece in block.pieces:
                part.reasons[piece] = reason
                if lasting:
                    self._learned.was_refused(block.space, piece, reason)
            return
        granted = [await self._fill(half, part) for half in halves]
        if all(granted) and lasting:
            self._learned.was_parted(*halves)

    def _is_lasting(self, block: Block, reason: str) -> bool:
        """Return whether a refusal will be the same next time."""
        if reason in ILLEGAL_RANGE or reason == ILLEGAL_FUNCTION:
            return True
        self._passing[block] += 1
        return self._passing[block] >= PASSING_REFUSALS


class _Part:
    """The block that is read in parts, filled as they come."""

    def __init__(
        self, whole: Block, words: list[int | None], reasons: dict[Span, str]
    ) -> None:
        self.whole = whole
        self.words = words
        self.reasons = reasons
