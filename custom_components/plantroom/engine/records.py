"""Where a network's facts go; each record is the one writer of its kind."""

from dataclasses import dataclass

from .alarms.alarm_book import AlarmBook
from .event_bus import EventBus
from .health import HealthBoard
from .points import Points
from .problems import Problems
from .storage.devices import DeviceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The engine's records, as a network gets them."""

    events: EventBus
    points: Points
    health: HealthBoard
    problems: Problems
    store: DeviceStore
    alarms: AlarmBook
