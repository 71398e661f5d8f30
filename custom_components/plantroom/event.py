"""Events: what happens to the alarms of a device."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, override

from homeassistant.components.event import EventEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm_board import AlarmBoard
from .alarm_entity import AlarmEntity, AlarmLink
from .alarm_places import EVENT_KEY
from .alarms import AlarmFeed
from .device_adapter import PlatformEntities
from .engine.alarms.models import TransitionKind
from .runtime import PlantroomConfigEntry

PARALLEL_UPDATES = 0

# What Home Assistant says of every entity anyway, and what its kind says
_ELSEWHERE: Final = frozenset(
    {"area", "area_id", "device", "device_id", "entity_id", "kind", "network"}
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Show what happens to the alarms of each device."""
    adapter, feed = entry.runtime_data.adapter, entry.runtime_data.alarm_feed
    events = partial(AlarmEvents, adapter.alarm_board, feed)
    adapter.attach(
        PlatformEntities(platform=Platform.EVENT, device=(events,)),
        async_add_entities,
    )


class AlarmEvents(AlarmEntity, EventEntity):
    """What happens to the alarms of a device, told late or not."""

    _key = EVENT_KEY
    _attr_event_types = [  # noqa: RUF012
        kind.value for kind in TransitionKind
    ]
    _unrecorded_attributes = frozenset(
        {"device_time", "notification_type", "priority", "state_now", "targets"}
    )

    def __init__(self, board: AlarmBoard, feed: AlarmFeed, link: AlarmLink) -> None:
        """Take what tells of alarms, and the device."""
        super().__init__(board, link)
        self._feed = feed

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        return (
            *super()._follow(),
            self._feed.listen(self._subject, self._take),
        )

    @callback
    def _take(self, facts: dict[str, Any]) -> None:
        shown = {key: fact for key, fact in facts.items() if key not in _ELSEWHERE}
        self._trigger_event(facts["kind"], shown)
        self.async_write_ha_state()
