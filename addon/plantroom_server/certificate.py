"""The server's certificate: one that is given, or one of our own making."""

import hashlib
import logging
import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from .access_token import write_private

_LOGGER = logging.getLogger(__name__)

FILE_NAME: Final = "certificate.pem"
# A machine's clock may be years behind when it makes the certificate
_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
_NO_END: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280, 4.1.2.5


def server_context(
    folder: Path, host: str, certificate: str = "", key: str = ""
) -> ssl.SSLContext:
    """Return the TLS context to listen with, and log what clients may pin.

    Without a certificate, the one kept in the folder, made if there is none. Blocks;
    raises OSError (ssl.SSLError among them).
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate, key)
        return context
    path = folder / FILE_NAME
    if not path.exists():
        write_private(path, _made(host))
    path.chmod(0o600)
    context.load_cert_chain(path)
    _LOGGER.info("The certificate's SHA-256 fingerprint is %s", fingerprint(path))
    return context


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of the certificate in a PEM file, as hexadecimal."""
    found = x509.load_pem_x509_certificates(path.read_bytes())
    return hashlib.sha256(found[0].public_bytes(Encoding.DER)).hexdigest()


def _made(host: str) -> bytes:
    """Return a key and a certificate for it, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Plantroom server")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_NO_END)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _names(host: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_address("127.0.0.1")),
        x509.IPAddress(ip_address("::1")),
    ]
    for each in {host, socket.gethostname()} - {"", "localhost", "127.0.0.1", "::1"}:
        try:
            names.append(x509.IPAddress(ip_address(each)))
        except ValueError:
            if each.isascii():
                names.append(x509.DNSName(each))
    return names
