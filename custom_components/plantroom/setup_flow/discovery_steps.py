"""The steps of servers that Home Assistant found by itself."""

from dataclasses import replace
from typing import Any, override

import probatio
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ..app import APP_NAME, SLUG_END
from ..const import CONF_FOLLOWS, CONF_TLS
from ..runtime import PlantroomConfigEntry
from ..server_settings import Tls, settings_data
from .adoption_steps import AdoptionSteps
from .discovered_server import announced_settings, app_settings, server_id_in
from .server_form import TOKEN


class DiscoverySteps(AdoptionSteps):
    """A server that is known already is found again under its new address."""

    @override
    async def async_step_hassio(
        self, discovery_info: HassioServiceInfo
    ) -> ConfigFlowResult:
        """Offer the app that the Supervisor tells of."""
        if not discovery_info.slug.endswith(SLUG_END):
            return self.async_abort(reason="not_plantroom")
        self._slug = discovery_info.slug
        try:
            settings = app_settings(
                discovery_info.config, await self._shown(), self._slug
            )
            server_id = server_id_in(discovery_info.config)
        except ValueError:
            return self.async_abort(reason="not_plantroom")
        self._settings = settings
        await self.async_set_unique_id(server_id)
        known = settings_data(settings)
        del known[CONF_FOLLOWS]
        self._abort_if_unique_id_configured(updates=known, reload_on_update=False)
        self.context["title_placeholders"] = {"name": APP_NAME}
        return await self.async_step_hassio_confirm()

    async def async_step_hassio_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask first."""
        if user_input is not None:
            return await self.async_step_start_app()
        return self.async_show_form(
            step_id="hassio_confirm", data_schema=probatio.Schema({})
        )

    @override
    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Offer a server that announced itself."""
        try:
            server_id = server_id_in(discovery_info.properties)
        except ValueError:
            return self.async_abort(reason="not_plantroom")
        self._settings = announced_settings(discovery_info, await self._shown())
        await self.async_set_unique_id(server_id)
        self._abort_if_unique_id_configured(
            updates=self._moved(server_id), reload_on_update=False
        )
        name = discovery_info.name.partition("._plantroom.")[0]
        self.context["title_placeholders"] = {
            "name": f"{name} ({discovery_info.host})" if name else discovery_info.host
        }
        return await self.async_step_zeroconf_confirm()

    async def async_step_zeroconf_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the token of a server that was found."""
        settings = await self._shown()
        if user_input is not None:
            self._settings = replace(settings, token=user_input[CONF_TOKEN].strip())
            self._server_answers = {
                CONF_HOST: settings.host,
                CONF_PORT: settings.port,
                CONF_TOKEN: user_input[CONF_TOKEN],
                CONF_TLS: settings.tls.value,
            }
            return await self._try_server()
        return self.async_show_form(
            step_id="zeroconf_confirm",
            data_schema=probatio.Schema({probatio.Required(CONF_TOKEN): TOKEN}),
            description_placeholders={
                "host": settings.host,
                "port": str(settings.port),
            },
        )

    def _moved(self, server_id: str) -> dict[str, Any]:
        """Return the address of a known server that is not where it was.

        Only the pinned certificate proves that it is the one: others get no token.
        """
        entry: PlantroomConfigEntry | None = (
            self.hass.config_entries.async_entry_for_domain_unique_id(
                self.handler, server_id
            )
        )
        if entry is None or self._settings is None:
            return {}
        if entry.data.get(CONF_TLS) != Tls.PINNED:
            return {}
        loaded = entry.state is ConfigEntryState.LOADED
        if loaded and entry.runtime_data.client.connected:
            return {}
        return {CONF_HOST: self._settings.host, CONF_PORT: self._settings.port}
