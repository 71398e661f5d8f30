"""The steps that say which points of a device are meters, of any protocol."""

from abc import abstractmethod
from dataclasses import replace
from typing import Any

from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult

from ..engine.energy.configuration import CounterConfig, MeteringConfig
from ..engine.errors import ConfigurationError
from ..engine.models import Point
from .metering_form import (
    CONF_COUNTERS,
    counter_from_form,
    counter_schema,
    metering_from_form,
    metering_schema,
)


class MeteringSteps[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H]):
    """Ask for meters, then for each bare counter what it counts."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        super().__init__()
        self._asked_metering = MeteringConfig()
        self._counters_before: dict[str, CounterConfig] = {}
        self._counters_due: list[str] = []
        self._counters_done: list[CounterConfig] = []

    @abstractmethod
    def _metering(self) -> MeteringConfig:
        """Return the device's meters as they are configured."""

    @abstractmethod
    def _metered_points(self) -> list[Point]:
        """Return the device's points as people see them."""

    @abstractmethod
    async def _keep_metering(self, config: MeteringConfig) -> R:
        """End the flow with these meters."""

    async def async_step_metering(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask what is made of powers, and which points are bare counters."""
        config = self._metering()
        schema = metering_schema(config, self._metered_points())
        if not schema.schema:
            return self.async_abort(reason="no_meters")
        if user_input is None:
            return self.async_show_form(step_id="metering", data_schema=schema)
        self._asked_metering = metering_from_form(user_input, config)
        self._counters_before = {item.reference: item for item in config.counters}
        self._counters_due = [*user_input.get(CONF_COUNTERS, self._counters_before)]
        self._counters_done = []
        return await self._next_counter()

    async def async_step_counter(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask what a counter counts."""
        reference = self._counters_due[0]
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                counter = counter_from_form(reference, user_input)
            except ConfigurationError as err:
                field = err.facts["field"]
                errors[field] = f"bad_{field}"
            else:
                self._counters_done.append(counter)
                self._counters_due.pop(0)
                return await self._next_counter()
        points = {point.reference: point for point in self._metered_points()}
        point = points.get(reference)
        schema = counter_schema(self._counters_before.get(reference), point)
        return self.async_show_form(
            step_id="counter",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"point": point.name if point else reference},
        )

    async def _next_counter(self) -> R:
        if self._counters_due:
            return await self.async_step_counter()
        return await self._keep_metering(
            replace(self._asked_metering, counters=tuple(self._counters_done))
        )
