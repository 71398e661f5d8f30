"""The four tables of a unit: which addresses there are, and what is in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pymodbus.constants import ExcCodes

from custom_components.plantroom.engine.modbus.registers.register_map import Space

MOST_REGISTERS, MOST_BITS = 125, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Addresses, first and last, of which none may be in a request."""

    space: Space
    first: int
    last: int


@dataclass(slots=True, kw_only=True)
class Image:
    """Words (bits as 0 and 1) by address; a request that leaves the image gets exception 2."""

    holes: tuple[Hole, ...] = ()
    most_registers: int = MOST_REGISTERS
    _tables: dict[Space, dict[int, int]] = field(
        default_factory=lambda: {space: {} for space in Space}
    )

    def add(self, space: Space, addresses: Iterable[int]) -> None:
        """Let addresses be; they hold 0."""
        table = self._tables[space]
        for address in addresses:
            if not self._is_in_hole(space, address):
                table.setdefault(address, 0)

    def fill_gaps(self, space: Space) -> None:
        """Let every address between the first and the last be, as most devices do."""
        table = self._tables[space]
        if table:
            self.add(space, range(min(table), max(table) + 1))

    def put(self, space: Space, address: int, words: Sequence[int]) -> None:
        """Set words from inside; the addresses need not have been."""
        table = self._tables[space]
        table.update(enumerate(words, address))

    def words(self, space: Space, address: int, count: int) -> list[int]:
        """Return words from inside; raises KeyError for none."""
        return [self._tables[space][at] for at in range(address, address + count)]

    def read(self, space: Space, address: int, count: int) -> list[int] | ExcCodes:
        """Answer a request to read."""
        most = MOST_BITS if space.of_bits else self.most_registers
        if not 1 <= count <= most:
            return ExcCodes.ILLEGAL_VALUE
        if not self.covers(space, address, count):
            return ExcCodes.ILLEGAL_ADDRESS
        return self.words(space, address, count)

    def covers(self, space: Space, address: int, count: int) -> bool:
        """Return whether every address asked for is there."""
        table = self._tables[space]
        return all(at in table for at in range(address, address + count))

    def _is_in_hole(self, space: Space, address: int) -> bool:
        return any(
            hole.space is space and hole.first <= address <= hole.last
            for hole in self.holes
        )
