"""The steps that make a config entry of a server that answered."""

from typing import Any, override

import probatio
from homeassistant.config_entries import (
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
)
from homeassistant.data_entry_flow import AbortFlow

from ..const import (
    CONF_FOLLOWS,
    CONF_NETWORK_ID,
    CONNECTION,
    DIRECT,
    SUBENTRY_LINE,
    SUBENTRY_NETWORK,
    TITLE,
)
from ..server_settings import ServerSettings, settings_data
from .app_steps import AppSteps
from .server_check import ServerFacts, ServerFaultError, ask_server


class AdoptionSteps(
    AppSteps[ConfigFlowContext, ConfigFlowResult, str],
    ConfigFlow,
):
    """Take what a server serves, or go on to what the building speaks."""

    async def async_step_protocol(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what the building speaks."""
        return self.async_show_menu(
            step_id="protocol", menu_options=[SUBENTRY_NETWORK, SUBENTRY_LINE]
        )

    async def async_step_adopt(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take what the server serves already, once a person agrees."""
        if user_input is not None:
            return self._adopt(follows=False)
        return self.async_show_form(
            step_id="adopt",
            data_schema=probatio.Schema({}),
            description_placeholders=self._served(),
        )

    async def async_step_read_only(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to look on, or to take over from another client."""
        _, facts = self._server()
        ways = ["follow"]
        if facts.configured_by == "client":
            ways.append("take_over")
        return self.async_show_menu(
            step_id="read_only",
            menu_options=ways,
            description_placeholders=self._served(),
        )

    async def async_step_follow(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what the server serves and change nothing of it."""
        return self._adopt(follows=True)

    async def async_step_take_over(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Be the one who configures the server from now on, with what it serves."""
        settings, _ = self._server()
        try:
            self._facts = await ask_server(self.hass, settings, take_over=True)
        except ServerFaultError as err:
            return await self._show_server_form(err)
        if not self._facts.may_configure:
            return await self.async_step_read_only()
        return self._adopt(follows=False)

    @override
    async def _use_server(
        self, settings: ServerSettings, facts: ServerFacts
    ) -> ConfigFlowResult:
        await self.async_set_unique_id(facts.server_id, raise_on_progress=False)
        known = settings_data(settings)
        del known[CONF_FOLLOWS]
        self._abort_if_unique_id_configured(
            updates=known, reload_on_update=False, error="server_already_set_up"
        )
        self._refuse_taken_networks(facts)
        if not facts.may_configure:
            return await self.async_step_read_only()
        if facts.serves:
            return await self.async_step_adopt()
        return await self.async_step_protocol()

    def _adopt(self, *, follows: bool) -> ConfigFlowResult:
        settings, facts = self._server()
        return self.async_create_entry(
            title=entry_title(settings),
            data={**settings_data(settings), CONF_FOLLOWS: follows},
            options=facts.options,
            subentries=facts.subentries,
        )

    def _entry_facts(self) -> tuple[str, dict[str, Any]]:
        """Return title and data of the entry: a server's, or this process's."""
        if self._settings is None or self._facts is None:
            return TITLE, {CONNECTION: DIRECT}
        return entry_title(self._settings), settings_data(self._settings)

    def _server(self) -> tuple[ServerSettings, ServerFacts]:
        """Return the server that answered; aborts a dialogue that has none."""
        if self._settings is None or self._facts is None:
            raise AbortFlow("no_server")
        return self._settings, self._facts

    def _served(self) -> dict[str, str]:
        settings, facts = self._server()
        return {
            "host": settings.host,
            "networks": str(len(facts.site.all_networks)),
            "devices": str(len(facts.site.all_devices)),
        }

    def _refuse_taken_networks(self, facts: ServerFacts) -> None:
        """Entities of two engines must not be taken for each other's: ids differ."""
        served = {network.network_id for network in facts.site.all_networks}
        taken = served & {
            subentry.data[CONF_NETWORK_ID]
            for entry in self._async_current_entries()
            for kind in (SUBENTRY_NETWORK, SUBENTRY_LINE)
            for subentry in entry.get_subentries_of_type(kind)
        }
        if taken:
            raise AbortFlow(
                "network_ids_taken",
                description_placeholders={"networks": ", ".join(sorted(taken))},
            )


def entry_title(settings: ServerSettings) -> str:
    """Return what an entry of a server is called."""
    return TITLE if settings.addon else f"{TITLE} ({settings.host})"
