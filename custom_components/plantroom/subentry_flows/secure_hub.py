"""Run a BACnet/SC hub on the server, change it, and sign who is to join it."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any, override

import probatio
from homeassistant.components.network import async_get_source_ip
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult

from ..actor import configuring_user
from ..engine.errors import PlantroomError
from ..engine.secure_connect.certificates import ForeignRequest, SignedCertificate
from ..secure_subentries import secure_hub, secure_hub_subentry
from ..server_settings import settings_of
from ..setup_flow.credentials_form import CONF_HOST_NAMES, MANY, PEM_TEXT
from ..setup_flow.credentials_steps import CredentialsSteps
from ..setup_flow.secure_network_form import fresh_hub, hub_from_form, hub_schema

CONF_REQUEST = "request"


class SecureHubFlow(CredentialsSteps):
    """Ends by saying what others need to join."""

    def __init__(self) -> None:
        """Start with a hub that nobody described."""
        super().__init__()
        self._hub = fresh_hub()
        self._signed: SignedCertificate | None = None

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to do."""
        if obstacle := self._obstacle():
            return self.async_abort(reason=obstacle)
        kept = self._get_reconfigure_subentry()
        self._hub = secure_hub(kept.data)
        self._credentials = self._hub.credentials
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["sign", "settings", "credentials", "ready"],
            description_placeholders={"name": kept.title},
        )

    async def async_step_cannot_serve(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose other credentials."""
        return await self.async_step_credentials()

    async def async_step_ready(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what other devices need to join."""
        if user_input is not None:
            return self._keep()
        authorities = self._summary().authorities
        pem = "".join(each.certificate for each in authorities)
        return self.async_show_form(
            step_id="ready",
            data_schema=probatio.Schema({}),
            description_placeholders={
                "uri": await self._uri(),
                "authorities": f"```\n{pem}```",
            },
        )

    async def async_step_sign(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Sign the request of another device with the site's authority."""
        errors, message = dict[str, str](), ""
        if user_input is not None:
            try:
                self._signed = await self._client.sign_request(
                    ForeignRequest(
                        actor=configuring_user(),
                        request=user_input[CONF_REQUEST],
                        host_names=tuple(user_input.get(CONF_HOST_NAMES, ())),
                    )
                )
            except PlantroomError as err:
                errors, message = await self._failed(err)
            else:
                return await self.async_step_signed()
        schema = probatio.Schema(
            {
                probatio.Required(CONF_REQUEST): PEM_TEXT,
                probatio.Optional(CONF_HOST_NAMES): MANY,
            }
        )
        return self._show("sign", schema, user_input, errors, message)

    async def async_step_signed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the certificate that the device is to be given."""
        signed = self._signed
        if user_input is not None or signed is None:
            return self.async_abort(reason="certificate_signed")
        return self.async_show_form(
            step_id="signed",
            data_schema=probatio.Schema({}),
            description_placeholders={
                "subject": signed.subject,
                "date": f"{signed.expires_at:%Y-%m-%d}",
                "certificate": f"```\n{signed.certificate}```",
                "authorities": f"```\n{signed.authorities}```",
                "uri": await self._uri(),
            },
        )

    @override
    async def _take_credentials(self) -> SubentryFlowResult:
        self._hub = replace(self._hub, credentials=self._credentials)
        if not self._summary().can_serve:
            return self.async_show_menu(
                step_id="cannot_serve",
                menu_options=["credentials"],
                description_placeholders={"name": self._summary().name},
            )
        return await self.async_step_ready()

    @override
    def _owner_name(self) -> str:
        return self._hub.name[:64]

    @override
    async def _ask(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        if user_input is not None:
            self._hub = hub_from_form(self._hub, user_input)
            if self._credentials:
                return await self._take_credentials()
            return await self.async_step_credentials()
        return self.async_show_form(step_id=step_id, data_schema=hub_schema(self._hub))

    async def _uri(self) -> str:
        """Return where other devices reach the hub, as well as can be told from here."""
        host = self._hub.host or settings_of(self._get_entry().data).host
        if _is_here(host):
            host = await async_get_source_ip(self.hass) or host
        return f"wss://{host}:{self._hub.port}"

    def _keep(self) -> SubentryFlowResult:
        subentry = secure_hub_subentry(self._hub)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=subentry["title"],
                data=subentry["data"],
            )
        return self.async_create_entry(
            title=subentry["title"],
            data=subentry["data"],
            unique_id=subentry["unique_id"],
        )


def _is_here(host: str) -> bool:
    """Return whether others would not reach us under this name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # The name of an app's container is known to Home Assistant alone
        return "." not in host
