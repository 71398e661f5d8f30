"""Set up Plantroom: the first network and its devices; offer devices seen later."""

from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.hassio import is_hassio
from homeassistant.helpers.typing import DiscoveryInfoType

from .const import (
    CONF_FOLLOWS,
    DIRECT,
    DOMAIN,
    SUBENTRY_ALARM_RULE,
    SUBENTRY_DEVICE,
    SUBENTRY_LINE,
    SUBENTRY_NETWORK,
    SUBENTRY_SECURE_HUB,
    SUBENTRY_SECURE_NETWORK,
    SUBENTRY_STORE,
    SUBENTRY_SUBSCRIPTION,
    SUBENTRY_UNIT,
)
from .device_offers import OFFER_DEVICE, OFFER_ENTRY
from .engine.modbus.configuration import ModbusLineConfig
from .engine.models import FoundDevice
from .engine.secure_connect.configuration import SecureNetworkConfig
from .engine.site_config import BacnetNetworkConfig
from .gateway_subentries import has_gateway
from .modbus_subentries import line_subentry
from .options_flow import PlantroomOptionsFlow
from .setup_flow.change_steps import ChangeSteps
from .setup_flow.device_labels import device_title
from .setup_flow.engine_place import EnginePlace, InHomeAssistant, OnServer
from .setup_flow.modbus_line_steps import LineSteps
from .setup_flow.network_steps import NetworkSteps
from .site import device_subentry, device_unique_id, network_subentry
from .subentries import add_subentries, configured_ids, network_of
from .subentry_flows.alarm_rule import AlarmRuleFlow
from .subentry_flows.bacnet_device import BacnetDeviceFlow
from .subentry_flows.bacnet_network import BacnetNetworkFlow
from .subentry_flows.event_store import EventStoreFlow
from .subentry_flows.event_subscription import EventSubscriptionFlow
from .subentry_flows.followed import FollowedFlow, FollowedOptionsFlow
from .subentry_flows.modbus_device import ModbusDeviceFlow
from .subentry_flows.modbus_line import ModbusLineFlow
from .subentry_flows.secure_hub import SecureHubFlow
from .subentry_flows.secure_network import SecureNetworkFlow


class PlantroomConfigFlow(
    NetworkSteps[ConfigFlowContext, ConfigFlowResult, str],
    LineSteps[ConfigFlowContext, ConfigFlowResult, str],
    ChangeSteps,
    domain=DOMAIN,
):
    """One entry is one engine; its networks and devices are subentries."""

    VERSION = 1
    MINOR_VERSION = 1

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        flows: dict[str, type[ConfigSubentryFlow]] = {
            SUBENTRY_NETWORK: BacnetNetworkFlow,
            SUBENTRY_DEVICE: BacnetDeviceFlow,
            SUBENTRY_LINE: ModbusLineFlow,
            SUBENTRY_UNIT: ModbusDeviceFlow,
            SUBENTRY_ALARM_RULE: AlarmRuleFlow,
            SUBENTRY_SECURE_NETWORK: SecureNetworkFlow,
            SUBENTRY_SECURE_HUB: SecureHubFlow,
        }
        if has_gateway(config_entry):
            flows |= {
                SUBENTRY_STORE: EventStoreFlow,
                SUBENTRY_SUBSCRIPTION: EventSubscriptionFlow,
            }
        if config_entry.data.get(CONF_FOLLOWS):
            return dict.fromkeys(flows, FollowedFlow)
        return flows

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        if config_entry.data.get(CONF_FOLLOWS):
            return FollowedOptionsFlow()
        return PlantroomOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the engine runs."""
        app = ["app"] if is_hassio(self.hass) else []
        return self.async_show_menu(
            step_id="user", menu_options=["direct", *app, "server"]
        )

    async def async_step_direct(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Run the engine in Home Assistant; there is only one of these."""
        await self._refuse_second_engine()
        return await self.async_step_protocol()

    async def async_step_bacnet_network(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the first network."""
        return await self._ask_network(SUBENTRY_NETWORK, user_input)

    async def async_step_modbus_line(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the first line."""
        return await self._ask_line(SUBENTRY_LINE, user_input)

    @override
    async def async_step_integration_discovery(
        self, discovery_info: DiscoveryInfoType
    ) -> ConfigFlowResult:
        """Offer a device that announced itself to a running engine."""
        found: FoundDevice = discovery_info[OFFER_DEVICE]
        await self.async_set_unique_id(
            device_unique_id(found.network_id, found.instance)
        )
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {
            "name": device_title(found) or str(found.instance)
        }
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add the device offered to the entry that saw it."""
        found: FoundDevice = self.init_data[OFFER_DEVICE]
        entry, network = self._offering_network(found)
        title = device_title(found) or str(found.instance)
        if user_input is not None:
            add_subentries(self.hass, entry, [device_subentry(found)])
            return self.async_abort(
                reason="device_added", description_placeholders={"device": title}
            )
        return self.async_show_form(
            step_id="confirm",
            description_placeholders={
                "device": title,
                "network": network.name,
                "instance": str(found.instance),
                "address": found.address,
            },
        )

    def _offering_network(
        self, found: FoundDevice
    ) -> tuple[ConfigEntry, BacnetNetworkConfig | SecureNetworkConfig]:
        """Return where the device goes; aborts when it is there or nowhere."""
        entry = self.hass.config_entries.async_get_entry(self.init_data[OFFER_ENTRY])
        if entry is None:
            raise AbortFlow("network_gone")
        network = network_of(entry, found.network_id)
        if network is None:
            raise AbortFlow("network_gone")
        if self.unique_id in configured_ids(entry):
            raise AbortFlow("already_configured")
        return entry, network

    @override
    def _place(self) -> EnginePlace:
        if self._settings is None:
            return InHomeAssistant(self.hass)
        return OnServer(self.hass, self._settings)

    @override
    def _other_networks(self) -> list[BacnetNetworkConfig]:
        return []

    @override
    def _other_lines(self) -> list[ModbusLineConfig]:
        return []

    @override
    async def _take_devices(
        self, devices: list[ConfigSubentryData]
    ) -> ConfigFlowResult:
        network = network_subentry(self._network(), self._declined(devices))
        return await self._create(network, *devices)

    @override
    async def _take_units(self, units: list[ConfigSubentryData]) -> ConfigFlowResult:
        return await self._create(line_subentry(self._line()), *units)

    async def _create(self, *subentries: ConfigSubentryData) -> ConfigFlowResult:
        if self._settings is None:
            await self._refuse_second_engine()
        title, data = self._entry_facts()
        return self.async_create_entry(title=title, data=data, subentries=subentries)

    async def _refuse_second_engine(self) -> None:
        await self.async_set_unique_id(DIRECT, raise_on_progress=False)
        self._abort_if_unique_id_configured(error="already_set_up")
