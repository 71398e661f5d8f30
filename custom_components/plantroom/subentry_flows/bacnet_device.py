"""Add devices of a configured network, or change how one is served."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, override

import probatio
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryData,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.const import CONF_ADDRESS
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)

from ..client import EngineClient
from ..const import CONF_METERING, CONF_NETWORK_ID
from ..engine.energy.configuration import MeteringConfig
from ..engine.errors import ConnectionLostError
from ..engine.models import FoundDevice, Point
from ..engine.secure_connect.configuration import SecureNetworkConfig
from ..engine.site_config import BacnetNetworkConfig
from ..modbus_subentries import metering_data
from ..runtime import PlantroomConfigEntry
from ..setup_flow.device_form import answers_to_data, device_schema
from ..setup_flow.device_search import DeviceSearch
from ..setup_flow.last_search import last_found
from ..setup_flow.metering_steps import MeteringSteps
from ..site import device_config
from ..subentries import (
    add_subentries,
    configured_ids,
    network_of,
    searchable_networks_of,
)
from .device_alarms import DeviceAlarmSteps
from .device_dashboard import DeviceDashboardSteps
from .device_history import DeviceHistorySteps


class BacnetDeviceFlow(
    DeviceSearch[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    MeteringSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    DeviceDashboardSteps,
    DeviceAlarmSteps,
    DeviceHistorySteps,
):
    """Devices are found by the engine that runs, so that its port stays its own."""

    def __init__(self) -> None:
        """Start without a network."""
        super().__init__()
        self._network_id = ""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the network, where there are several."""
        entry: PlantroomConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        networks = searchable_networks_of(entry)
        if not networks:
            return self.async_abort(reason="no_networks")
        if user_input is None and len(networks) > 1:
            return self.async_show_form(
                step_id="user", data_schema=_network_choice(networks)
            )
        chosen = user_input or {CONF_NETWORK_ID: networks[0].network_id}
        self._network_id = chosen[CONF_NETWORK_ID]
        seen = ["last_search"] if self._seen() else []
        return self.async_show_menu(
            step_id="how",
            menu_options=[*seen, *self._ways_on],
            description_placeholders={"network": self._network().name},
        )

    async def async_step_how(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose between a search and an address."""
        return await self.async_step_user({CONF_NETWORK_ID: self._network_id})

    async def async_step_last_search(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose among what the last search found and nobody added."""
        self._found = self._seen()
        self._asked_by_address = False
        return await self.async_step_devices()

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["options", "alarms", "metering", "on_dashboard", "history"],
            description_placeholders={"device": self._get_reconfigure_subentry().title},
        )

    async def async_step_options(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change how the device is read, written and named."""
        subentry = self._get_reconfigure_subentry()
        points = self._points_of(device_config(subentry.data).device_id)
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                data = answers_to_data(subentry.data, user_input)
            except ValueError:
                errors[CONF_ADDRESS] = "bad_address"
            else:
                return self.async_update_and_abort(
                    self._get_entry(), subentry, data=data
                )
        schema = device_schema(subentry.data, points)
        return self.async_show_form(
            step_id="options",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"device": subentry.title},
        )

    @override
    def _metering(self) -> MeteringConfig:
        return device_config(self._get_reconfigure_subentry().data).metering

    @override
    def _metered_points(self) -> list[Point]:
        data = self._get_reconfigure_subentry().data
        return self._points_of(device_config(data).device_id)

    @override
    async def _keep_metering(self, config: MeteringConfig) -> SubentryFlowResult:
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            data_updates={CONF_METERING: metering_data(config)},
        )

    @override
    def _network(self) -> BacnetNetworkConfig | SecureNetworkConfig:
        network = network_of(self._get_entry(), self._network_id)
        if network is None:
            raise AbortFlow("network_gone")
        return network

    @override
    def _engine(self) -> AbstractAsyncContextManager[EngineClient]:
        return _running_engine(self._get_entry())

    @override
    def _known(self) -> set[str | None]:
        return configured_ids(self._get_entry())

    @override
    async def _take_devices(
        self, devices: list[ConfigSubentryData]
    ) -> SubentryFlowResult:
        known = self._known()
        fresh = [device for device in devices if device["unique_id"] not in known]
        if not fresh:
            return self.async_abort(reason="already_configured")
        first, *rest = fresh
        add_subentries(self.hass, self._get_entry(), rest)
        return self.async_create_entry(
            title=first["title"], data=first["data"], unique_id=first["unique_id"]
        )

    def _seen(self) -> tuple[FoundDevice, ...]:
        return self._new(last_found(self.hass, self._network_id))

    def _points_of(self, device_id: str) -> list[Point]:
        """Return the points known; none while the engine does not run."""
        entry: PlantroomConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return []
        return entry.runtime_data.client.mirror.points_of(device_id)


@asynccontextmanager
async def _running_engine(
    entry: PlantroomConfigEntry,
) -> AsyncGenerator[EngineClient]:
    if entry.state is not ConfigEntryState.LOADED:
        raise ConnectionLostError("Plantroom is not running")
    yield entry.runtime_data.client


def _network_choice(
    networks: Sequence[BacnetNetworkConfig | SecureNetworkConfig],
) -> probatio.Schema:
    options = [
        SelectOptionDict(value=network.network_id, label=network.name)
        for network in networks
    ]
    selector = SelectSelector(SelectSelectorConfig(options=options))
    return probatio.Schema({probatio.Required(CONF_NETWORK_ID): selector})
