"""Walking through a flow as a person does."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType


class Walk:
    """One flow manager's flows: config flows, or those of subentries."""

    def __init__(self, hass: HomeAssistant, manager: Any) -> None:
        """Take the manager."""
        self._hass = hass
        self._manager = manager

    async def answer(self, flow: Any, answers: dict[str, Any] | None = None) -> Any:
        """Answer a step, and wait where it searches."""
        result = await self._manager.async_configure(flow["flow_id"], answers)
        while result["type"] is FlowResultType.SHOW_PROGRESS:
            await self._hass.async_block_till_done()
            result = await self._manager.async_configure(flow["flow_id"])
        return result

    async def choose(self, flow: Any, step: str) -> Any:
        """Choose from a menu."""
        return await self.answer(flow, {"next_step_id": step})


def field(result: Any, name: str) -> tuple[Any, Any]:
    """Return the marker and the selector of a form's field."""
    return next(
        (marker, value)
        for marker, value in result["data_schema"].schema.items()
        if marker == name
    )


def labels(result: Any, name: str) -> list[str]:
    """Return what a person reads of a field's options."""
    return [option["label"] for option in field(result, name)[1].config["options"]]
