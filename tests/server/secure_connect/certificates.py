"""Real certificates, made for a test session: authorities and who they vouch for."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from plantroom_server.secure_connect.tls import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A root that signs; its PEM is what others trust."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def identity(
        self,
        name: str,
        *,
        hosts: tuple[str, ...] = ("127.0.0.1",),
        valid_days: tuple[int, int] = (-1, 825),
        trusts: str = "",
    ) -> Identity:
        """Return a certificate for a name; valid_days: from and until, from today."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=valid_days[0]))
            .not_valid_after(now + timedelta(days=valid_days[1]))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(_usage(signs=False), True)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                False,
            )
        )
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
            False,
        )
        if hosts:
            names = [x509.IPAddress(ip_address(each)) for each in hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        made = builder.sign(self.key, hashes.SHA256())
        return Identity(
            certificate=made.public_bytes(Encoding.PEM).decode(),
            key=_pem(key),
            authorities=trusts or self.pem,
        )


def make_authority(name: str) -> Authority:
    """Return a new root of that name."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2000))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), True)
        .add_extension(_usage(signs=True), True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
        )
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=made, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An authority, and what nodes and hubs of a site have from it."""

    authority: Authority
    stranger: Authority
    hub: Identity
    second_hub: Identity
    node: Identity
    second_node: Identity
    expired: Identity
    nameless: Identity
    untrusted: Identity


def make_site() -> Site:
    """Return a site; expired, nameless (no host), untrusted: what goes wrong with one."""
    authority = make_authority("Site authority")
    stranger = make_authority("Authority of somebody else")
    return Site(
        authority=authority,
        stranger=stranger,
        hub=authority.identity("hub"),
        second_hub=authority.identity("second hub"),
        node=authority.identity("node"),
        second_node=authority.identity("second node"),
        expired=authority.identity("expired", valid_days=(-400, -35)),
        nameless=authority.identity("nameless", hosts=()),
        untrusted=stranger.identity("untrusted", trusts=authority.pem),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFiles:
    """An identity for peers that read files."""

    certificate: str
    key: str
    authorities: str


def write_identity(identity: Identity, folder: Path) -> IdentityFiles:
    """Write an identity for a peer that reads files; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("own.pem", "own.key", "authorities.pem")]
    texts = (identity.certificate, identity.key, identity.authorities)
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    own, key, authorities = map(str, paths)
    return IdentityFiles(certificate=own, key=key, authorities=authorities)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    made = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.decode()
