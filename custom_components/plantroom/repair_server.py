"""Repairs of the way to a server; they work while the entry is not set up too."""

from typing import Final

import probatio
from homeassistant.components.hassio import AddonError
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers import issue_registry as ir

from .app import app_manager
from .client import EngineClient
from .connection.server_certificate import shown_fingerprint
from .const import CONF_ADDON, CONF_FINGERPRINT, CONF_FOLLOWS, CONF_TLS, DOMAIN
from .engine.errors import ConnectionLostError, PlantroomError
from .runtime import server_connection
from .server_issues import ServerIssue
from .server_settings import Tls, settings_of


class ServerRepairFlow(RepairsFlow):
    """What repairs of a server share."""

    def __init__(self, entry: ConfigEntry) -> None:
        """Take the entry of the server."""
        self._entry = entry

    def _placeholders(self) -> dict[str, str]:
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return (issue.translation_placeholders if issue else None) or {}

    def _done(self) -> RepairsFlowResult:
        """Set the entry up with what has changed."""
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})

    def _unreachable(self, err: PlantroomError) -> RepairsFlowResult:
        return self.async_abort(
            reason="unreachable", description_placeholders={"message": str(err)}
        )


class TrustCertificateFlow(ServerRepairFlow):
    """Trust the certificate that a server shows now, once a person compared it."""

    _shown = ""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show the fingerprint."""
        settings = settings_of(self._entry.data)
        try:
            self._shown = await shown_fingerprint(settings.host, settings.port)
        except ConnectionLostError as err:
            return self._unreachable(err)
        return self.async_show_menu(
            step_id="init",
            menu_options=["trust", "wait"],
            description_placeholders={
                **self._placeholders(),
                "fingerprint": self._shown,
            },
        )

    async def async_step_trust(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Keep the fingerprint that was shown, and no other that came since."""
        pinned = {CONF_TLS: Tls.PINNED.value, CONF_FINGERPRINT: self._shown}
        self.hass.config_entries.async_update_entry(
            self._entry, data={**self._entry.data, **pinned}
        )
        return self._done()

    async def async_step_wait(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Trust nobody new."""
        return self.async_abort(reason="waiting")


class ReadOnlyFlow(ServerRepairFlow):
    """Decide what a server serves, or take what it does."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Let a person choose."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["take_over", "follow"],
            description_placeholders=self._placeholders(),
        )

    async def async_step_take_over(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Be the one who configures; our configuration is pushed by the next set-up."""
        settings = settings_of(self._entry.data)
        connection = server_connection(self.hass, settings, take_over=True)
        client = EngineClient(connection)
        try:
            await client.start(None)
            may_configure = client.may_configure
        except PlantroomError as err:
            return self._unreachable(err)
        finally:
            await client.stop()
        if not may_configure:
            return self.async_abort(reason="decided_by_file")
        return self._done()

    async def async_step_follow(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Give up our configuration for the server's."""
        self.hass.config_entries.async_update_entry(
            self._entry, data={**self._entry.data, CONF_FOLLOWS: True}
        )
        return self._done()


class AppUpdateFlow(ServerRepairFlow):
    """Update the app that is too old."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Back the app up and update it once a person agreed."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema({}),
                description_placeholders=self._placeholders(),
            )
        manager = app_manager(self.hass, self._entry.data[CONF_ADDON])
        try:
            info = await manager.async_get_addon_info()
            if not info.update_available:
                return self.async_abort(reason="no_update")
            await manager.async_schedule_update_addon()
        except AddonError as err:
            return self.async_abort(
                reason="update_failed", description_placeholders={"message": str(err)}
            )
        return self._done()


class AppStartFlow(ServerRepairFlow):
    """Start the app that somebody stopped."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Start the app once a person agreed."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema({}),
                description_placeholders=self._placeholders(),
            )
        try:
            await app_manager(
                self.hass, self._entry.data[CONF_ADDON]
            ).async_schedule_start_addon()
        except AddonError as err:
            return self.async_abort(
                reason="start_failed", description_placeholders={"message": str(err)}
            )
        return self.async_create_entry(data={})


SERVER_FLOWS: Final[dict[str, type[ServerRepairFlow]]] = {
    ServerIssue.APP_STOPPED: AppStartFlow,
    ServerIssue.APP_TOO_OLD: AppUpdateFlow,
    ServerIssue.CERTIFICATE_CHANGED: TrustCertificateFlow,
    ServerIssue.READ_ONLY: ReadOnlyFlow,
}
