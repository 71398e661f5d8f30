"""TLS 1.3 with certificates on both sides, trusting the site's authorities (AB.7.4)."""

import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from custom_components.plantroom.engine.errors import NetworkError


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What names us, and whom we trust; each is PEM text.

    certificate: ours, then those between it and the authority, if any. key: without a
    password. authorities: one or more.
    """

    certificate: str
    key: str = field(repr=False)
    authorities: str


class CredentialsError(NetworkError):
    """A certificate, key or authority cannot be used; facts: reason."""

    code = "credentials"


def client_context(
    identity: Identity, *, check_host_name: bool = False
) -> ssl.SSLContext:
    """Return a context to connect with; raises CredentialsError. Blocks.

    Many certificates of devices name no host, so the authority alone is trusted unless
    host names are to be checked.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = check_host_name
    return _furnished(context, identity)


def server_context(identity: Identity) -> ssl.SSLContext:
    """Return a context that refuses who has no certificate that we trust.

    Raises CredentialsError. Blocks.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0  # nobody resumes what a later check would refuse
    return _furnished(context, identity)


def _furnished(context: ssl.SSLContext, identity: Identity) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    # Authorities of a site are often not self-signed; which one counts is ours to say
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=identity.authorities)
    except (ssl.SSLError, ValueError) as err:
        raise CredentialsError(
            f"The authorities cannot be used: {err}", reason="authorities"
        ) from err
    _load_own(context, identity)
    return context


def _load_own(context: ssl.SSLContext, identity: Identity) -> None:
    """Let OpenSSL read the key from a file, which it must, encrypted for that moment."""
    password = secrets.token_hex(32)
    encrypted = _encrypted(identity.key, password)
    with tempfile.TemporaryDirectory(prefix="plantroom-") as folder:
        path = Path(folder, "own.pem")
        path.write_bytes(identity.certificate.encode() + b"\n" + encrypted)
        try:
            context.load_cert_chain(path, password=password)
        except ssl.SSLError as err:
            reason = "mismatch" if "MISMATCH" in str(err.reason) else "certificate"
            raise CredentialsError(
                f"The certificate cannot be used: {err.reason}", reason=reason
            ) from err


def _encrypted(key: str, password: str) -> bytes:
    try:
        private = load_pem_private_key(key.encode(), password=None)
        return private.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            BestAvailableEncryption(password.encode()),
        )
    except ValueError, TypeError, UnsupportedAlgorithm:
        # Without its cause: a parser's message may quote what it could not read
        raise CredentialsError("The key cannot be used", reason="key") from None
