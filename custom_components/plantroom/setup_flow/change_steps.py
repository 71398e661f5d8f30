"""The steps that change how an entry's engine is reached, or ask for its new token."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, override

import probatio
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_TOKEN
from homeassistant.helpers.hassio import is_hassio

from ..const import CONF_ADDON, CONF_FOLLOWS, CONNECTION, SERVER
from ..server_settings import ServerSettings, settings_data, settings_of
from .adoption_steps import entry_title
from .move_steps import MoveSteps
from .server_check import ServerFacts, ServerFaultError, ask_server
from .server_form import TOKEN


class ChangeSteps(MoveSteps):
    """Reauthentication and reconfiguration."""

    async def async_step_reauth(
        self, _entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for the token that the server takes now."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the token before it is kept."""
        entry = self._get_reauth_entry()
        settings = settings_of(entry.data)
        errors: dict[str, str] = {}
        placeholders = {"host": settings.host}
        if user_input is not None:
            settings = replace(settings, token=user_input[CONF_TOKEN].strip())
            try:
                facts = await ask_server(self.hass, settings)
            except ServerFaultError as err:
                errors = {"base" if err.field != CONF_TOKEN else err.field: err.key}
                placeholders = err.placeholders
            else:
                return await self._keep(settings, facts)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=probatio.Schema({probatio.Required(CONF_TOKEN): TOKEN}),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose what to change."""
        data = self._get_reconfigure_entry().data
        if data[CONNECTION] == SERVER:
            ways = [] if data[CONF_ADDON] else ["connection"]
            ways += ["configure_here"] if data[CONF_FOLLOWS] else ["move_home"]
        else:
            ways = ["move_to_app"] if is_hassio(self.hass) else []
            ways += ["move_to_server"]
        return self.async_show_menu(step_id="reconfigure", menu_options=ways)

    async def async_step_connection(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change host, port, token or certificate."""
        self._settings = settings_of(self._get_reconfigure_entry().data)
        return await self.async_step_server()

    async def async_step_configure_here(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Decide from here what a server serves that was followed until now."""
        entry = self._get_reconfigure_entry()
        settings = replace(settings_of(entry.data), follows=False)
        try:
            facts = await ask_server(self.hass, settings, take_over=True)
        except ServerFaultError as err:
            return self.async_abort(
                reason=err.key, description_placeholders=err.placeholders
            )
        if not facts.may_configure:
            return self.async_abort(reason="decided_by_file")
        return await self._keep(settings, facts)

    @override
    async def _use_server(
        self, settings: ServerSettings, facts: ServerFacts
    ) -> ConfigFlowResult:
        if self.source != SOURCE_RECONFIGURE:
            return await super()._use_server(settings, facts)
        entry = self._get_reconfigure_entry()
        if entry.unique_id == facts.server_id:
            return await self._keep(settings, facts)
        return await self._move_to(settings, facts)

    async def _keep(
        self, settings: ServerSettings, facts: ServerFacts
    ) -> ConfigFlowResult:
        """Keep how the same server is reached now."""
        reauth = self.source == SOURCE_REAUTH
        entry = self._get_reauth_entry() if reauth else self._get_reconfigure_entry()
        if entry.unique_id != facts.server_id:
            return self.async_abort(reason="another_server")
        loaded = entry.state is ConfigEntryState.LOADED
        result = self.async_update_and_abort(
            entry,
            data=settings_data(settings),
            title=entry.title if settings.addon else _title(entry.title, settings),
        )
        if not loaded:
            # Nobody listens for the change
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result


def _title(before: str, settings: ServerSettings) -> str:
    """Return the title with the new host, unless a person chose another."""
    plain = before.startswith(entry_title(replace(settings, host="")).rstrip(")"))
    return entry_title(settings) if plain else before
