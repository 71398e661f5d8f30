"""Buttons: give a device's points back to it, try parked events again."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actor import actor_of, via_of
from .device_adapter import PlatformEntities
from .engine.models import Access, Point, Verdict, WriteRequest
from .entity import DeviceEntity
from .error_translation import release_failed, translated_errors
from .gateway_button import ReplayParkedButton
from .runtime import PlantroomConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Offer a release of everything we command."""
    entry.runtime_data.adapter.attach(
        PlatformEntities(
            platform=Platform.BUTTON,
            subscription=(ReplayParkedButton,),
            bacnet_device=(ReleaseButton,),
        ),
        async_add_entities,
    )


class ReleaseButton(DeviceEntity, ButtonEntity):
    """Release every point of a device that is commanded at our priority."""

    _key = "release_commands"
    _attr_entity_category = EntityCategory.CONFIG

    @override
    @translated_errors
    async def async_press(self) -> None:
        """Release one point after the other: a small controller is not to choke."""
        actor = await actor_of(self.hass, self._context)
        via = via_of(self.hass, self._context)
        failed = []
        for point in self._commanded_points():
            for priority in self._priorities(point):
                request = WriteRequest(
                    point_id=point.point_id,
                    value=None,
                    priority=priority,
                    actor=actor,
                    allow_reserved=priority is not None,
                    via=via,
                )
                result = await self._link.client.write(request)
                if result.verdict is Verdict.FAILED:
                    failed.append(point.name or point.reference)
        if failed:
            raise release_failed(failed)

    def _priorities(self, point: Point) -> list[int | None]:
        """Return our own priority, None, and those at which leases are open."""
        leases = self._link.client.mirror.leases_of(point.point_id)
        others = {lease.priority for lease in leases} - {self._link.priority, None}
        return [None, *sorted(each for each in others if each is not None)]

    def _commanded_points(self) -> list[Point]:
        """Return the points where our level may hold a value, and those with a lease.

        With a weaker level in command ours is empty; behind a stronger one it may
        wait, and releasing an empty level changes nothing.
        """
        link, mirror = self._link, self._link.client.mirror
        return [
            point
            for point in mirror.points_of(link.device_id)
            if mirror.leases_of(point.point_id)
            or (
                point.access is Access.COMMANDABLE
                and (reading := mirror.readings.get(point.point_id)) is not None
                and reading.priority is not None
                and reading.priority <= link.priority
            )
        ]
