"""What people hear of one Modbus device: its status and the problems it has."""

from collections.abc import Sequence
from typing import Final, override

from ...errors import DeviceError, PlantroomError
from ...models import ProblemCode
from ...online_reports import OnlineReports
from ...records import Records
from ..configuration import ModbusDeviceConfig

SILENT_SECONDS: Final = 3600.0
# For a unit that has never answered: its id may be wrong
NEVER_ANSWERED_SECONDS: Final = 60.0
MOST_NAMED: Final = 20


class DeviceReports(OnlineReports):
    """Tells the records how a device is doing, until it is closed."""

    def __init__(
        self, config: ModbusDeviceConfig, line: str, records: Records, *, known: bool
    ) -> None:
        """Take who and on which line; known: it has answered in an earlier life."""
        super().__init__(config.device_id, records)
        self._unit_id = str(config.unit_id)
        self._line = line
        self._known = known

    def answered(self, *, polled_points: int) -> None:
        """State that the device was read, and how."""
        if self.closed:
            return
        self._known = True
        self._problems.solve(self._device_id, ProblemCode.UNIT_SILENT)
        self._answered(polled_points=polled_points)

    def word_order(self, name: str, swapped: Sequence[str], floats: int) -> None:
        """State which of so many floats look as if their words were exchanged.

        A single one may be what is measured; most of them are not.
        """
        if self.closed or not floats:
            return
        if 2 * len(swapped) <= floats:
            self._problems.solve(self._device_id, ProblemCode.WORD_ORDER_SUSPECTED)
            return
        self._problems.report(
            ProblemCode.WORD_ORDER_SUSPECTED,
            self._device_id,
            name=name,
            count=str(len(swapped)),
            points=", ".join(swapped[:MOST_NAMED]),
        )

    @override
    def _take_silence(
        self, err: PlantroomError, seconds: float, name: str, address: str
    ) -> None:
        patience = SILENT_SECONDS if self._known else NEVER_ANSWERED_SECONDS
        if isinstance(err, DeviceError) and seconds >= patience:
            self._problems.report(
                ProblemCode.UNIT_SILENT,
                self._device_id,
                name=name,
                unit_id=self._unit_id,
                line=self._line,
            )
