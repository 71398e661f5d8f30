"""A to-do list of the alarms that somebody has to take note of."""

from collections.abc import Callable, Iterable
from functools import partial
from heapq import nsmallest
from typing import Final, override

from homeassistant.components.todo import (
    TodoItem,
    TodoItemStatus,
    TodoListEntity,
    TodoListEntityFeature,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .actor import actor_of, via_of
from .alarm_board import AlarmBoard
from .alarm_entity import AlarmEntity, AlarmLink
from .alarm_places import AlarmPlaces
from .alarm_sentences import severity_text
from .alarm_summary import needs_note
from .const import DOMAIN
from .device_adapter import PlatformEntities
from .engine.alarms.models import Alarm, rank_of
from .engine.alarms.requests import AcknowledgeRequest
from .engine.alarms.texts import shown_value
from .error_translation import translated_errors
from .runtime import PlantroomConfigEntry

PARALLEL_UPDATES = 1

MOST_ITEMS: Final = 500


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """List the alarms of the site."""
    adapter = entry.runtime_data.adapter
    alarms = partial(AlarmList, adapter.alarm_board, AlarmPlaces(hass, adapter))
    adapter.attach(
        PlatformEntities(platform=Platform.TODO, site=(alarms,)), async_add_entities
    )


class AlarmList(AlarmEntity, TodoListEntity):
    """Open alarms; ticking one off acknowledges it.

    What is acknowledged stays, ticked off, until it is over. The alarms that matter
    most come first, MOST_ITEMS of them.
    """

    _key = "alarms"
    _attr_supported_features = TodoListEntityFeature.UPDATE_TODO_ITEM

    def __init__(self, board: AlarmBoard, places: AlarmPlaces, link: AlarmLink) -> None:
        """Take the summaries, what knows where alarms are, and the site."""
        super().__init__(board, link)
        self._places = places
        self._items: list[TodoItem] | None = None

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        """Return the alarms, severest first, then newest."""
        if self._items is None:
            alarms = (
                alarm
                for alarm in self._link.client.mirror.alarms.values()
                if not alarm.informative
            )
            first = nsmallest(MOST_ITEMS, alarms, key=_order)
            self._items = [self._item(alarm) for alarm in first]
        return self._items

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        return (self._board.listen(self._subject, self._refresh),)

    @callback
    def _refresh(self) -> None:
        self._items = None
        self.async_write_ha_state()

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Acknowledge what was ticked off; nothing else can be changed here."""
        known = next((each for each in self.todo_items if each.uid == item.uid), None)
        if known is None:
            raise _refusal("alarm_is_over")
        if item.summary != known.summary:
            raise _refusal("alarm_has_its_text")
        if item.status == known.status:
            return
        if item.status != TodoItemStatus.COMPLETED:
            raise _refusal("acknowledged_for_good")
        await self._acknowledge(item.uid or "")

    @translated_errors
    async def _acknowledge(self, alarm_id: str) -> None:
        actor = await actor_of(self.hass, self._context)
        await self._link.client.acknowledge_alarm(
            AcknowledgeRequest(
                alarm_id=alarm_id, actor=actor, via=via_of(self.hass, self._context)
            )
        )

    def _item(self, alarm: Alarm) -> TodoItem:
        waits = needs_note(alarm)
        return TodoItem(
            uid=alarm.alarm_id,
            summary=alarm.text or alarm.name,
            status=TodoItemStatus.NEEDS_ACTION if waits else TodoItemStatus.COMPLETED,
            description=self._description(alarm),
            completed=None if waits else alarm.acknowledged_at,
        )

    def _description(self, alarm: Alarm) -> str:
        """Return severity, device, time and value in one line."""
        point = self._link.client.mirror.points.get(alarm.point_id)
        raised = dt_util.as_local(alarm.raised_at)
        facts = (
            severity_text(self.hass, alarm.severity),
            self._places.of(alarm).device,
            f"{raised:%Y-%m-%d %H:%M}",
            shown_value(point, alarm.value),
        )
        return " · ".join(fact for fact in facts if fact)


def _order(alarm: Alarm) -> tuple[bool, int, float]:
    return not needs_note(alarm), -rank_of(alarm.severity), -alarm.raised_at.timestamp()


def _refusal(translation_key: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=translation_key
    )
