"""The form that asks how events come into the server's own log."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import probatio
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT
from homeassistant.data_entry_flow import Optional, Required
from homeassistant.helpers.field_visibility import FieldCondition
from homeassistant.helpers.selector import BooleanSelector, TextSelector

from ..engine.errors import ConfigurationError
from ..engine.gateway.configuration import EventStoreConfig, MqttInletConfig
from .kurrentdb_form import CONF_FORGET, CONF_USER, PASSWORD
from .network_form import PORT, NetworkFormError
from .pem_upload import PEM_FILE

CONF_HTTP: Final = "http"
CONF_RENEW: Final = "renew"
CONF_MQTT: Final = "mqtt"
CONF_TLS: Final = "tls"
CONF_TOPIC: Final = "topic"
CONF_AUTHORITIES: Final = "root_certificates"
_TOKEN_OCTETS: Final = 32
_HAS_MQTT: Final[FieldCondition] = {"field": CONF_MQTT, "value": True}
_HAS_HTTP: Final[FieldCondition] = {"field": CONF_HTTP, "value": True}


def own_log_schema(shown: EventStoreConfig, *, is_new: bool) -> probatio.Schema:
    """Return the form, filled but for what is secret; a new log begins with HTTP."""
    broker, has_http = shown.mqtt, is_new or bool(shown.http_token)
    fields: dict[Any, Any] = {
        probatio.Required(CONF_HTTP, default=has_http): BooleanSelector()
    }
    if shown.http_token:
        fields[Optional(CONF_RENEW, default=False, visible=_HAS_HTTP)] = (
            BooleanSelector()
        )
    fields |= {
        probatio.Required(CONF_MQTT, default=broker is not None): BooleanSelector(),
        Required(
            CONF_HOST,
            visible=_HAS_MQTT,
            description=_suggested("" if broker is None else broker.host),
        ): TextSelector(),
        Required(
            CONF_PORT,
            visible=_HAS_MQTT,
            default=8883 if broker is None else broker.port,
        ): PORT,
        Required(
            CONF_TOPIC,
            visible=_HAS_MQTT,
            description=_suggested("" if broker is None else broker.topic),
        ): TextSelector(),
        Optional(
            CONF_USER,
            visible=_HAS_MQTT,
            description=_suggested("" if broker is None else broker.user),
        ): TextSelector(),
        Optional(CONF_PASSWORD, visible=_HAS_MQTT): PASSWORD,
        Required(
            CONF_TLS, visible=_HAS_MQTT, default=broker is None or broker.tls
        ): BooleanSelector(),
        Optional(CONF_AUTHORITIES, visible=_HAS_MQTT): PEM_FILE,
    }
    if broker is not None and broker.root_certificates:
        fields[Optional(CONF_FORGET, default=False, visible=_HAS_MQTT)] = (
            BooleanSelector()
        )
    return probatio.Schema(fields)


def own_log_from_form(
    before: EventStoreConfig, answers: Mapping[str, Any], pems: Mapping[str, str]
) -> EventStoreConfig:
    """Return the log asked for, with a token where there was none.

    Raises NetworkFormError.
    """
    token = ""
    if answers[CONF_HTTP]:
        token = before.http_token
        if not token or answers.get(CONF_RENEW):
            token = secrets.token_urlsafe(_TOKEN_OCTETS)
    mqtt = _broker(before.mqtt, answers, pems) if answers[CONF_MQTT] else None
    return replace(before, http_token=token, mqtt=mqtt)


def _broker(
    before: MqttInletConfig | None,
    answers: Mapping[str, Any],
    pems: Mapping[str, str],
) -> MqttInletConfig:
    user = answers.get(CONF_USER, "").strip()
    password = answers.get(CONF_PASSWORD, "")
    if not password and before is not None and user == before.user:
        password = before.password
    kept = (
        "" if before is None or answers.get(CONF_FORGET) else before.root_certificates
    )
    authorities = pems.get(CONF_AUTHORITIES, kept)
    try:
        return MqttInletConfig(
            host=answers.get(CONF_HOST, "").strip(),
            port=int(answers[CONF_PORT]),
            topic=answers.get(CONF_TOPIC, "").strip(),
            client_id=f"plantroom-{uuid4().hex[:12]}"
            if before is None
            else before.client_id,
            tls=answers[CONF_TLS],
            root_certificates=authorities if answers[CONF_TLS] else "",
            user=user,
            password=password if user else "",
        )
    except ConfigurationError as err:
        field = err.facts["field"]
        raise NetworkFormError(field, f"bad_{field}") from err


def _suggested(value: str) -> dict[str, str]:
    return {"suggested_value": value}
