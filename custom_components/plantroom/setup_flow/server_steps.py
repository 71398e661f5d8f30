"""The steps that ask where a Plantroom server is, until one answers."""

from abc import abstractmethod
from dataclasses import replace
from typing import Any

import probatio
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult

from ..connection.server_certificate import shown_fingerprint
from ..engine.errors import ConnectionLostError
from ..server_settings import ServerSettings, Tls, own_client_id
from .network_form import NetworkFormError
from .server_check import ServerFacts, ServerFaultError, ask_server, server_fault
from .server_form import server_schema, settings_from_form


class ServerSteps[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H]):
    """Ask for a server, let a person compare its certificate, ask it what it serves."""

    def __init__(self) -> None:
        """Start with no server."""
        super().__init__()
        self._settings: ServerSettings | None = None
        self._facts: ServerFacts | None = None
        self._server_answers: dict[str, Any] | None = None

    @abstractmethod
    async def _use_server(self, settings: ServerSettings, facts: ServerFacts) -> R:
        """Go on with a server that answered."""

    async def async_step_server(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask where the server is."""
        if user_input is None:
            return await self._show_server_form()
        self._server_answers = user_input
        try:
            self._settings = settings_from_form(await self._shown(), user_input)
        except NetworkFormError as err:
            return await self._show_server_form(
                ServerFaultError(err.field, err.key, {})
            )
        return await self._try_server()

    async def async_step_trust(self, user_input: dict[str, Any] | None = None) -> R:
        """Let a person compare the certificate before the token is sent."""
        settings = await self._shown()
        if user_input is not None:
            return await self._try_server()
        return self.async_show_form(
            step_id="trust",
            data_schema=probatio.Schema({}),
            description_placeholders={
                "host": settings.host,
                "fingerprint": settings.fingerprint,
            },
        )

    async def _try_server(self) -> R:
        """Ask the server; back to the form with what stands in the way."""
        settings = await self._shown()
        try:
            if settings.tls is Tls.PINNED and not settings.fingerprint:
                return await self._show_certificate(settings)
            self._facts = await ask_server(self.hass, settings)
        except ServerFaultError as err:
            return await self._show_server_form(err)
        return await self._use_server(settings, self._facts)

    async def _show_certificate(self, settings: ServerSettings) -> R:
        try:
            shown = await shown_fingerprint(settings.host, settings.port)
        except ConnectionLostError as err:
            raise server_fault(settings, err) from err
        self._settings = replace(settings, fingerprint=shown)
        return await self.async_step_trust()

    async def _show_server_form(self, err: ServerFaultError | None = None) -> R:
        schema = server_schema(await self._shown())
        return self.async_show_form(
            step_id="server",
            data_schema=self.add_suggested_values_to_schema(
                schema, self._server_answers
            ),
            errors={} if err is None else {err.field: err.key},
            description_placeholders={} if err is None else err.placeholders,
        )

    async def _shown(self) -> ServerSettings:
        """Return the settings asked for last, plain ones before the first."""
        if self._settings is None:
            client_id = await own_client_id(self.hass)
            self._settings = ServerSettings(host="", token="", client_id=client_id)
        return self._settings
