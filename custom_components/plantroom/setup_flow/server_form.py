"""The form that asks where a Plantroom server is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import probatio
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN
from homeassistant.data_entry_flow import Optional, Required
from homeassistant.helpers.field_visibility import FieldCondition
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import CONF_FINGERPRINT, CONF_TLS
from ..server_settings import ServerSettings, Tls, fingerprint_in
from .network_form import NetworkFormError

_IS_PINNED: Final[FieldCondition] = {
    "field": CONF_TLS,
    "value": Tls.PINNED.value,
}
_PORT: Final = NumberSelector(
    NumberSelectorConfig(min=1, max=65535, step=1, mode=NumberSelectorMode.BOX)
)
_TLS: Final = SelectSelector(
    SelectSelectorConfig(
        options=[each.value for each in Tls],
        translation_key="server_tls",
        mode=SelectSelectorMode.DROPDOWN,
    )
)
TOKEN: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))


def server_schema(shown: ServerSettings) -> probatio.Schema:
    """Return the form, filled with the settings shown but for the token."""
    return probatio.Schema(
        {
            Required(
                CONF_HOST, description={"suggested_value": shown.host}
            ): TextSelector(),
            Required(CONF_PORT, default=shown.port): _PORT,
            Required(CONF_TOKEN): TOKEN,
            Required(CONF_TLS, default=shown.tls.value): _TLS,
            Optional(
                CONF_FINGERPRINT,
                visible=_IS_PINNED,
                description={"suggested_value": shown.fingerprint},
            ): TextSelector(),
        }
    )


def settings_from_form(
    before: ServerSettings, answers: Mapping[str, Any]
) -> ServerSettings:
    """Return the settings asked for, or raise NetworkFormError.

    A pinned server without a fingerprint: a person has not compared it yet.
    """
    tls = Tls(answers[CONF_TLS])
    return replace(
        before,
        host=_host(answers[CONF_HOST]),
        port=int(answers[CONF_PORT]),
        token=answers[CONF_TOKEN].strip(),
        tls=tls,
        fingerprint=(
            _fingerprint(answers.get(CONF_FINGERPRINT, "")) if tls is Tls.PINNED else ""
        ),
    )


def _host(text: str) -> str:
    """Return a host without the brackets of an IPv6 address."""
    host = text.strip().removeprefix("[").removesuffix("]")
    if not host or "/" in host or any(letter.isspace() for letter in host):
        raise NetworkFormError(CONF_HOST, "bad_host")
    return host


def _fingerprint(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return fingerprint_in(text)
    except ValueError as err:
        raise NetworkFormError(CONF_FINGERPRINT, "bad_fingerprint") from err
