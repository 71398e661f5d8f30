"""Whom a hub turned away and why, told once for each address."""

import logging
import ssl
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_LOGGER = logging.getLogger(__name__)

MOST_REMEMBERED: Final = 1000

# OpenSSL's X509_V_ERR_*: what is wrong with a certificate
_CERTIFICATE: Final = {
    2: "its authority is not one we trust",
    7: "its certificate is not signed by the authority that it names",
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is signed by itself and not trusted",
    19: "its authority is not one we trust",
    20: "its authority is not one we trust",
    21: "its authority is not one we trust",
    23: "its certificate is revoked",
    26: "its certificate is not made for connecting to a hub",
}
# OpenSSL's reasons: what else is wrong
_HANDSHAKE: Final = {
    "CERTIFICATE_EXPIRED": "it says that our certificate has expired",
    "HTTP_REQUEST": "it speaks without TLS",
    "NO_SHARED_CIPHER": "it speaks none of the ciphers of TLS 1.3",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it shows no certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it says that our certificate is bad",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it says that our certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not accept our certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not trust the authority of our certificate",
    "UNSUPPORTED_PROTOCOL": "it speaks only an older TLS than 1.3",
    "WRONG_VERSION_NUMBER": "it does not speak TLS",
}


class TooManyError(OSError):
    """Others wait already."""


class Refusals:
    """Counts who is turned away; logs an address and a cause once."""

    def __init__(self, name: str, changed: Callable[[], None]) -> None:
        """Take the hub's name, for the log, and whom to tell of each."""
        self.count = 0
        self._name = name
        self._changed = changed
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    def add(self, address: str, cause: str) -> None:
        """Count one; cause: a sentence about the node, "its certificate has expired"."""
        self.count += 1
        self._changed()
        if (address, cause) in self._told:
            self._told.move_to_end((address, cause))
            return
        self._told[address, cause] = None
        if len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)
        _LOGGER.warning("Hub %s refuses %s: %s", self._name, address, cause)


def cause_of(error: OSError) -> str:
    """Return why a TLS handshake failed, as a sentence about the other side."""
    if isinstance(error, ssl.SSLCertVerificationError):
        found = _CERTIFICATE.get(error.verify_code)
        return found or f"its certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return _HANDSHAKE.get(error.reason) or f"TLS failed: {error.reason}"
    if isinstance(error, TooManyError):
        return "too many connect at the same time"
    return "it does not finish the TLS handshake in time"
