"""The steps that set up a new Modbus line, in a new entry or an existing one."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, override

from homeassistant.data_entry_flow import FlowContext, FlowResult

from ..client import EngineClient
from ..engine.modbus.configuration import ModbusLineConfig
from ..engine.models import FoundDevice
from .engine_place import EnginePlace
from .modbus_line_check import open_line, refuse_taken_endpoint, try_line
from .modbus_line_form import (
    ADVANCED,
    CONF_SEARCH_TO,
    fresh_line,
    line_from_form,
    line_schema,
)
from .modbus_unit_review import UnitReview
from .network_check import NetworkFaultError
from .network_form import NetworkFormError


class LineSteps[C: FlowContext, R: FlowResult[Any, Any], H](UnitReview[C, R, H]):
    """Ask for a line, try it, and search it for units."""

    _unit_ways: ClassVar[list[str]] = ["scanning", "without_units"]
    _offers_unknown: ClassVar[bool] = False

    def __init__(self) -> None:
        """Start with a line nobody was asked for."""
        super().__init__()
        self._asked_line = fresh_line()

    @abstractmethod
    def _place(self) -> EnginePlace:
        """Return where the engine is that tries the line."""

    @abstractmethod
    def _other_lines(self) -> list[ModbusLineConfig]:
        """Return the lines that are configured already."""

    @override
    def _line(self) -> ModbusLineConfig:
        return self._asked_line

    @override
    def _line_engine(self) -> AbstractAsyncContextManager[EngineClient]:
        return open_line(self._place(), self._line())

    @override
    def _known_units(self) -> set[str | None]:
        return set()

    @override
    def _refuse_units(self, chosen: Sequence[FoundDevice]) -> str | None:
        return None

    @override
    async def _go_on_with(self, chosen: list[FoundDevice]) -> R:
        return await (self._review(chosen) if chosen else self._take_units([]))

    async def async_step_without_units(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Go on with the line alone."""
        return await self._take_units([])

    async def _ask_line(self, step: str, user_input: dict[str, Any] | None) -> R:
        """Show the form of a step until a line works, then search it."""
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                line = line_from_form(self._line().network_id, user_input)
                refuse_taken_endpoint(line, self._other_lines())
                await try_line(self._place(), line)
            except NetworkFormError as err:
                errors[err.field] = err.key
            except NetworkFaultError as err:
                errors[err.field] = err.key
                placeholders = err.placeholders
            else:
                self._asked_line = line
                self._search_to = int(user_input[ADVANCED][CONF_SEARCH_TO])
                return await self.async_step_scanning()
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(line_schema(), user_input),
            errors=errors,
            description_placeholders=placeholders,
        )
