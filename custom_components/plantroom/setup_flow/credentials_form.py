"""The forms that ask for credentials: files, names, requests and answers."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import probatio
from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..actor import configuring_user
from ..engine.secure_connect.certificates import (
    CertificateStock,
    CredentialsImport,
    CredentialsSummary,
)
from .network_form import NetworkFormError

CONF_ANSWER: Final = "answer"
CONF_AUTHORITIES: Final = "authorities"
CONF_AUTHORITY: Final = "authority"
CONF_CERTIFICATE: Final = "certificate"
CONF_CREDENTIALS: Final = "credentials"
CONF_HOST_NAMES: Final = "host_names"
CONF_KEY: Final = "key"
CONF_PASSPHRASE: Final = "passphrase"  # noqa: S105 - the name of a field
LONGEST_FILE: Final = 256 * 1024
_FILES: Final = ".pem,.crt,.cer,.key,.p12,.pfx"
_FILE: Final = FileSelector(FileSelectorConfig(accept=_FILES))
SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
MANY: Final = TextSelector(TextSelectorConfig(multiple=True))
PEM_TEXT: Final = TextSelector(TextSelectorConfig(multiline=True))


def usable(stock: CertificateStock) -> list[CredentialsSummary]:
    """Return the credentials that can name us now."""
    return [each for each in stock.credentials if each.fingerprint and each.has_key]


def waiting(stock: CertificateStock) -> list[CredentialsSummary]:
    """Return the credentials whose request waits for an answer."""
    return [each for each in stock.credentials if each.request]


def choice_schema(found: list[CredentialsSummary], chosen: str) -> probatio.Schema:
    """Return a form that asks for one of these; chosen: "" for the first."""
    options = [
        SelectOptionDict(value=each.credentials_id, label=_label(each))
        for each in found
    ]
    ids = [each.credentials_id for each in found]
    default = chosen if chosen in ids else ids[0]
    selector = SelectSelector(SelectSelectorConfig(options=options))
    return probatio.Schema(
        {probatio.Required(CONF_CREDENTIALS, default=default): selector}
    )


def files_schema() -> probatio.Schema:
    """Return the form that takes what was issued elsewhere."""
    return probatio.Schema(
        {
            probatio.Required(CONF_CERTIFICATE): _FILE,
            probatio.Optional(CONF_KEY): _FILE,
            probatio.Optional(CONF_AUTHORITIES): _FILE,
            probatio.Optional(probatio.Secret(CONF_PASSPHRASE)): SECRET,
        }
    )


def order_schema(name: str, *, asks_authority: bool) -> probatio.Schema:
    """Return the form that says what a certificate is to be for."""
    authority = {probatio.Required(CONF_AUTHORITY, default=name): TextSelector()}
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME, default=name): TextSelector(),
            probatio.Optional(CONF_HOST_NAMES): MANY,
            **(authority if asks_authority else {}),
        }
    )


def answer_schema() -> probatio.Schema:
    """Return the form that takes the answer to a request, as files or as text."""
    return probatio.Schema(
        {
            probatio.Optional(CONF_CERTIFICATE): _FILE,
            probatio.Optional(CONF_ANSWER): PEM_TEXT,
            probatio.Optional(CONF_AUTHORITIES): _FILE,
        }
    )


async def uploaded_credentials(
    hass: HomeAssistant, answers: Mapping[str, Any], credentials_id: str = ""
) -> CredentialsImport:
    """Return what a form was given; raises NetworkFormError and ConfigurationError."""
    names = (CONF_CERTIFICATE, CONF_KEY, CONF_AUTHORITIES)
    given = [name for name in names if answers.get(name)]
    read = await asyncio.gather(
        *(
            hass.async_add_executor_job(_read, hass, answers[name], name)
            for name in given
        )
    )
    files = dict(zip(given, read, strict=True))
    certificate = files.get(CONF_CERTIFICATE, b"")
    texts = {
        name: _text(data, name)
        for name, data in files.items()
        if name != CONF_CERTIFICATE
    }
    typed = answers.get(CONF_ANSWER, "").strip()
    if not certificate and not typed:
        raise NetworkFormError(CONF_CERTIFICATE, "no_certificate")
    packed = bool(certificate) and b"-----BEGIN " not in certificate
    return CredentialsImport(
        actor=configuring_user(),
        credentials_id=credentials_id,
        certificate="" if packed else certificate.decode("ascii", "replace") or typed,
        key=texts.get(CONF_KEY, ""),
        authorities=texts.get(CONF_AUTHORITIES, ""),
        pkcs12=b64encode(certificate).decode("ascii") if packed else "",
        passphrase=answers.get(CONF_PASSPHRASE, ""),
    )


def _read(hass: HomeAssistant, uploaded: str, name: str) -> bytes:
    """Return an uploaded file's octets, the file is gone then; blocks."""
    with process_uploaded_file(hass, uploaded) as path, Path(path).open("rb") as file:
        data = file.read(LONGEST_FILE + 1)
    if len(data) > LONGEST_FILE:
        raise NetworkFormError(name, "bad_pem")
    return data


def _text(data: bytes, name: str) -> str:
    if b"-----BEGIN " not in data or not data.isascii():
        raise NetworkFormError(name, "bad_pem")
    return data.decode("ascii")


def _label(each: CredentialsSummary) -> str:
    until = "" if each.expires_at is None else f" — {each.expires_at:%Y-%m-%d}"
    return f"{each.name}{until}"
