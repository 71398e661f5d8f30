"""An alarm for each device that does not answer, where that is asked for."""

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from ..events import DeviceChanged, DeviceStatusChanged, NumberedEvent
from ..models import DeviceStatus
from .alarm_book import AlarmBook
from .configuration import AlarmingConfig
from .life import AlarmNews
from .models import AlarmOrigin, Condition, Severity
from .texts import fill_in

_PREFIX = "silent:"
_TEXT = "{device} does not answer"


class SilentDevices:
    """Watches every device that is configured; no rule of people's is needed."""

    def __init__(
        self,
        book: AlarmBook,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take where alarms are told."""
        self._book = book
        self._clock = clock
        self._config = AlarmingConfig()
        self._device_ids: frozenset[str] = frozenset()
        self._names: dict[str, str] = {}
        self._statuses: dict[str, DeviceStatus] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def configure(self, config: AlarmingConfig, device_ids: Collection[str]) -> None:
        """Watch these devices by this, or none where no severity is asked for."""
        self._config, self._device_ids = config, frozenset(device_ids)
        for known in (self._names, self._statuses):
            for device_id in known.keys() - self._device_ids:
                known.pop(device_id)
        self._cancel_all()
        if config.silent_severity is None:
            self._book.remove(
                alarm.alarm_id
                for alarm in self._book.all_open()
                if alarm.alarm_id.startswith(_PREFIX)
            )
        for status in self._statuses.values():
            self._judge(status)

    def stop(self) -> None:
        """Watch no more; calling it twice does no harm."""
        self._cancel_all()
        self._statuses.clear()
        self._device_ids = frozenset()

    def hear(self, numbered: NumberedEvent) -> None:
        """Take what devices are called, and whether they answer."""
        match numbered.event:
            case DeviceStatusChanged(status=status):
                self._statuses[status.device_id] = status
                self._judge(status)
            case DeviceChanged(device=device):
                self._names[device.device_id] = device.name

    def _judge(self, status: DeviceStatus) -> None:
        severity, device_id = self._config.silent_severity, status.device_id
        if severity is None or device_id not in self._device_ids:
            return
        alarm = self._book.get(_PREFIX + device_id)
        is_told = alarm is not None and alarm.condition is not Condition.NORMAL
        if status.online:
            self._cancel(device_id)
            if is_told:
                self._tell(device_id, Condition.NORMAL, severity)
        elif not is_told and device_id not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[device_id] = loop.call_later(
                self._seconds_left(status), self._ring, device_id
            )

    def _seconds_left(self, status: DeviceStatus) -> float:
        """Return how long a device may be silent still, by a clock that may be set."""
        wanted = self._config.silent_seconds
        silent = (self._clock() - status.since).total_seconds()
        return wanted - min(max(silent, 0.0), wanted)

    def _ring(self, device_id: str) -> None:
        self._timers.pop(device_id, None)
        severity = self._config.silent_severity
        if severity is not None:
            self._tell(device_id, Condition.OFFNORMAL, severity)

    def _tell(self, device_id: str, condition: Condition, severity: Severity) -> None:
        words = self._config.words
        name = words.names.get(device_id) or self._names.get(device_id, device_id)
        self._book.take(
            AlarmNews(
                alarm_id=_PREFIX + device_id,
                origin=AlarmOrigin.RULE,
                device_id=device_id,
                point_id="",
                name=name,
                condition=condition,
                severity=severity,
                text=fill_in(words.texts.get("silent") or _TEXT, {"device": name}),
                at=self._clock(),
                ack_required=condition is not Condition.NORMAL,
            )
        )

    def _cancel(self, device_id: str) -> None:
        timer = self._timers.pop(device_id, None)
        if timer is not None:
            timer.cancel()

    def _cancel_all(self) -> None:
        for device_id in [*self._timers]:
            self._cancel(device_id)
