"""Join a BACnet/SC network through its hubs, or change how."""

from dataclasses import replace
from typing import Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult

from ..engine.errors import PlantroomError
from ..engine.secure_connect.configuration import SecureNetworkConfig
from ..engine.secure_connect.models import HubConnection
from ..failure_text import failure_text
from ..gateway_subentries import subscriptions_of
from ..secure_subentries import secure_network, secure_network_subentry
from ..setup_flow.credentials_steps import CredentialsSteps
from ..setup_flow.hub_trouble import hub_trouble
from ..setup_flow.network_form import NetworkFormError
from ..setup_flow.secure_network_form import (
    CONF_OBJECTS_OF,
    fresh_secure_network,
    secure_network_from_form,
    secure_network_schema,
)
from ..subentries import follow_own_device, networks_of


class SecureNetworkFlow(CredentialsSteps):
    """A hub is joined for a moment before the network is kept."""

    def __init__(self) -> None:
        """Start with a network that nobody was asked for."""
        super().__init__()
        self._network = fresh_secure_network()
        self._described = False

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""
        if obstacle := self._obstacle():
            return self.async_abort(reason=obstacle)
        kept = self._get_reconfigure_subentry()
        self._network = secure_network(kept.data)
        self._credentials, self._described = self._network.credentials, True
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["settings", "credentials"],
            description_placeholders={"name": kept.title},
        )

    async def async_step_not_connected(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Try again what did not work."""
        return await self._take_credentials()

    async def async_step_try_again(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Try again what did not work."""
        return await self._take_credentials()

    async def async_step_keep_anyway(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep the network: it connects as soon as the hub can be joined."""
        return self._keep()

    @override
    async def _take_credentials(self) -> SubentryFlowResult:
        self._network = replace(self._network, credentials=self._credentials)
        trouble = await self._trouble()
        if not trouble:
            return self._keep()
        return self.async_show_menu(
            step_id="not_connected",
            menu_options=["try_again", "settings", "credentials", "keep_anyway"],
            description_placeholders={"trouble": trouble},
        )

    @override
    def _owner_name(self) -> str:
        return f"Plantroom {self._network.name}"[:64]

    @override
    async def _ask(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._network = self._asked_for(user_input)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            else:
                self._described = True
                if self._credentials:
                    return await self._take_credentials()
                return await self.async_step_credentials()
        others = networks_of(self._get_entry())
        schema = secure_network_schema(self._network, others, new=not self._described)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
        )

    def _asked_for(self, user_input: dict[str, Any]) -> SecureNetworkConfig:
        """Return the network asked for; raises NetworkFormError."""
        asked = secure_network_from_form(self._network, user_input)
        filled = {each.network_id for each in subscriptions_of(self._get_entry())}
        if asked.objects_of and asked.network_id in filled:
            raise NetworkFormError(CONF_OBJECTS_OF, "has_events")
        return asked

    async def _trouble(self) -> str:
        """Return what keeps us from joining the hubs, "" when they take us."""
        alone = replace(self._network, failover="", direct_port=0, direct_uri="")
        uris = [each for each in (alone.primary, self._network.failover) if each]
        for uri in uris:
            # An id of its own: the running network's place is not taken from it
            tried = replace(alone, primary=uri, network_id=f"{alone.network_id}-try")
            try:
                status = await self._client.check_secure_network(tried)
            except PlantroomError as err:
                return f"{uri}: {await failure_text(self.hass, err)}"
            if status.connection is HubConnection.NONE:
                return f"{uri}: {await hub_trouble(self.hass, status)}"
        return ""

    def _keep(self) -> SubentryFlowResult:
        subentry = secure_network_subentry(self._network)
        if self.source == SOURCE_RECONFIGURE:
            follow_own_device(self.hass, self._get_entry(), self._network)
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
