"""A meter was replaced or reset: a person says so, and its total goes on."""

from typing import Final

import probatio
from homeassistant.components.repairs import RepairsFlowResult

from .engine.errors import PlantroomError
from .engine.models import ProblemCode
from .engine.requests import SetMeterRequest
from .failure_text import failure_text
from .repair_flow import DeviceRepairFlow

_ACTOR: Final = "Home Assistant"


class MeterReplacedFlow(DeviceRepairFlow):
    """Confirm that the total goes on from what it was."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Settle it once a person agreed."""
        errors: dict[str, str] = {}
        reason = ""
        if user_input is not None:
            try:
                await self._settle()
            except PlantroomError as err:
                errors["base"] = "engine"
                reason = await failure_text(self.hass, err)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders={**self._placeholders(), "message": reason},
        )

    async def _settle(self) -> None:
        client = self._entry.runtime_data.client
        for problem in client.mirror.problems:
            if (problem.code, problem.subject) != (
                ProblemCode.METER_REPLACED,
                self._device_id,
            ):
                continue
            for point_id in problem.facts.get("points", "").split(", "):
                await client.set_meter(SetMeterRequest(point_id=point_id, actor=_ACTOR))
