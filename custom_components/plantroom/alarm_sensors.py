"""How many alarms are open."""

from typing import override

from homeassistant.components.sensor import SensorEntity, SensorStateClass

from .alarm_board import AlarmBoard
from .alarm_entity import AlarmEntity, AlarmLink
from .engine.alarms.models import Severity


class AlarmCountSensor(AlarmEntity, SensorEntity):
    """A number of open alarms."""

    _attr_state_class = SensorStateClass.MEASUREMENT


class UnacknowledgedAlarmsSensor(AlarmCountSensor):
    """How many alarms wait for somebody to take note."""

    _key = "unacknowledged_alarms"

    @property
    @override
    def native_value(self) -> int:
        """Return how many open alarms nobody took note of."""
        return self._summary.unacknowledged


class SeveritySensor(AlarmCountSensor):
    """How many alarms of a severity are open."""

    def __init__(self, board: AlarmBoard, severity: Severity, link: AlarmLink) -> None:
        """Take the summaries, the severity and whose alarms they are."""
        self._key = f"{severity}_alarms"
        self._severity = severity
        super().__init__(board, link)

    @property
    @override
    def native_value(self) -> int:
        """Return how many are open."""
        return self._summary.by_severity[self._severity]
