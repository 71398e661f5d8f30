"""The step that takes a whole register map as CSV, pasted or uploaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, override

import probatio
from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ..engine.modbus.csv_map import (
    CsvMapError,
    Numbering,
    read_csv_map,
    write_csv_map,
)
from ..engine.modbus.point_source import SUNSPEC
from ..engine.modbus.registers.point_description import with_words_swapped
from ..engine.modbus.registers.register_map import RegisterPoint
from .modbus_labels import map_faults
from .modbus_line_work import FAILURES
from .modbus_value_steps import ValueSteps

CONF_FILE: Final = "file"
CONF_MAP: Final = "map"
CONF_NUMBERING: Final = "numbering"

_LINES: Final = TextSelector(TextSelectorConfig(multiline=True))
_FILE: Final = FileSelector(FileSelectorConfig(accept=".csv,.txt,text/csv"))
_NUMBERING: Final = SelectSelector(
    SelectSelectorConfig(
        options=[numbering.value for numbering in Numbering],
        mode=SelectSelectorMode.DROPDOWN,
        translation_key=CONF_NUMBERING,
    )
)


class MapSteps[C: FlowContext, R: FlowResult[Any, Any], H](ValueSteps[C, R, H]):
    """Show the map there is, take another one, and read the unit by it."""

    @override
    async def async_step_paste_map(self, user_input: dict[str, Any] | None = None) -> R:
        """Take a map; all that is wrong with it is said at once."""
        errors: dict[str, str] = {}
        faults = ""
        if user_input is not None:
            try:
                points = await self._map_from(user_input)
            except CsvMapError as err:
                errors["base"] = "bad_map"
                faults = f"\n\n{await map_faults(self.hass, err.faults)}"
            else:
                return await self._take_source(registers=points)
        schema = probatio.Schema(
            {
                probatio.Optional(
                    CONF_MAP, description={"suggested_value": await self._map_text()}
                ): _LINES,
                probatio.Optional(CONF_FILE): _FILE,
                probatio.Required(
                    CONF_NUMBERING, default=Numbering.FROM_0.value
                ): _NUMBERING,
            }
        )
        return self.async_show_form(
            step_id="paste_map",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"faults": faults},
        )

    async def _map_from(self, answers: dict[str, Any]) -> tuple[RegisterPoint, ...]:
        numbering = Numbering(answers[CONF_NUMBERING])
        data: bytes | str = answers.get(CONF_MAP, "")
        if uploaded := answers.get(CONF_FILE):
            data = await self.hass.async_add_executor_job(_read, self.hass, uploaded)
        return read_csv_map(data, numbering)

    async def _map_text(self) -> str:
        """Return the map as it is read, no rows where it cannot be had."""
        points = await self._points_described()
        if self._device.swap_words:
            points = [with_words_swapped(point) for point in points]
        return write_csv_map(points)

    async def _points_described(self) -> Sequence[RegisterPoint]:
        """Return the registers of the source chosen, none where that is not known.

        Those of SunSpec are the device's own: nobody writes them down.
        """
        if own := self._registers():
            return own
        if self._device.profile == SUNSPEC:
            return ()
        try:
            async with self._line_engine() as client:
                return await client.register_map(self._request())
        except FAILURES:
            return ()


def _read(hass: HomeAssistant, uploaded: str) -> bytes:
    """Return an uploaded file, which is gone then; blocks."""
    with process_uploaded_file(hass, uploaded) as path:
        return Path(path).read_bytes()
