"""A device seems to have its words the other way round: both readings are shown."""

import asyncio
from typing import Final

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .client import EngineClient
from .const import CONF_SWAP_WORDS, DOMAIN
from .engine.errors import PlantroomError
from .engine.modbus.configuration import ModbusDeviceConfig
from .engine.models import ProblemCode
from .engine.requests import Preview, PreviewRequest
from .failure_text import failure_text
from .modbus_subentries import unit_config
from .repair_flow import DeviceRepairFlow
from .setup_flow.modbus_values import markdown_table, value_text
from .site import device_id_of_subentry
from .subentries import device_subentries

READING_SECONDS: Final = 30.0
MOST_ROWS: Final = 10
_TEXTS: Final = f"component.{DOMAIN}.selector.word_order_table.options."


class WordOrderFlow(DeviceRepairFlow):
    """Exchange the words of every value with one press, or keep them as they are."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show the doubted values as they are read and as they would be."""
        subentry = self._subentry()
        if subentry is None:
            return self.async_abort(reason="device_gone")
        return self.async_show_menu(
            step_id="init",
            menu_options=["swap", "keep"],
            description_placeholders={
                **self._placeholders(),
                "values": await self._values(unit_config(subentry.data)),
            },
        )

    async def async_step_swap(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Read the device with its words exchanged from now on."""
        subentry = self._subentry()
        if subentry is None:
            return self.async_abort(reason="device_gone")
        swapped = not unit_config(subentry.data).swap_words
        self.hass.config_entries.async_update_subentry(
            self._entry, subentry, data={**subentry.data, CONF_SWAP_WORDS: swapped}
        )
        return self.async_create_entry(data={})

    async def async_step_keep(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Believe the values, strange as they are."""
        self._ignore()
        return self.async_abort(reason="kept")

    def _subentry(self) -> ConfigSubentry | None:
        for subentry, _ in device_subentries(self._entry):
            if device_id_of_subentry(subentry) == self._device_id:
                return subentry
        return None

    def _doubted(self) -> frozenset[str]:
        """Return the references that the engine named."""
        for problem in self._entry.runtime_data.client.mirror.problems:
            if (problem.code, problem.subject) == (
                ProblemCode.WORD_ORDER_SUSPECTED,
                self._device_id,
            ):
                return frozenset(problem.facts.get("points", "").split(", "))
        return frozenset()

    async def _values(self, config: ModbusDeviceConfig) -> str:
        client = self._entry.runtime_data.client
        try:
            async with asyncio.timeout(READING_SECONDS):
                now = await _preview(client, config, config.swap_words)
                other = await _preview(client, config, not config.swap_words)
        except (PlantroomError, TimeoutError) as err:
            return f"— {await failure_text(self.hass, err)}"
        return await _table(self.hass, now, other, self._doubted())


async def _preview(
    client: EngineClient, config: ModbusDeviceConfig, swap_words: bool
) -> Preview:
    return await client.preview(
        PreviewRequest(
            network_id=config.network_id,
            unit_id=config.unit_id,
            profile=config.profile,
            registers=config.registers,
            swap_words=swap_words,
        )
    )


async def _table(
    hass: HomeAssistant, now: Preview, other: Preview, doubted: frozenset[str]
) -> str:
    """Return the doubted values, else all that would differ, both ways."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    swapped = {point.point_id: reading for point, reading in other.points}
    rows = [
        (point, reading, swapped[point.point_id])
        for point, reading in now.points
        if point.point_id in swapped and reading.value != swapped[point.point_id].value
    ]
    named = [row for row in rows if row[0].reference in doubted]
    return markdown_table(
        [texts[_TEXTS + column] for column in ("point", "now", "exchanged")],
        (
            (point.name, value_text(point, as_now), value_text(point, as_swapped))
            for point, as_now, as_swapped in (named or rows)[:MOST_ROWS]
        ),
    )
