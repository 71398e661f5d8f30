"""The site's own certificate authority: what it signs, and how (RFC 5280).

Operational certificates serve as TLS client and server alike, because every node may
connect and be connected to (135-2020, AB.7.4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    CertificateFault,
)

# The clocks of controllers are often behind
EARLIER = timedelta(days=1)
_LONGEST_DNS_NAME = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority's certificate with the key that signs."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = field(repr=False)

    def sign(
        self,
        subject: x509.Name,
        public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        names: Iterable[x509.GeneralName],
        now: datetime,
        days: int,
    ) -> x509.Certificate:
        """Return an operational certificate; it never outlives the authority."""
        ends = min(now + timedelta(days=days), self.certificate.not_valid_after_utc)
        builder = (
            _begun(subject, self.certificate.subject, public_key)
            .not_valid_before(max(now - EARLIER, self.certificate.not_valid_before_utc))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(_usage(public_key), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self.certificate.public_key()  # type: ignore[arg-type]
                ),
                critical=False,
            )
        )
        alternatives = [*names]
        if alternatives:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=False
            )
        return builder.sign(self.key, hashes.SHA256())


def made_authority(name: str, now: datetime, days: int) -> Authority:
    """Return a new authority whose certificates sign nothing but devices."""
    key = new_key()
    subject = subject_of(name)
    certificate = (
        _begun(subject, subject, key.public_key())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            _key_usage(key_cert_sign=True, crl_sign=True, digital_signature=True),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a key that every TLS 1.3 can use (135-2020, AB.7.4)."""
    return ec.generate_private_key(ec.SECP256R1())


def subject_of(name: str) -> x509.Name:
    """Return a name of one's own choice as a subject."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name.strip())])


def general_names(host_names: Iterable[str]) -> list[x509.GeneralName]:
    """Return DNS names and IP addresses as a certificate has them."""
    return [_general_name(each.strip()) for each in host_names if each.strip()]


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        pass
    allowed = text.isascii() and len(text) <= _LONGEST_DNS_NAME
    labels = text.split(".")
    if not allowed or not all(_is_label(each) for each in labels):
        raise CertificateRefusedError(
            f"{text[:80]} is neither a host name nor an IP address: write it as in "
            "hub.example or 192.0.2.7",
            reason=CertificateFault.BAD_NAME,
            name=text[:80],
        )
    return x509.DNSName(text)


def _is_label(label: str) -> bool:
    plain = label.replace("-", "").replace("_", "")
    return plain.isalnum() and len(label) < 64 and not label.startswith("-")


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False
        )
    )


def _usage(public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> x509.KeyUsage:
    return _key_usage(
        digital_signature=True,
        key_encipherment=isinstance(public_key, rsa.RSAPublicKey),
    )


def _key_usage(**granted: bool) -> x509.KeyUsage:
    none = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**(none | granted))
