"""Rules on points of two devices, judged as readings come; nothing is kept."""

from typing import Any

from custom_components.plantroom.engine.alarms.alarm_book import AlarmBook
from custom_components.plantroom.engine.alarms.configuration import AlarmRule
from custom_components.plantroom.engine.alarms.evaluator import Evaluator
from custom_components.plantroom.engine.alarms.floods import Floods
from custom_components.plantroom.engine.alarms.models import Alarm, AlarmValues
from custom_components.plantroom.engine.alarms.silences import Silences
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    DeviceChanged,
    DeviceStatusChanged,
)
from custom_components.plantroom.engine.models import DeviceStatus, Point, Reading
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.storage.alarm_journal import AlarmJournal
from custom_components.plantroom.engine.storage.alarm_silences import SilenceStore
from custom_components.plantroom.engine.storage.database import Database
from tests.site import AT, device, reading

DEVICES = ("n:1", "n:2")


class Evaluating:
    """A book that is never started, which needs no thread, under an evaluator."""

    def __init__(self, *points: Point) -> None:
        self.events = EventBus()
        self.points = Points(self.events)
        database = Database(None)
        self.book = AlarmBook(
            self.events,
            AlarmJournal(database),
            Silences(
                SilenceStore(database),
                on_shelf_end=lambda _: None,
                on_maintenance_end=lambda _: None,
            ),
            Floods(self.events),
            values_of=lambda _: AlarmValues(at=AT),
        )
        self.evaluator = Evaluator(self.points, self.book, lambda: AT)
        self.events.listen(self.evaluator.hear)
        for device_id in DEVICES:
            self.events.publish(DeviceChanged(device=device(device_id)))
            mine = [point for point in points if point.device_id == device_id]
            self.points.define(device_id, mine)

    def configure(self, *rules: AlarmRule) -> None:
        self.evaluator.configure(rules, DEVICES)

    def see(self, values: dict[str, Any]) -> None:
        """Take readings, all at once."""
        self.points.update(
            (point_id, value if isinstance(value, Reading) else reading(value))
            for point_id, value in values.items()
        )

    def online(self, device_id: str, *, online: bool) -> None:
        status = DeviceStatus(device_id=device_id, online=online, since=AT)
        self.events.publish(DeviceStatusChanged(status=status))

    @property
    def alarms(self) -> dict[str, Alarm]:
        """Return the open alarms by rule."""
        return {alarm.rule_id: alarm for alarm in self.book.all_open()}

    @property
    def texts(self) -> list[str]:
        return [alarm.text for alarm in self.book.all_open()]
