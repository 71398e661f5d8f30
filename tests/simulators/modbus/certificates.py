"""Certificates for Modbus Security, made on the spot: an authority, a server, a client."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFETIME = timedelta(days=2)
_SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
LOOPBACK = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """PEM files in a folder."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """Return the authority's certificate, which clients trust."""
        return self.folder / "ca.pem"

    @property
    def client_certificate(self) -> Path:
        """Return a certificate for a client."""
        return self.folder / "client.pem"

    @property
    def client_key(self) -> Path:
        """Return the client's key."""
        return self.folder / "client.key"

    def make(self) -> None:
        """Write all files; blocks for some milliseconds."""
        authority = ec.generate_private_key(ec.SECP256R1())
        issuer = _name("Simulated building authority")
        signed = (
            _builder(issuer, issuer, authority.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_SIGNING, critical=True)
        )
        _write_certificate(self.ca_file, signed.sign(authority, hashes.SHA256()))
        for name in ("server", "client"):
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = (
                _builder(_name(name), issuer, key.public_key())
                .add_extension(
                    x509.SubjectAlternativeName([x509.IPAddress(LOOPBACK)]), False
                )
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(
                        authority.public_key()
                    ),
                    False,
                )
                .sign(authority, hashes.SHA256())
            )
            _write_certificate(self.folder / f"{name}.pem", certificate)
            _write_key(self.folder / f"{name}.key", key)

    def server_context(self, *, asks_for_certificate: bool = False) -> ssl.SSLContext:
        """Return the context of a server; with asks_for_certificate it wants the client's."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        if asks_for_certificate:
            context.load_verify_locations(self.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFETIME)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
