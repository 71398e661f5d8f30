"""The options: who is told of alarms, when it is a flood, what is kept how long."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow

from .alarm_options import (
    OPTION_CLIENT_GONE,
    OPTION_FLOOD_SECONDS,
    OPTION_SILENT_SECONDS,
)
from .const import CONF_FOLLOWS
from .engine.errors import ConfigurationError
from .notify_targets import notify_targets
from .setup_flow.alarm_options_form import (
    limits_from_form,
    limits_schema,
    routing_from_form,
    routing_schema,
)

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
        return self.async_show_menu(step_id="init", menu_options=["routing", "limits"])

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

    def _keep(self, options: dict[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(data={**self.config_entry.options, **options})
