"""The step that adds meters of a device that is there to the Energy dashboard."""

from collections.abc import Sequence
from typing import Any, Final

import probatio
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..energy_dashboard.adding import add_meters
from ..energy_dashboard.meters import FoundMeter, meters_of_device
from ..energy_dashboard.roles import DashboardRole, fits, roles_that_fit
from ..runtime import PlantroomConfigEntry
from ..site import device_id_of_subentry

CONF_METERS: Final = "meters"
CONF_ROLE: Final = "role"


class DeviceDashboardSteps(ConfigSubentryFlow):
    """Add meters at once: they have entities already."""

    async def async_step_on_dashboard(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which meters, and what they are to the building."""
        if "energy" not in self.hass.config.components:
            return self.async_abort(reason="no_dashboard")
        meters = {item.meter.statistic: item for item in self._meters()}
        if not meters:
            return self.async_abort(reason="no_meters")
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = [meters[each] for each in user_input[CONF_METERS]]
            wanted = user_input.get(CONF_ROLE)
            role = DashboardRole(wanted) if wanted else None
            errors = _faults(chosen, role)
            if not errors:
                wishes = [(item.meter, role or item.role) for item in chosen]
                await add_meters(self.hass, wishes)
                return self.async_abort(reason="on_dashboard")
        return self.async_show_form(
            step_id="on_dashboard",
            data_schema=self.add_suggested_values_to_schema(
                self._meters_schema(meters), user_input
            ),
            errors=errors,
        )

    def _meters(self) -> list[FoundMeter]:
        """Return the device's meters, none while the engine does not run."""
        entry: PlantroomConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return []
        device_id = device_id_of_subentry(self._get_reconfigure_subentry())
        return meters_of_device(self.hass, entry.runtime_data.client, device_id)

    def _meters_schema(self, meters: dict[str, FoundMeter]) -> probatio.Schema:
        options = [
            SelectOptionDict(value=each, label=self._label(each)) for each in meters
        ]
        roles = roles_that_fit({item.role for item in meters.values()})
        return probatio.Schema(
            {
                probatio.Required(CONF_METERS, default=[*meters]): SelectSelector(
                    SelectSelectorConfig(
                        options=options, multiple=True, mode=SelectSelectorMode.LIST
                    )
                ),
                probatio.Optional(CONF_ROLE): SelectSelector(
                    SelectSelectorConfig(
                        options=[role.value for role in DashboardRole if role in roles],
                        mode=SelectSelectorMode.DROPDOWN,
                        translation_key="dashboard_role",
                    )
                ),
            }
        )

    def _label(self, entity_id: str) -> str:
        state = self.hass.states.get(entity_id)
        return entity_id if state is None else state.name


def _faults(chosen: Sequence[FoundMeter], role: DashboardRole | None) -> dict[str, str]:
    if not chosen:
        return {CONF_METERS: "no_meter_chosen"}
    if role is not None and not all(fits(item.role, role) for item in chosen):
        return {CONF_ROLE: "role_does_not_fit"}
    return {}
