"""Add a BACnet/IP network to the engine, or change one."""

from dataclasses import replace
from typing import Any, override

from homeassistant.config_entries import (
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)

from ..const import CONF_DECLINED
from ..engine.site_config import BacnetNetworkConfig
from ..setup_flow.engine_place import EnginePlace, interfaces_of, place_of
from ..setup_flow.network_check import NetworkFaultError, open_network
from ..setup_flow.network_form import (
    NetworkFormError,
    network_from_form,
    network_schema,
)
from ..setup_flow.network_steps import NetworkSteps, refuse_taken_port
from ..setup_flow.stopped_engine import stopped_engine
from ..site import network_config, network_subentry
from ..subentries import add_subentries, follow_own_device, networks_of


class BacnetNetworkFlow(
    NetworkSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    ConfigSubentryFlow,
):
    """A network is tried before it is kept."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the network."""
        return await self._ask_network("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change interface, port, instance or BBMD."""
        before = network_config(self._get_reconfigure_subentry().data)
        shown, errors, placeholders = before, {}, {}
        if user_input is not None:
            try:
                shown = network_from_form(before.network_id, user_input)
                return await self._change(before, shown)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            except NetworkFaultError as err:
                errors, placeholders = {err.field: err.key}, err.placeholders
        schema = network_schema(await interfaces_of(self._place()), shown)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders=placeholders,
        )

    @override
    def _place(self) -> EnginePlace:
        return place_of(self.hass, self._get_entry())

    @override
    def _other_networks(self) -> list[BacnetNetworkConfig]:
        return networks_of(self._get_entry())

    @override
    async def _take_devices(
        self, devices: list[ConfigSubentryData]
    ) -> SubentryFlowResult:
        network = network_subentry(self._network(), self._declined(devices))
        add_subentries(self.hass, self._get_entry(), devices)
        return self.async_create_entry(
            title=network["title"],
            data=network["data"],
            unique_id=network["unique_id"],
        )

    async def _change(
        self, before: BacnetNetworkConfig, after: BacnetNetworkConfig
    ) -> SubentryFlowResult:
        """Keep the change; raises NetworkFaultError when it does not work."""
        if replace(after, name=before.name) == before:
            return self._keep(after)
        refuse_taken_port(after, self._other_networks())
        async with stopped_engine(self.hass, self._get_entry()):
            async with open_network(self._place(), after):
                pass
            return self._keep(after)

    def _keep(self, network: BacnetNetworkConfig) -> SubentryFlowResult:
        kept = self._get_reconfigure_subentry()
        follow_own_device(self.hass, self._get_entry(), network)
        subentry = network_subentry(network, kept.data.get(CONF_DECLINED, ()))
        return self.async_update_and_abort(
            self._get_entry(),
            kept,
            title=subentry["title"],
            data=subentry["data"],
        )
