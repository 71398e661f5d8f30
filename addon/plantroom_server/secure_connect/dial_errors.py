"""What went wrong on the way to a hub or a peer, told exactly."""

import ssl
from collections.abc import Iterator
from typing import Final

import aiohttp

from custom_components.plantroom.engine.errors import NetworkError
from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble

# X509_V_ERR_… of OpenSSL
_VERIFY: Final = {
    9: HubTrouble.NOT_YET_VALID,
    10: HubTrouble.EXPIRED,
    2: HubTrouble.UNTRUSTED,
    18: HubTrouble.UNTRUSTED,
    19: HubTrouble.UNTRUSTED,
    20: HubTrouble.UNTRUSTED,
    21: HubTrouble.UNTRUSTED,
    62: HubTrouble.HOST_NAME,
    64: HubTrouble.HOST_NAME,
}
# Alerts by which the other side refuses our certificate (RFC 8446, 6.2)
_ALERTS: Final = {
    "ALERT_UNKNOWN_CA": HubTrouble.OWN_UNTRUSTED,
    "ALERT_CERTIFICATE_EXPIRED": HubTrouble.OWN_EXPIRED,
    "ALERT_BAD_CERTIFICATE": HubTrouble.OWN_REFUSED,
    "ALERT_UNSUPPORTED_CERTIFICATE": HubTrouble.OWN_REFUSED,
    "ALERT_CERTIFICATE_REVOKED": HubTrouble.OWN_REFUSED,
    "ALERT_CERTIFICATE_UNKNOWN": HubTrouble.OWN_REFUSED,
    "ALERT_CERTIFICATE_REQUIRED": HubTrouble.OWN_REFUSED,
    "ALERT_DECRYPT_ERROR": HubTrouble.OWN_REFUSED,
    "ALERT_ACCESS_DENIED": HubTrouble.OWN_REFUSED,
}
_DETAIL_LENGTH: Final = 200


class LinkError(NetworkError):
    """There is no connection; its code is a HubTrouble; facts: uri, detail."""

    def __init__(self, trouble: HubTrouble, uri: str, detail: str = "") -> None:
        """Keep what it is, about whom, and what was said, cut to a sentence."""
        said = printable(detail)
        super().__init__(f"{uri}: {trouble}: {said}", uri=uri, detail=said)
        self.code = trouble.value
        self.trouble = trouble
        self.detail = said


def printable(text: str) -> str:
    """Return a peer's words without what could harm a log or a screen."""
    return "".join(each for each in text if each.isprintable())[:_DETAIL_LENGTH]


def translated(err: Exception, uri: str) -> LinkError:
    """Return what an error of aiohttp, TLS or the system means."""
    if isinstance(err, LinkError):
        return err
    if isinstance(err, TimeoutError):
        return LinkError(HubTrouble.NO_ANSWER, uri)
    for each in _chain(err):
        if isinstance(each, aiohttp.ClientError):
            continue  # some are of ssl's kinds as well, without what those tell
        if isinstance(each, ssl.SSLCertVerificationError):
            trouble = _VERIFY.get(each.verify_code, HubTrouble.CERTIFICATE)
            return LinkError(trouble, uri, each.verify_message)
        if isinstance(each, ssl.SSLError):
            return LinkError(_alert(each), uri, each.reason or str(each))
    return _without_tls(err, uri)


def _without_tls(err: Exception, uri: str) -> LinkError:
    if isinstance(err, aiohttp.ClientConnectorDNSError):
        return LinkError(HubTrouble.NAME_UNKNOWN, uri, str(err.os_error))
    if isinstance(err, aiohttp.WSServerHandshakeError):
        return LinkError(HubTrouble.NOT_A_HUB, uri, f"{err.status} {err.message}")
    if isinstance(err, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return LinkError(HubTrouble.CLOSED_EARLY, uri)
    if isinstance(err, aiohttp.ClientResponseError | aiohttp.InvalidURL):
        return LinkError(HubTrouble.NOT_A_HUB, uri, str(err))
    for each in _chain(err):
        if isinstance(each, ConnectionRefusedError):
            return LinkError(HubTrouble.CONNECTION_REFUSED, uri)
        if isinstance(each, ConnectionError):
            return LinkError(HubTrouble.CLOSED_EARLY, uri, str(each))
    return LinkError(HubTrouble.UNREACHABLE, uri, str(err))


def _alert(err: ssl.SSLError) -> HubTrouble:
    text = f"{err.reason or ''} {err}".upper()
    for alert, trouble in _ALERTS.items():
        if alert in text:
            return trouble
    return HubTrouble.TLS


def _chain(err: BaseException) -> Iterator[BaseException]:
    """Yield an error and those behind it; aiohttp keeps some in attributes."""
    waiting: list[BaseException | None] = [err]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        for name in ("certificate_error", "os_error"):
            behind = getattr(each, name, None)
            waiting.append(behind if isinstance(behind, BaseException) else None)
        waiting += [each.__cause__, each.__context__]
