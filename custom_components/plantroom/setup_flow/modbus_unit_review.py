"""The steps that show what units say now, before they are taken."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.data_entry_flow import FlowContext, FlowResult

from ..client import EngineClient
from ..engine.errors import PlantroomError
from ..engine.modbus.configuration import ModbusDeviceConfig
from ..engine.models import FoundDevice, Quantity
from ..engine.requests import PreviewRequest
from ..failure_text import failure_text
from ..modbus_subentries import unit_subentry
from ..unit_places import load_place_texts, unit_place
from .dashboard_steps import DashboardSteps
from .modbus_labels import unit_name
from .modbus_line_work import FAILURES
from .modbus_unit_search import UnitSearch
from .modbus_values import values_table

READING_SECONDS: Final = 120.0
MOST_READ: Final = 8
ROWS_A_UNIT: Final = 6


class UnitReview[C: FlowContext, R: FlowResult[Any, Any], H](
    UnitSearch[C, R, H], DashboardSteps[C, R, H]
):
    """Several units that a profile fits are looked at, then taken together."""

    def __init__(self) -> None:
        """Start with no unit chosen."""
        super().__init__()
        self._reviewed: list[FoundDevice] = []
        self._tables = ""
        self._quantities: dict[int, set[Quantity]] = {}

    async def _review(self, chosen: list[FoundDevice]) -> R:
        """Show the values of units whose profile is known."""
        self._reviewed = chosen
        return await self.async_step_reading()

    async def async_step_reading(self, _user_input: dict[str, Any] | None = None) -> R:
        """Read what the units chosen say now."""
        if self._work is None:
            self._begin(self._read_units, count=str(len(self._reviewed)))
        return self._show_work("reading", self._after_reading)

    async def async_step_found_values(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Show the values, so that a person sees that they are right."""
        return self.async_show_menu(
            step_id="found_values",
            menu_options=["take_units", "units"],
            description_placeholders={"values": self._tables},
        )

    async def async_step_take_units(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Take the units as they are."""
        return await self._offer_dashboard(
            [
                (self._subentry(unit), self._quantities.get(unit.instance, set()))
                for unit in self._reviewed
            ]
        )

    async def _read_units(self) -> str:
        """Return what the units chosen say, or why that cannot be had."""
        try:
            return await self._tables_of_units()
        except FAILURES as err:
            return f"— {await failure_text(self.hass, err)}"

    async def _tables_of_units(self) -> str:
        """Return a table of values for each of the first units chosen."""
        tables = []
        await load_place_texts(self.hass)
        async with asyncio.timeout(READING_SECONDS), self._line_engine() as client:
            for unit in self._reviewed[:MOST_READ]:
                place = unit_place(self.hass, unit.instance, self._line().name)
                title = f"**{unit_name(unit)}** ({place})" if unit_name(unit) else place
                tables.append(f"{title}\n\n{await self._table_of(client, unit)}")
            for unit in self._reviewed[MOST_READ:]:
                await self._look_up(client, unit)
        return "\n\n".join(tables)

    async def _table_of(self, client: EngineClient, unit: FoundDevice) -> str:
        try:
            preview = await client.preview(_request(unit))
        except PlantroomError as err:
            return f"— {await failure_text(self.hass, err)}"
        self._quantities[unit.instance] = {
            point.quantity for point, _ in preview.points
        }
        return await values_table(self.hass, preview.points, ROWS_A_UNIT)

    async def _look_up(self, client: EngineClient, unit: FoundDevice) -> None:
        """Learn what a unit measures that is one too many to be read now."""
        try:
            points = await client.register_map(_request(unit))
        except PlantroomError:
            return
        self._quantities[unit.instance] = {point.quantity for point in points}

    def _after_reading(self, reading: asyncio.Task[str]) -> str:
        self._tables = reading.result()
        return "found_values"

    def _subentry(self, unit: FoundDevice) -> ConfigSubentryData:
        return unit_subentry(
            ModbusDeviceConfig(
                network_id=unit.network_id,
                unit_id=unit.instance,
                name=unit_name(unit) or f"{self._line().name} {unit.instance}",
                profile=unit.profile,
            )
        )


def _request(unit: FoundDevice) -> PreviewRequest:
    return PreviewRequest(
        network_id=unit.network_id, unit_id=unit.instance, profile=unit.profile
    )
