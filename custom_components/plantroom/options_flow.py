"""The options: who is told of alarms, floods, what is kept, events, routing."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow

from .alarm_options import (
    OPTION_CLIENT_GONE,
    OPTION_FLOOD_SECONDS,
    OPTION_SILENT_SECONDS,
)
from .const import CONF_FOLLOWS
from .engine.errors import ConfigurationError
from .gateway_options import OPTION_GATEWAY, gateway_option, shared_options
from .gateway_subentries import event_stores_of, has_gateway
from .notify_targets import notify_targets
from .secure_subentries import OPTION_ROUTED, has_server
from .setup_flow.alarm_options_form import (
    limits_from_form,
    limits_schema,
    routing_from_form,
    routing_schema,
)
from .setup_flow.gateway_options_form import (
    gateway_from_form,
    gateway_options_schema,
)
from .setup_flow.internetwork_form import (
    internetwork_from_form,
    internetwork_schema,
)
from .setup_flow.network_form import NetworkFormError
from .subentries import searchable_networks_of

_ERRORS: Final = {
    OPTION_CLIENT_GONE: "bad_client_gone_seconds",
    OPTION_FLOOD_SECONDS: "bad_flood_seconds",
    OPTION_SILENT_SECONDS: "bad_silent_seconds",
}


class PlantroomOptionsFlow(OptionsFlow):
    """The running engine takes each of them without a reload."""

    async def async_step_init(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose what to change."""
        if self.config_entry.data.get(CONF_FOLLOWS):
            return self.async_abort(reason="followed")
        events = ["events"] if has_gateway(self.config_entry) else []
        between = ["internetwork"] if _may_route(self.config_entry) else []
        return self.async_show_menu(
            step_id="init", menu_options=["routing", "limits", *events, *between]
        )

    async def async_step_routing(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask who is told of alarms of each severity."""
        if user_input is not None:
            return self._keep(routing_from_form(user_input))
        targets = notify_targets(self.hass)
        return self.async_show_form(
            step_id="routing",
            data_schema=routing_schema(self.config_entry.options, targets),
        )

    async def async_step_limits(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the severity of new rules, the flood, and what is kept."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                options = limits_from_form(user_input)
            except ConfigurationError as err:
                field = err.facts["field"]
                errors[field] = _ERRORS.get(field, "bad_number")
            else:
                return self._keep(options)
        return self.async_show_form(
            step_id="limits",
            data_schema=self.add_suggested_values_to_schema(
                limits_schema(self.config_entry.options), user_input
            ),
            errors=errors,
        )

    async def async_step_events(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what all event subscriptions share."""
        before, errors = shared_options(self.config_entry.options), dict[str, str]()
        if user_input is not None:
            stores = [store for _, store in event_stores_of(self.config_entry)]
            try:
                gateway = gateway_from_form(before, user_input, stores)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            else:
                return self._keep({OPTION_GATEWAY: gateway_option(gateway)})
        return self.async_show_form(
            step_id="events",
            data_schema=gateway_options_schema(before),
            errors=errors,
        )

    async def async_step_internetwork(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask between which BACnet networks the server routes."""
        networks = searchable_networks_of(self.config_entry)
        routed = self.config_entry.options.get(OPTION_ROUTED, {})
        errors = dict[str, str]()
        if user_input is not None:
            try:
                asked = internetwork_from_form(networks, user_input)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            else:
                return self._keep({OPTION_ROUTED: asked})
        return self.async_show_form(
            step_id="internetwork",
            data_schema=self.add_suggested_values_to_schema(
                internetwork_schema(networks, routed), user_input
            ),
            errors=errors,
        )

    def _keep(self, options: dict[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(data={**self.config_entry.options, **options})


def _may_route(entry: ConfigEntry) -> bool:
    """Return whether a server has BACnet networks to route between."""
    return has_server(entry) and len(searchable_networks_of(entry)) > 1
