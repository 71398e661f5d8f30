"""The steps that look for units on a line and let a person choose."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from uuid import uuid4

import probatio
from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..engine.events import EngineEvent, Progress
from ..engine.models import FoundDevice
from ..engine.requests import ScanRequest
from ..failure_text import Failure, failure_text
from ..site import device_unique_id
from .modbus_labels import unit_labels, unknown_units_hint
from .modbus_line_form import HIGHEST_UNIT
from .modbus_line_work import FAILURES, LineWork

CONF_UNITS: Final = "units"
SCAN_SECONDS: Final = 1800.0


class UnitSearch[C: FlowContext, R: FlowResult[Any, Any], H](LineWork[C, R, H]):
    """Search unit ids with progress and choose; ends in `_go_on_with`."""

    # What may be done when nothing was found: ids of steps.
    _unit_ways: ClassVar[list[str]] = ["scanning", "by_unit"]
    # Whether a unit that nobody knows can be chosen as well.
    _offers_unknown: ClassVar[bool] = True

    def __init__(self) -> None:
        """Start without a search."""
        super().__init__()
        self._units: tuple[FoundDevice, ...] = ()
        self._scan_failure: Failure = TimeoutError()
        self._search_to = HIGHEST_UNIT

    @abstractmethod
    def _known_units(self) -> set[str | None]:
        """Return the unique ids of the devices that are configured."""

    @abstractmethod
    def _refuse_units(self, chosen: Sequence[FoundDevice]) -> str | None:
        """Return the error for units that cannot be gone on with, or None."""

    @abstractmethod
    async def _go_on_with(self, chosen: list[FoundDevice]) -> R:
        """Go on with the units chosen."""

    async def async_step_scanning(self, _user_input: dict[str, Any] | None = None) -> R:
        """Search and show how far it is."""
        if self._work is None:
            last = str(self._search_to)
            self._begin(
                lambda: self._scan(1, self._search_to),
                line=self._line().name,
                last=last,
                found="0",
            )
        return self._show_work("scanning", self._after_scan)

    async def async_step_scan_failed(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Say why the search ended early."""
        return self.async_show_menu(
            step_id="scan_failed",
            menu_options=self._unit_ways,
            description_placeholders={
                "reason": await failure_text(self.hass, self._scan_failure)
            },
        )

    async def async_step_no_units(self, _user_input: dict[str, Any] | None = None) -> R:
        """Say what to check."""
        return self.async_show_menu(
            step_id="no_units",
            menu_options=self._unit_ways,
            description_placeholders={
                "line": self._line().name,
                "last": str(self._search_to),
            },
        )

    async def async_step_units(self, user_input: dict[str, Any] | None = None) -> R:
        """Choose among the units found."""
        errors: dict[str, str] = {}
        if user_input is not None:
            wanted = user_input.get(CONF_UNITS, [])
            chosen = [unit for unit in self._units if str(unit.instance) in wanted]
            error = self._refuse_units(chosen)
            if error is None:
                return await self._go_on_with(chosen)
            errors[CONF_UNITS] = error
        unknown = [unit for unit in self._units if unit not in self._offered()]
        return self.async_show_form(
            step_id="units",
            data_schema=await self._units_schema(user_input),
            errors=errors,
            description_placeholders={
                "line": self._line().name,
                "count": str(len(self._units)),
                "last": str(self._search_to),
                "unknown": await unknown_units_hint(self.hass, unknown),
            },
        )

    async def _scan(self, low: int, high: int) -> tuple[FoundDevice, ...]:
        """Return the units that answer; raises one of FAILURES."""
        request = ScanRequest(
            network_id=self._line().network_id,
            task_id=uuid4().hex,
            low=low,
            high=high,
        )

        def on_change(event: EngineEvent) -> None:
            if isinstance(event, Progress) and event.task_id == request.task_id:
                self._show_found(event)

        async with asyncio.timeout(SCAN_SECONDS), self._line_engine() as client:
            unsubscribe = client.listen_changes(on_change)
            try:
                return await client.scan(request)
            finally:
                unsubscribe()

    def _show_found(self, progress: Progress) -> None:
        if "found" not in self._work_facts:
            # One unit is asked, which nothing is shown of
            return
        self.async_update_progress(min(max(progress.fraction, 0.0), 1.0))
        if progress.text.isdigit() and progress.text != self._work_facts["found"]:
            self._work_facts = {**self._work_facts, "found": progress.text}
            self.async_notify_flow_changed()

    def _after_scan(self, search: asyncio.Task[tuple[FoundDevice, ...]]) -> str:
        try:
            self._units = self._new_units(search.result())
        except FAILURES as err:
            self._scan_failure = err
            return "scan_failed"
        return "units" if self._units else "no_units"

    def _new_units(self, answered: Sequence[FoundDevice]) -> tuple[FoundDevice, ...]:
        known = self._known_units()
        new = [
            unit
            for unit in answered
            if device_unique_id(unit.network_id, unit.instance) not in known
        ]
        return tuple(sorted(new, key=lambda unit: unit.instance))

    def _offered(self) -> list[FoundDevice]:
        return [unit for unit in self._units if unit.profile or self._offers_unknown]

    async def _units_schema(self, answers: dict[str, Any] | None) -> probatio.Schema:
        offered = self._offered()
        if not offered:
            return probatio.Schema({})
        options = [
            SelectOptionDict(value=str(unit.instance), label=label)
            for unit, label in zip(
                offered, await unit_labels(self.hass, offered), strict=True
            )
        ]
        ticked = [str(unit.instance) for unit in offered if unit.profile]
        default = ticked if answers is None else answers[CONF_UNITS]
        selector = SelectSelector(
            SelectSelectorConfig(
                options=options, multiple=True, mode=SelectSelectorMode.LIST
            )
        )
        return probatio.Schema(
            {probatio.Required(CONF_UNITS, default=default): selector}
        )
