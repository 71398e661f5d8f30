"""What people may see of a unit before it is a device."""

from ..errors import ConfigurationError
from ..requests import (
    Preview,
    PreviewRequest,
    ReadRegistersRequest,
    RegistersAnswer,
)
from .knowledge.profiles import Profiles
from .lines.line import ModbusLine
from .lines.line_unit import LineUnit
from .point_source import PointSource, source_of
from .preview import preview_unit
from .registers.block_plan import MOST_BITS, MOST_REGISTERS
from .registers.register_map import RegisterPoint


class Inspection:
    """Reads units of a line, configured or not, ahead of those that poll."""

    def __init__(self, line: ModbusLine, profiles: Profiles) -> None:
        """Take the line and the profiles there are."""
        self._line = line
        self._profiles = profiles

    async def read_registers(self, request: ReadRegistersRequest) -> RegistersAnswer:
        """Read addresses as they are.

        Raises ConfigurationError, DeviceError, NetworkError.
        """
        most = MOST_BITS if request.space.of_bits else MOST_REGISTERS
        if not 1 <= request.count <= most:
            raise ConfigurationError(f"count must be 1 to {most}", field="count")
        if not 0 <= request.address <= 65536 - request.count:
            raise ConfigurationError("address must be 0 to 65535", field="address")
        unit = self._unit(request.unit_id)
        words = await unit.read(request.space, request.address, request.count)
        return RegistersAnswer(words=words)

    async def preview(self, request: PreviewRequest) -> Preview:
        """Read a unit's points once.

        Raises ConfigurationError, DeviceError, NetworkError.
        """
        unit = self._unit(request.unit_id)
        source = self._source(request, swap_words=request.swap_words)
        return await preview_unit(self._line.config, unit, source, request.profile)

    async def register_map(self, request: PreviewRequest) -> tuple[RegisterPoint, ...]:
        """Return what a preview would read; asks the unit only for SunSpec."""
        source = self._source(request, swap_words=False)
        found = source.at_once() or await source.find(self._unit(request.unit_id))
        return found.points

    def _unit(self, unit_id: int) -> LineUnit:
        if not 0 <= unit_id <= 255:
            raise ConfigurationError("unit_id must be 0 to 255", field="unit_id")
        return LineUnit(self._line, unit_id)

    def _source(self, request: PreviewRequest, *, swap_words: bool) -> PointSource:
        return source_of(
            request.profile, request.registers, self._profiles, swap_words=swap_words
        )
