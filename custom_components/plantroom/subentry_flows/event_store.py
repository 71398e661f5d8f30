"""Add an event store that events come from, or change one."""

from typing import Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult

from ..engine.gateway.configuration import EventStoreConfig, StoreKind
from ..gateway_subentries import (
    event_store,
    event_store_data,
    event_store_unique_id,
)
from ..setup_flow.event_store_steps import EventStoreSteps


class EventStoreFlow(EventStoreSteps):
    """The running engine takes a store without a reload."""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the kind; of our own log there is one."""
        if obstacle := self._obstacle():
            return self.async_abort(reason=obstacle)
        if self._has_own_log():
            return await self.async_step_kurrentdb()
        return self.async_show_menu(
            step_id="user", menu_options=["own_log", "kurrentdb"]
        )

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change how the store is reached, or how events come into it."""
        if obstacle := self._obstacle():
            return self.async_abort(reason=obstacle)
        kept = self._get_reconfigure_subentry()
        self._store, self._store_name = event_store(kept.data), kept.title
        if self._store.kind is StoreKind.EMBEDDED:
            return await self.async_step_own_log()
        return await self.async_step_kurrentdb()

    @override
    async def _take_store(
        self, store: EventStoreConfig, name: str
    ) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=name,
                data=event_store_data(store),
            )
        return self.async_create_entry(
            title=name,
            data=event_store_data(store),
            unique_id=event_store_unique_id(store.store_id),
        )
