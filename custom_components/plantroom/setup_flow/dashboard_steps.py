"""The step that asks which new meters belong on the Energy dashboard."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_DASHBOARD_ROLE
from ..energy_dashboard.roles import DashboardRole, natural_roles, roles_that_fit
from ..engine.models import Quantity


class DashboardSteps[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H]):
    """Ask once for all new meters; what was chosen is done when they have entities."""

    def __init__(self) -> None:
        """Start with nothing to ask about."""
        super().__init__()
        self._units_asked: list[ConfigSubentryData] = []
        self._roles: dict[str, set[DashboardRole]] = {}

    @abstractmethod
    async def _take_units(self, units: list[ConfigSubentryData]) -> R:
        """End the flow with the devices chosen."""

    async def _offer_dashboard(
        self, units: Sequence[tuple[ConfigSubentryData, Collection[Quantity]]]
    ) -> R:
        """Take the units, after a question where some are meters."""
        self._units_asked = [unit for unit, _ in units]
        self._roles = {
            _key(unit): natural_roles(quantities) for unit, quantities in units
        }
        if "energy" in self.hass.config.components and any(self._roles.values()):
            return await self.async_step_dashboard()
        return await self._take_units(self._units_asked)

    async def async_step_dashboard(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask what each meter is to the building."""
        if user_input is None:
            return self.async_show_form(
                step_id="dashboard", data_schema=self._dashboard_schema()
            )
        role_of = {
            key: role.value for role in _ASKED for key in user_input.get(role.value, ())
        }
        return await self._take_units(
            [
                _wishing(unit, role_of[_key(unit)]) if _key(unit) in role_of else unit
                for unit in self._units_asked
            ]
        )

    def _dashboard_schema(self) -> probatio.Schema:
        """Return a field for each role that a unit can have, ticked where it is clear."""
        fields: dict[Any, Any] = {}
        for role in _ASKED:
            fitting = [
                unit
                for unit in self._units_asked
                if role in roles_that_fit(self._roles[_key(unit)])
            ]
            if not fitting:
                continue
            default = [_key(u) for u in fitting if role in self._roles[_key(u)]]
            fields[probatio.Optional(role.value, default=default)] = _choice(fitting)
        return probatio.Schema(fields)


# The last role that a unit is ticked for counts: from the usual to the particular
_ASKED: Final = (
    DashboardRole.CONSUMER,
    DashboardRole.GRID,
    DashboardRole.SOLAR,
    DashboardRole.GAS,
    DashboardRole.WATER,
)


def _choice(units: Sequence[ConfigSubentryData]) -> SelectSelector:
    options = [SelectOptionDict(value=_key(u), label=u["title"]) for u in units]
    return SelectSelector(
        SelectSelectorConfig(
            options=options, multiple=True, mode=SelectSelectorMode.LIST
        )
    )


def _key(unit: ConfigSubentryData) -> str:
    return str(unit["unique_id"])


def _wishing(unit: ConfigSubentryData, role: str) -> ConfigSubentryData:
    wish = unit.copy()
    wish["data"] = {**unit["data"], CONF_DASHBOARD_ROLE: role}
    return wish
