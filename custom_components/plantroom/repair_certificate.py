"""A certificate that ends is issued anew by the site's own authority."""

import probatio
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from .actor import configuring_user
from .const import DOMAIN
from .engine.errors import PlantroomError
from .engine.secure_connect.certificates import RenewOrder
from .failure_text import failure_text
from .runtime import PlantroomConfigEntry


class RenewCertificateFlow(RepairsFlow):
    """Renew it once a person agreed; networks and hubs go on meanwhile."""

    def __init__(self, entry: PlantroomConfigEntry, credentials_id: str) -> None:
        """Take whose certificate it is."""
        self._entry = entry
        self._credentials_id = credentials_id

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Renew it."""
        errors, message = dict[str, str](), ""
        if user_input is not None:
            client = self._entry.runtime_data.client
            order = RenewOrder(
                actor=configuring_user(), credentials_id=self._credentials_id
            )
            try:
                await client.renew_credentials(order)
            except PlantroomError as err:
                errors = {"base": "engine"}
                message = await failure_text(self.hass, err)
            else:
                return self.async_create_entry(data={})
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        facts = (issue.translation_placeholders if issue else None) or {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders={**facts, "message": message},
        )
