"""The steps that find credentials: there already, imported, issued or asked for."""

from abc import abstractmethod
from typing import Any

import probatio
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME

from ..actor import configuring_user
from ..client import EngineClient
from ..engine.errors import PlantroomError
from ..engine.secure_connect.certificates import (
    AuthorityOrder,
    CertificateStock,
    CredentialsOrder,
    CredentialsSummary,
)
from ..failure_text import failure_text
from ..runtime import PlantroomConfigEntry
from ..secure_subentries import has_server
from .credentials_form import (
    CONF_ANSWER,
    CONF_AUTHORITY,
    CONF_CREDENTIALS,
    CONF_HOST_NAMES,
    answer_schema,
    choice_schema,
    files_schema,
    order_schema,
    uploaded_credentials,
    usable,
    waiting,
)
from .network_form import NetworkFormError


class CredentialsSteps(ConfigSubentryFlow):
    """Ends in `_take_credentials` with some that can be used."""

    def __init__(self) -> None:
        """Start without credentials."""
        super().__init__()
        self._credentials = ""

    @abstractmethod
    async def _take_credentials(self) -> SubentryFlowResult:
        """Go on with the credentials of `self._credentials`."""

    @abstractmethod
    async def _ask(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Ask for what is set up, and go on with what was said."""

    @abstractmethod
    def _owner_name(self) -> str:
        """Return what the credentials are for, as people call it."""

    def _obstacle(self) -> str | None:
        """Return why nothing can be set up, the reason of an abort."""
        entry = self._entry
        if not has_server(entry):
            return "needs_server"
        if entry.state is not ConfigEntryState.LOADED:
            return "not_loaded"
        return None

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what is new."""
        if obstacle := self._obstacle():
            return self.async_abort(reason=obstacle)
        return await self._ask("user", user_input)

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what is to be different."""
        return await self._ask("settings", user_input)

    async def async_step_credentials(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose where credentials come from."""
        there = ["choose"] if usable(self._stock) else []
        asked = ["answer"] if waiting(self._stock) else []
        return self.async_show_menu(
            step_id="credentials",
            menu_options=[*there, *asked, "issue", "request", "files"],
            description_placeholders={"name": self._owner_name()},
        )

    async def async_step_choose(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose among those that there are."""
        if user_input is not None:
            self._credentials = user_input[CONF_CREDENTIALS]
            return await self._take_credentials()
        return self.async_show_form(
            step_id="choose",
            data_schema=choice_schema(usable(self._stock), self._credentials),
        )

    async def async_step_issue(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Issue them with the site's authority, made at once where there is none."""
        asks_authority = not any(each.signs for each in self._stock.authorities)
        errors, message = dict[str, str](), ""
        if user_input is not None:
            try:
                if asks_authority:
                    made = AuthorityOrder(
                        actor=configuring_user(), name=user_input[CONF_AUTHORITY]
                    )
                    await self._client.make_authority(made)
                issued = await self._client.issue_credentials(_order(user_input))
            except PlantroomError as err:
                errors, message = await self._failed(err)
            else:
                return await self._take(issued)
        schema = order_schema(self._owner_name(), asks_authority=asks_authority)
        return self._show("issue", schema, user_input, errors, message)

    async def async_step_request(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make a key that stays on the server, and a request for it."""
        errors, message = dict[str, str](), ""
        if user_input is not None:
            try:
                asked = await self._client.request_credentials(_order(user_input))
            except PlantroomError as err:
                errors, message = await self._failed(err)
            else:
                self._credentials = asked.credentials_id
                return await self.async_step_requested()
        schema = order_schema(self._owner_name(), asks_authority=False)
        return self._show("request", schema, user_input, errors, message)

    async def async_step_answer(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the request that is answered, where there are several."""
        asked = waiting(self._stock)
        if user_input is None and len(asked) > 1:
            schema = choice_schema(asked, self._credentials)
            return self.async_show_form(step_id="answer", data_schema=schema)
        chosen = user_input or {CONF_CREDENTIALS: asked[0].credentials_id}
        self._credentials = chosen[CONF_CREDENTIALS]
        return await self.async_step_requested()

    async def async_step_requested(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the request, and take its answer now or in a later dialogue."""
        errors, message = dict[str, str](), ""
        if user_input is not None:
            try:
                wanted = await uploaded_credentials(
                    self.hass, user_input, self._credentials
                )
                return await self._take(await self._client.import_credentials(wanted))
            except NetworkFormError as err:
                errors = {err.field: err.key}
            except PlantroomError as err:
                errors, message = await self._failed(err)
        typed = {CONF_ANSWER: (user_input or {}).get(CONF_ANSWER, "")}
        return self.async_show_form(
            step_id="requested",
            data_schema=self.add_suggested_values_to_schema(answer_schema(), typed),
            errors=errors,
            description_placeholders={
                "message": message,
                "request": f"```\n{self._summary().request}```",
            },
        )

    async def async_step_files(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take what was issued elsewhere."""
        errors, message = dict[str, str](), ""
        if user_input is not None:
            try:
                wanted = await uploaded_credentials(self.hass, user_input)
                return await self._take(await self._client.import_credentials(wanted))
            except NetworkFormError as err:
                errors = {err.field: err.key}
            except PlantroomError as err:
                errors, message = await self._failed(err)
        return self._show("files", files_schema(), None, errors, message)

    @property
    def _entry(self) -> PlantroomConfigEntry:
        entry: PlantroomConfigEntry = self._get_entry()
        return entry

    @property
    def _client(self) -> EngineClient:
        return self._entry.runtime_data.client

    @property
    def _stock(self) -> CertificateStock:
        return self._client.mirror.certificates

    def _summary(self) -> CredentialsSummary:
        known = {each.credentials_id: each for each in self._stock.credentials}
        nobody = CredentialsSummary(credentials_id=self._credentials, name="")
        return known.get(self._credentials, nobody)

    async def _take(self, summary: CredentialsSummary) -> SubentryFlowResult:
        self._credentials = summary.credentials_id
        return await self._take_credentials()

    async def _failed(self, err: PlantroomError) -> tuple[dict[str, str], str]:
        return {"base": "refused"}, await failure_text(self.hass, err)

    def _show(
        self,
        step_id: str,
        schema: probatio.Schema,
        shown: dict[str, Any] | None,
        errors: dict[str, str],
        message: str,
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders={"message": message},
        )


def _order(answers: dict[str, Any]) -> CredentialsOrder:
    return CredentialsOrder(
        actor=configuring_user(),
        name=answers[CONF_NAME],
        host_names=tuple(answers.get(CONF_HOST_NAMES, ())),
    )
