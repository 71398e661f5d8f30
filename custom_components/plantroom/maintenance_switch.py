"""A switch that keeps the alarms of a device, a network or the site quiet."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import EntityCategory

from .actor import actor_of, via_of
from .alarm_entity import AlarmEntity
from .engine.alarms.models import Maintenance
from .engine.alarms.requests import MaintenanceRequest
from .error_translation import translated_errors


class MaintenanceSwitch(AlarmEntity, SwitchEntity):
    """Maintenance that was begun here: on until somebody ends it, or its end comes.

    That of a whole network does not turn on its devices' switches: each ends what it
    began.
    """

    _key = "maintenance_mode"
    _attr_entity_category = EntityCategory.CONFIG
    _unrecorded_attributes = frozenset({"comment"})

    @property
    @override
    def is_on(self) -> bool:
        """Return whether maintenance of exactly this goes on."""
        return self._own is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, until when (None: without an end), who and why."""
        own = self._own
        if own is None:
            return {}
        return {
            "since": own.since,
            "until": own.until,
            "actor": own.actor,
            "comment": own.comment,
        }

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Begin maintenance without an end."""
        await self._set(active=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """End it."""
        await self._set(active=False)

    @translated_errors
    async def _set(self, *, active: bool) -> None:
        if active == bool(self.is_on):
            # One that has an end would lose it
            return
        actor = await actor_of(self.hass, self._context)
        await self._link.client.set_maintenance(
            MaintenanceRequest(
                subject=self._subject,
                active=active,
                actor=actor,
                via=via_of(self.hass, self._context),
            )
        )

    @property
    def _own(self) -> Maintenance | None:
        running = self._link.client.mirror.maintenance
        return next((each for each in running if each.subject == self._subject), None)
