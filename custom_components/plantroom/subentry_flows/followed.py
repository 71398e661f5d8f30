"""What a followed server serves is changed elsewhere."""

from typing import Any

from homeassistant.config_entries import (
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
    SubentryFlowResult,
)


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


class FollowedOptionsFlow(OptionsFlow):
    """The server has the options too."""

    async def async_step_init(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Refuse to change."""
        return self.async_abort(reason="read_only")
