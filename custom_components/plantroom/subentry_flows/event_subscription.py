"""Add a subscription whose events become objects of our own device, or change one."""

from dataclasses import replace
from typing import Any, Final, override
from uuid import uuid4

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import AbortFlow

from ..const import CONF_NETWORK_ID, CONF_OWN, SUBENTRY_DEVICE
from ..engine.gateway.configuration import EventStoreConfig, SubscriptionConfig
from ..gateway_subentries import (
    event_store_subentry,
    event_stores_of,
    subscription,
    subscription_subentry,
    subscriptions_of,
)
from ..setup_flow.event_store_steps import EventStoreSteps
from ..setup_flow.network_form import NetworkFormError
from ..setup_flow.subscription_form import (
    CONF_SHOW,
    KURRENTDB_CHOICE,
    OWN_LOG_CHOICE,
    is_same_source,
    refuse_taken_group,
    store_selector,
    subscription_from_form,
    subscription_schema,
)
from ..site import own_device_subentry
from ..subentries import (
    add_subentries,
    network_of,
    serving_networks_of,
)

CONF_STORE: Final = "store"


class EventSubscriptionFlow(EventStoreSteps):
    """Where events come from, then which of them and what they become."""

    def __init__(self) -> None:
        """Start with a store that has to be chosen."""
        super().__init__()
        self._new_store: tuple[EventStoreConfig, str] | None = None
        self._store_id = ""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the event store, or describe a new one."""
        if obstacle := self._obstacle():
            return self.async_abort(reason=obstacle)
        if not serving_networks_of(self._get_entry()):
            return self.async_abort(reason="no_networks")
        if user_input is not None:
            return await self._choose_store(user_input[CONF_STORE])
        stores = event_stores_of(self._get_entry())
        selector = store_selector(stores, has_own_log=self._has_own_log())
        first = stores[0][1].store_id if stores else OWN_LOG_CHOICE
        return self.async_show_form(
            step_id="user",
            data_schema=probatio.Schema(
                {probatio.Required(CONF_STORE, default=first): selector}
            ),
        )

    async def async_step_stream(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which events, and of which network's device they make objects."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                config = self._asked(uuid4().hex[:8], self._store_id, user_input)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            else:
                return self._create(config, user_input)
        schema = subscription_schema(serving_networks_of(self._get_entry()), None)
        return self.async_show_form(
            step_id="stream",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change which events are followed; the store stays."""
        if obstacle := self._obstacle():
            return self.async_abort(reason=obstacle)
        kept = self._get_reconfigure_subentry()
        before = subscription(kept.data)
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                after = self._asked(before.subscription_id, before.store_id, user_input)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            else:
                return self._change(before, after, user_input)
        schema = subscription_schema(
            serving_networks_of(self._get_entry()),
            before,
            kept.title,
            shows_objects=self._own_device(before.network_id) is not None,
        )
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
        )

    @override
    async def _take_store(
        self, store: EventStoreConfig, name: str
    ) -> SubentryFlowResult:
        self._new_store, self._store_id = (store, name), store.store_id
        return await self.async_step_stream()

    async def _choose_store(self, choice: str) -> SubentryFlowResult:
        if choice == OWN_LOG_CHOICE:
            return await self.async_step_own_log()
        if choice == KURRENTDB_CHOICE:
            return await self.async_step_kurrentdb()
        self._store_id = choice
        return await self.async_step_stream()

    def _asked(
        self, subscription_id: str, store_id: str, answers: dict[str, Any]
    ) -> SubscriptionConfig:
        """Return what the form's answers ask for; raises NetworkFormError."""
        config = subscription_from_form(subscription_id, store_id, answers)
        refuse_taken_group(config, subscriptions_of(self._get_entry()))
        return config

    def _create(
        self, config: SubscriptionConfig, answers: dict[str, Any]
    ) -> SubentryFlowResult:
        """Add store, subscription and the device that its objects are seen on."""
        if self._new_store is not None:
            added = [event_store_subentry(*self._new_store)]
            add_subentries(self.hass, self._get_entry(), added)
        self._show_objects(config.network_id, wanted=answers[CONF_SHOW])
        made = subscription_subentry(config, answers[CONF_NAME].strip())
        return self.async_create_entry(
            title=made["title"], data=made["data"], unique_id=made["unique_id"]
        )

    def _change(
        self,
        before: SubscriptionConfig,
        after: SubscriptionConfig,
        answers: dict[str, Any],
    ) -> SubentryFlowResult:
        """Keep the change; of other events the server begins anew, under a new id."""
        if not is_same_source(before, after):
            after = replace(after, subscription_id=uuid4().hex[:8])
        self._show_objects(after.network_id, wanted=answers[CONF_SHOW])
        made = subscription_subentry(after, answers[CONF_NAME].strip())
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            unique_id=made["unique_id"],
            title=made["title"],
            data=made["data"],
        )

    def _show_objects(self, network_id: str, *, wanted: bool) -> None:
        """Add or remove the device that we are on a network."""
        entry, own = self._get_entry(), self._own_device(network_id)
        if wanted and own is None:
            network = network_of(entry, network_id)
            if network is None:
                raise AbortFlow("network_gone")
            add_subentries(self.hass, entry, [own_device_subentry(network)])
        if not wanted and own is not None:
            self.hass.config_entries.async_remove_subentry(entry, own.subentry_id)

    def _own_device(self, network_id: str) -> ConfigSubentry | None:
        """Return the device that we are on a network, None where it is not shown."""
        for item in self._get_entry().get_subentries_of_type(SUBENTRY_DEVICE):
            if item.data.get(CONF_OWN) and item.data[CONF_NETWORK_ID] == network_id:
                return item
        return None
