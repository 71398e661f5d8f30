"""What a person can do about a rule whose point is gone."""

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .runtime import PlantroomConfigEntry


class RuleWithoutPointFlow(RepairsFlow):
    """Remove the rule, or wait for its point to come back."""

    def __init__(self, entry: PlantroomConfigEntry, subentry_id: str) -> None:
        """Take the rule."""
        self._entry = entry
        self._subentry_id = subentry_id

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Let a person choose."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=["remove", "wait"],
            description_placeholders=(
                (issue.translation_placeholders if issue else None) or {}
            ),
        )

    async def async_step_remove(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Remove the rule with its alarm."""
        if self._subentry_id in self._entry.subentries:
            self.hass.config_entries.async_remove_subentry(
                self._entry, self._subentry_id
            )
        return self.async_create_entry(data={})

    async def async_step_wait(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Keep it, and say no more until the point is back."""
        ir.async_ignore_issue(self.hass, DOMAIN, self.issue_id, True)
        return self.async_abort(reason="waiting")
