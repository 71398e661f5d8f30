"""The form that asks how a KurrentDB is reached."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import probatio
from homeassistant.const import CONF_NAME, CONF_PASSWORD
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..engine.errors import ConfigurationError
from ..engine.gateway.configuration import EventStoreConfig, StoreKind
from .network_form import NetworkFormError
from .pem_upload import PEM_FILE

DEFAULT_NAME: Final = "KurrentDB"
CONF_URI: Final = "uri"
CONF_USER: Final = "user"
CERTIFICATES: Final = "certificates"
CONF_FORGET: Final = "forget_certificates"
ROOTS: Final = "root_certificates"
CERTIFICATE: Final = "client_certificate"
KEY: Final = "client_key"
PEMS: Final = (ROOTS, CERTIFICATE, KEY)
_UNKNOWN_URI: Final = "-"
PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)


def fresh_kurrentdb(store_id: str) -> EventStoreConfig:
    """Return a KurrentDB whose address has to be asked for."""
    return EventStoreConfig(
        store_id=store_id, kind=StoreKind.KURRENTDB, uri=_UNKNOWN_URI
    )


def kurrentdb_schema(shown: EventStoreConfig, name: str) -> probatio.Schema:
    """Return the form, filled but for what is secret."""
    uri = "" if shown.uri == _UNKNOWN_URI else shown.uri
    certificates: dict[Any, Any] = {probatio.Optional(pem): PEM_FILE for pem in PEMS}
    if any(getattr(shown, pem) for pem in PEMS):
        certificates[probatio.Optional(CONF_FORGET, default=False)] = BooleanSelector()
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME, default=name): TextSelector(),
            probatio.Required(
                CONF_URI, description={"suggested_value": uri}
            ): TextSelector(),
            probatio.Optional(
                CONF_USER, description={"suggested_value": shown.user}
            ): TextSelector(),
            probatio.Optional(CONF_PASSWORD): PASSWORD,
            probatio.Required(CERTIFICATES): section(
                probatio.Schema(certificates), {"collapsed": True}
            ),
        }
    )


def kurrentdb_from_form(
    before: EventStoreConfig, answers: Mapping[str, Any], pems: Mapping[str, str]
) -> EventStoreConfig:
    """Return the store asked for; raises NetworkFormError.

    What is secret and left empty stays as it was, for the same user.
    """
    user = answers.get(CONF_USER, "").strip()
    password = answers.get(CONF_PASSWORD, "")
    kept_password = before.password if user == before.user else ""
    forgotten = answers[CERTIFICATES].get(CONF_FORGET, False)
    kept = EventStoreConfig(store_id=before.store_id) if forgotten else before
    try:
        return replace(
            before,
            uri=answers[CONF_URI].strip(),
            user=user,
            password=(password or kept_password) if user else "",
            root_certificates=pems.get(ROOTS, kept.root_certificates),
            client_certificate=pems.get(CERTIFICATE, kept.client_certificate),
            client_key=pems.get(KEY, kept.client_key),
        )
    except ConfigurationError as err:
        field = err.facts["field"]
        raise NetworkFormError(
            "base" if field in PEMS else field, f"bad_{field}"
        ) from err
