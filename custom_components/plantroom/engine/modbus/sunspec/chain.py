"""Where a SunSpec device keeps its models: the marker and the chain behind it.

The walk is our own and not that of modbus_connection.model.sunspec.scan: that one
raises at a chain without an end and asks for addresses that no request can hold.
"""

import logging
from dataclasses import dataclass
from typing import Final

from ...errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ..lines.replies import ILLEGAL_FUNCTION
from ..lines.unit_reader import UnitReader
from ..registers.register_map import Space

_LOGGER = logging.getLogger(__name__)

# SunSpec Information Model Specification: "SunS" at one of three addresses
BASES: Final = (40000, 0, 50000)
MARKER: Final = (0x5375, 0x6E53)
END: Final = 0xFFFF
ADDRESSES: Final = 65536
MOST_MODELS: Final = 100
MOST_SILENCES: Final = 2
# A device that is all lies costs this many registers and no more
MOST_WORDS: Final = 6000
WORDS_A_READ: Final = 125


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where the marker is."""

    space: Space
    address: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBlock:
    """One model in the chain.

    address: of its two header registers. length: registers behind them. number:
    counts the models of the same id from 1. words: header and all, fewer where the
    device does not give them.
    """

    model_id: int
    space: Space
    address: int
    length: int
    number: int = 1
    words: tuple[int, ...] = ()


async def find_base(
    reader: UnitReader, spaces: tuple[Space, ...] = (Space.HOLDING, Space.INPUT)
) -> Base | None:
    """Return where the marker is, None for a device that is no SunSpec device.

    Raises DeviceOfflineError when the device answers nothing at all, NetworkError.
    """
    silences: list[DeviceOfflineError] = []
    answered = False
    for space in spaces:
        for address in BASES:
            try:
                words = await reader.read(space, address, 2)
            except DeviceRefusedError as err:
                answered = True
                if err.reason == ILLEGAL_FUNCTION:
                    break
                continue
            except MalformedReplyError:
                continue
            except DeviceOfflineError as err:
                silences.append(err)
                if len(silences) < MOST_SILENCES:
                    continue
                if answered:
                    return None
                raise
            answered = True
            if words == MARKER:
                return Base(space=space, address=address)
    return None


async def walk(reader: UnitReader, base: Base) -> tuple[ModelBlock, ...]:
    """Return the models behind a marker, headers only, in order.

    A chain that does not end, or leads out of the addresses, is taken as far as it
    makes sense. Raises DeviceOfflineError, NetworkError.
    """
    blocks: list[ModelBlock] = []
    address = base.address + len(MARKER)
    while len(blocks) < MOST_MODELS and address + 2 <= ADDRESSES:
        try:
            model_id, length = await reader.read(base.space, address, 2)
        except DeviceRefusedError, MalformedReplyError:
            # Many devices have only one register at the end, or none
            break
        behind = address + 2 + length
        if model_id in (0, END) or behind > ADDRESSES:
            break
        number = 1 + sum(block.model_id == model_id for block in blocks)
        blocks.append(
            ModelBlock(
                model_id=model_id,
                space=base.space,
                address=address,
                length=length,
                number=number,
            )
        )
        address = behind
    else:
        _LOGGER.debug("SunSpec chain of unit %s has no end", reader.unit_id)
    return tuple(blocks)


async def read_words(
    reader: UnitReader, block: ModelBlock, most: int
) -> tuple[int, ...]:
    """Return a model's words, header and all, up to so many.

    What the device refuses, and what lies behind it, is left out. Raises
    DeviceOfflineError, NetworkError.
    """
    words: list[int] = []
    wanted = min(2 + block.length, most)
    while len(words) < wanted:
        count = min(WORDS_A_READ, wanted - len(words))
        try:
            part = await reader.read(block.space, block.address + len(words), count)
        except DeviceRefusedError, MalformedReplyError:
            break
        words.extend(part)
    return tuple(words)
