"""Whether a unit answers, asked for as little as may be."""

import logging
from collections.abc import Iterable
from typing import Final

from ...errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ..lines.line import ModbusLine
from ..lines.line_unit import LineUnit
from ..lines.turns import Urgency
from ..lines.unit_requests import read_words
from ..registers.block_plan import Block, spans_of
from ..registers.register_map import RegisterPoint, Space
from .learned import Learned

_LOGGER = logging.getLogger(__name__)

type Place = tuple[Space, int, int]
"""Space, address, count."""

# For a unit of which nothing is known
ANYTHING: Final = (Space.HOLDING, 0, 1)


class UnitCheck:
    """Asks one unit for one value; what it refuses it has answered."""

    def __init__(self, line: ModbusLine, unit_id: int, learned: Learned) -> None:
        """Take the line, the unit and what it is known to refuse."""
        self._line = line
        self._unit_id = unit_id
        self._unit = LineUnit(line, unit_id, Urgency.POLL)
        self._learned = learned
        self._places: list[Place] = []

    def choose_among(self, registers: Iterable[RegisterPoint]) -> None:
        """Ask for one of these from now on."""
        self._places = [
            (register.space, first, end - first)
            for register in registers
            for first, end in spans_of(register)[:1]
        ]

    async def check(self) -> None:
        """Ask a unit that is thought to answer; raises DeviceError, NetworkError."""
        try:
            await self._unit.read(*self._place())
        except DeviceRefusedError as err:
            _LOGGER.debug("Unit %s answers: %s", self._unit_id, err)

    async def probe(self, silences: int) -> None:
        """Ask a unit that did not answer so often; raises DeviceError, NetworkError."""
        place = self._place()
        try:
            await self._unit.probe(
                lambda unit: read_words(unit, *place), place, silences
            )
        except DeviceRefusedError as err:
            _LOGGER.debug("Unit %s answers: %s", self._unit_id, err)

    async def is_alive_beside(self, block: Block) -> bool:
        """Ask once for something outside a block, or for the least of it."""
        place = self._place(block)
        if place == (block.space, block.address, block.count):
            return False
        seconds = self._line.patience(self._unit_id).attempt_seconds(1)
        unit = LineUnit(self._line, self._unit_id, Urgency.POLL, seconds=seconds)
        try:
            await unit.read(*place)
        except DeviceRefusedError:
            return True
        except DeviceOfflineError, MalformedReplyError:
            return False
        return True

    def _place(self, beside: Block | None = None) -> Place:
        """Return one value that is not refused, outside a block if there is one."""
        granted = [
            (space, address, count)
            for space, address, count in self._places
            if self._learned.refusal_of(space, (address, address + count)) is None
        ]
        outside = [place for place in granted if not _is_in(place, beside)]
        return next(iter(outside or granted), ANYTHING)


def _is_in(place: Place, block: Block | None) -> bool:
    space, address, _ = place
    return (
        block is not None
        and space is block.space
        and block.address <= address < block.end
    )
