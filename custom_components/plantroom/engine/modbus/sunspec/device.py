"""A SunSpec device as it tells itself: who it is and what it measures."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..lines.unit_reader import UnitReader
from ..registers.codec import decode
from ..registers.register_map import RegisterPoint, ValueType
from ..unit.device_facts import DeviceFacts
from .chain import MOST_WORDS, ModelBlock, find_base, read_words, walk
from .definitions import model_definition
from .layout import place_points
from .register_points import COMMON_MODEL, DefinedModel, points_of

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SunSpecDevice:
    """What discovery found; models: ids in the order of the chain."""

    facts: DeviceFacts
    points: tuple[RegisterPoint, ...]
    models: tuple[int, ...]


async def discover(reader: UnitReader) -> SunSpecDevice | None:
    """Return what a unit's models say, None for a unit that is no SunSpec device.

    Asks for at most 100 models and 6000 registers, whatever the device claims.
    Raises DeviceOfflineError, NetworkError.
    """
    base = await find_base(reader)
    if base is None:
        return None
    blocks = await walk(reader, base)
    models = await asyncio.to_thread(_defined, blocks)
    filled: list[DefinedModel] = []
    left = MOST_WORDS
    for model in models:
        words = await read_words(reader, model.block, left)
        left -= len(words)
        filled.append(replace(model, block=replace(model.block, words=words)))
    return SunSpecDevice(
        facts=_facts(filled),
        points=points_of(filled),
        models=tuple(block.model_id for block in blocks),
    )


def _defined(blocks: Sequence[ModelBlock]) -> list[DefinedModel]:
    """Return the models that SunSpec knows, with their definitions; blocks."""
    models = []
    for block in blocks:
        definition = model_definition(block.model_id)
        if definition is None:
            _LOGGER.debug("SunSpec model %s is nobody's", block.model_id)
            continue
        models.append(DefinedModel(block=block, definition=definition))
    return models


def _facts(models: Sequence[DefinedModel]) -> DeviceFacts:
    """Return what the first common model (1) says."""
    common = next((m for m in models if m.block.model_id == COMMON_MODEL), None)
    if common is None:
        return DeviceFacts()
    return DeviceFacts(
        vendor=_text(common, "Mn"),
        model=_text(common, "Md"),
        firmware=_text(common, "Vr"),
        serial_number=_text(common, "SN"),
    )


def _text(model: DefinedModel, name: str) -> str:
    block = model.block
    for placed in place_points(model.definition, block.length, block.words):
        size = placed.definition.size
        words = block.words[placed.offset : placed.offset + size]
        if placed.definition.name == name and len(words) == size:
            point = RegisterPoint(
                key="text", name=name, address=0, type=ValueType.STRING, length=size
            )
            return str(decode(point, words)[0] or "")
    return ""
