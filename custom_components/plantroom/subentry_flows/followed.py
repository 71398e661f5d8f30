"""Networks and devices of a server that is followed: they are changed elsewhere."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult


class FollowedFlow(ConfigSubentryFlow):
    """Says why nothing can be added or changed here."""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Refuse to add."""
        return self.async_abort(reason="read_only")

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Refuse to change."""
        return self.async_abort(reason="read_only")
