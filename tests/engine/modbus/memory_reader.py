"""A unit in memory, asked without a network: it has what it was given and refuses the rest."""

from collections.abc import Mapping, Sequence
from typing import override

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
)
from custom_components.plantroom.engine.modbus.lines.unit_reader import UnitReader
from custom_components.plantroom.engine.modbus.registers.register_map import Space

ILLEGAL_ADDRESS = "illegal-data-address"
ILLEGAL_FUNCTION = "illegal-function"


class MemoryReader(UnitReader):
    """Answers from runs of words; silent: the spaces it says nothing in at all."""

    def __init__(
        self,
        runs: Mapping[tuple[Space, int], Sequence[int]] | None = None,
        *,
        objects: dict[int, bytes] | DeviceRefusedError | None = None,
        server_id: bytes | None = None,
        silent: bool = False,
    ) -> None:
        self._words = {
            (space, first + offset): word
            for (space, first), words in (runs or {}).items()
            for offset, word in enumerate(words)
        }
        self._objects = objects
        self._server_id = server_id
        self._silent = silent
        self.requests: list[tuple[object, ...]] = []

    @property
    @override
    def unit_id(self) -> int:
        return 1

    @override
    async def read(self, space: Space, address: int, count: int) -> tuple[int, ...]:
        assert 1 <= count <= 125
        assert 0 <= address <= 65536 - count
        self._take("read", space, address, count)
        places = [(space, at) for at in range(address, address + count)]
        if any(place not in self._words for place in places):
            raise refusal(ILLEGAL_ADDRESS)
        return tuple(self._words[place] for place in places)

    @override
    async def read_device_identification(self) -> dict[int, bytes]:
        self._take("identification")
        if isinstance(self._objects, dict):
            return self._objects
        raise refusal(ILLEGAL_FUNCTION)

    @override
    async def report_server_id(self) -> bytes:
        self._take("server id")
        if self._server_id is None:
            raise refusal(ILLEGAL_FUNCTION)
        return self._server_id

    def _take(self, *request: object) -> None:
        self.requests.append(request)
        if self._silent:
            raise DeviceOfflineError("unit 1 does not answer", device="unit 1")


def refusal(reason: str) -> DeviceRefusedError:
    return DeviceRefusedError(
        f"unit 1 refuses: {reason}", device="unit 1", reason=reason
    )
