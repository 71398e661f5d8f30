"""How a server is reached, as an entry keeps it and people write it."""

import ssl
from dataclasses import replace

import pytest
from aiohttp import Fingerprint
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.wire.frames import CLIENT_ID
from custom_components.plantroom.server_settings import (
    ServerSettings,
    Tls,
    fingerprint_in,
    own_client_id,
    settings_data,
    settings_of,
)

PLAIN = "0123456789abcdef" * 4
SETTINGS = ServerSettings(
    host="plant.local",
    token="secret of the plant",
    client_id="me",
    port=8741,
    fingerprint=PLAIN,
    addon="1234_plantroom_server",
    follows=True,
)


def test_settings_come_out_of_an_entry_as_they_went_in() -> None:
    assert settings_of(settings_data(SETTINGS)) == SETTINGS


def test_settings_do_not_show_their_token() -> None:
    assert SETTINGS.token not in repr(SETTINGS)


def test_certificate_is_verified_as_was_asked() -> None:
    assert SETTINGS.address.url.scheme == "wss"
    pinned = SETTINGS.address.ssl
    assert isinstance(pinned, Fingerprint)
    assert pinned.fingerprint.hex() == PLAIN
    signed = replace(SETTINGS, tls=Tls.AUTHORITY).address.ssl
    assert isinstance(signed, ssl.SSLContext)
    assert signed.check_hostname
    assert signed.verify_mode is ssl.CERT_REQUIRED
    assert replace(SETTINGS, tls=Tls.NONE).address.url.scheme == "ws"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.upper(),
        f" {PLAIN}\n",
        ":".join(PLAIN[i : i + 2] for i in range(0, 64, 2)),
        f"SHA256:{PLAIN}",
    ],
)
def test_fingerprint_is_taken_however_it_is_written(text: str) -> None:
    assert fingerprint_in(text) == PLAIN


@pytest.mark.parametrize("text", ["", PLAIN[:-1], PLAIN + "0", "x" * 64])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        fingerprint_in(text)


async def test_home_assistant_is_the_same_client_for_good(hass: HomeAssistant) -> None:
    first = await own_client_id(hass)
    assert CLIENT_ID.fullmatch(first)
    assert await own_client_id(hass) == first
