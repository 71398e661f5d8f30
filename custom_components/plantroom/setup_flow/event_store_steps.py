"""The steps that describe an event store, which is tried before it is kept."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import uuid4

import probatio
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PASSWORD, CONF_PORT

from ..const import CONF_TLS, CONNECTION, SERVER
from ..engine.errors import PlantroomError, UnknownCommandError
from ..engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    StoreKind,
)
from ..gateway_options import shared_options
from ..gateway_subentries import OWN_LOG, event_stores_of
from ..runtime import PlantroomConfigEntry
from ..server_settings import Tls
from .kurrentdb_form import (
    CERTIFICATES,
    DEFAULT_NAME,
    PEMS,
    fresh_kurrentdb,
    kurrentdb_from_form,
    kurrentdb_schema,
)
from .network_form import NetworkFormError
from .own_log_form import CONF_AUTHORITIES, own_log_from_form, own_log_schema
from .pem_upload import uploaded_pems

_NEVER_SHOWN: Final = frozenset({CERTIFICATES, CONF_AUTHORITIES, CONF_PASSWORD})
_FIELDS: Final = frozenset({"uri", "user", "password"})


class StoreFaultError(NetworkFormError):
    """A store that cannot be used: the form's field, and what the engine says of it."""

    def __init__(self, field: str, detail: str) -> None:
        """Keep where the error belongs and why."""
        refused = bool(field)
        super().__init__(
            field if field in _FIELDS else "base",
            "store_refused" if refused else "store_silent",
        )
        self.detail = detail


class EventStoreSteps(ConfigSubentryFlow):
    """Ask for a store of either kind; what becomes of it is left to the flow."""

    def __init__(self) -> None:
        """Start with a store that nobody described."""
        super().__init__()
        self._store = EventStoreConfig(store_id=uuid4().hex[:8])
        self._store_name = DEFAULT_NAME
        self._tried_in_vain: EventStoreConfig | None = None
        self._pems: dict[str, str] = {}

    @abstractmethod
    async def _take_store(
        self, store: EventStoreConfig, name: str
    ) -> SubentryFlowResult:
        """Go on with a store that can be used."""

    async def async_step_own_log(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how events come into the server's own log."""
        before, errors = self._store, dict[str, str]()
        if user_input is not None:
            try:
                await self._upload(user_input, [CONF_AUTHORITIES])
                store = own_log_from_form(before, user_input, self._pems)
                self._refuse_useless(store)
            except NetworkFormError as err:
                errors = {err.field: err.key}
            else:
                return await self._show_token(before, store)
        return self.async_show_form(
            step_id="own_log",
            data_schema=self.add_suggested_values_to_schema(
                own_log_schema(before, is_new=self.source != SOURCE_RECONFIGURE),
                _without_secrets(user_input),
            ),
            errors=errors,
            description_placeholders={"url": self._events_url()},
        )

    async def async_step_token(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the new token once."""
        if user_input is not None:
            return await self._take_store(self._store, OWN_LOG)
        return self.async_show_form(
            step_id="token",
            data_schema=probatio.Schema({}),
            description_placeholders={
                "url": self._events_url(),
                "token": self._store.http_token,
            },
        )

    async def async_step_kurrentdb(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask how a KurrentDB is reached, until it can be used."""
        errors, detail = dict[str, str](), ""
        if self._store.kind is not StoreKind.KURRENTDB:
            self._store = fresh_kurrentdb(self._store.store_id)
        if user_input is not None:
            try:
                store = await self._described(user_input)
                await self._try(store)
            except NetworkFormError as err:
                # What is in a section shows no error of its own
                errors = {"base" if err.field in PEMS else err.field: err.key}
                detail = err.detail if isinstance(err, StoreFaultError) else ""
            else:
                name = user_input[CONF_NAME].strip() or DEFAULT_NAME
                return await self._take_store(store, name)
        return self.async_show_form(
            step_id="kurrentdb",
            data_schema=self.add_suggested_values_to_schema(
                kurrentdb_schema(self._tried_in_vain or self._store, self._store_name),
                _without_secrets(user_input),
            ),
            errors=errors,
            description_placeholders={"detail": detail},
        )

    async def _described(self, answers: dict[str, Any]) -> EventStoreConfig:
        """Return the store in the form's answers; raises NetworkFormError.

        What is secret and was given before need not be given again.
        """
        await self._upload(answers[CERTIFICATES], PEMS)
        before = self._tried_in_vain or self._store
        return kurrentdb_from_form(before, answers, self._pems)

    async def _upload(self, answers: Mapping[str, Any], names: Collection[str]) -> None:
        """Keep uploaded files for the next try, as they are gone then."""
        self._pems |= await uploaded_pems(self.hass, answers, names)

    async def _try(self, store: EventStoreConfig) -> None:
        """Have the server use a store; raises StoreFaultError.

        One that is only silent is taken when a person insists: it may be down today.
        """
        insists = store == self._tried_in_vain
        self._tried_in_vain = store
        try:
            check = await self._engine().runtime_data.client.check_event_store(store)
        except UnknownCommandError:
            # A server of before says it once it has the subscription
            return
        except PlantroomError as err:
            raise StoreFaultError("", str(err)) from err
        if check.works or (insists and not check.field):
            return
        raise StoreFaultError(check.field, check.detail)

    async def _show_token(
        self, before: EventStoreConfig, store: EventStoreConfig
    ) -> SubentryFlowResult:
        self._store = store
        if store.http_token and store.http_token != before.http_token:
            return await self.async_step_token()
        return await self._take_store(store, OWN_LOG)

    def _refuse_useless(self, store: EventStoreConfig) -> None:
        """Raise NetworkFormError for a log that nobody fills, or of two servers."""
        if not store.has_inlet and self.source != SOURCE_RECONFIGURE:
            raise NetworkFormError("base", "needs_inlet")
        options: GatewayConfig = shared_options(self._get_entry().options)
        if options.standby and store.has_inlet:
            raise NetworkFormError("base", "inlet_with_standby")

    def _obstacle(self) -> str:
        """Return why no event store can be described now, "" when nothing is."""
        entry = self._get_entry()
        if entry.data[CONNECTION] != SERVER:
            return "needs_server"
        return "" if entry.state is ConfigEntryState.LOADED else "not_loaded"

    def _engine(self) -> PlantroomConfigEntry:
        entry: PlantroomConfigEntry = self._get_entry()
        return entry

    def _has_own_log(self) -> bool:
        stores = event_stores_of(self._get_entry())
        return any(store.kind is StoreKind.EMBEDDED for _, store in stores)

    def _events_url(self) -> str:
        """Return where senders post events, as Home Assistant reaches the server."""
        data = self._get_entry().data
        scheme = "http" if data[CONF_TLS] == Tls.NONE else "https"
        return f"{scheme}://{data[CONF_HOST]}:{data[CONF_PORT]}/events"


def _without_secrets(answers: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what a form may show again: no password, and no file that was taken."""
    if answers is None:
        return None
    return {key: answers[key] for key in answers if key not in _NEVER_SHOWN}
