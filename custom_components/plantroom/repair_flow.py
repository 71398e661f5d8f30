"""What all repairs of one device share."""

from homeassistant.components.repairs import RepairsFlow
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .runtime import PlantroomConfigEntry


class DeviceRepairFlow(RepairsFlow):
    """A repair of one device; device_id is the engine's."""

    def __init__(self, entry: PlantroomConfigEntry, device_id: str) -> None:
        """Take the device."""
        self._entry = entry
        self._device_id = device_id

    def _placeholders(self) -> dict[str, str]:
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return (issue.translation_placeholders if issue else None) or {}

    def _ignore(self) -> None:
        """Say no more of it until it is solved and comes again."""
        ir.async_ignore_issue(self.hass, DOMAIN, self.issue_id, True)
