"""What is configured of a KurrentDB, checked before anything is sent."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from kurrentdbclient.connection_spec import (
    URI_SCHEMES_ALL,
    VALID_CONNECTION_QUERY_STRING_FIELDS,
    ConnectionSpec,
)

from custom_components.plantroom.engine.gateway.configuration import EventStoreConfig

from ..gateway_errors import EventSourceRefusedError

DEFAULT_PORT: Final = 2113
KEEPALIVE_MS: Final = "2000"
_FIELDS: Final = {name.lower(): name for name in VALID_CONNECTION_QUERY_STRING_FIELDS}
# Each has an option of ours; a URI is shown to people, and files are of this machine
_OUR_FIELDS: Final = {
    "tlscafile": "root_certificates",
    "usercertfile": "client_certificate",
    "userkeyfile": "client_key",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a KurrentDB is reached; uri holds no secret of ours."""

    uri: str
    host: str
    port: int
    tls: bool
    config: EventStoreConfig


def reach_of(config: EventStoreConfig) -> Reach:
    """Return how to reach a store; raises EventSourceRefusedError naming the option."""
    parts = _split(config.uri)
    host, port = _first_target(parts)
    fields = _fields(parts)
    tls = fields.get("Tls", "true").lower() != "false"
    fields.setdefault("KeepAliveInterval", KEEPALIVE_MS)
    fields.setdefault("KeepAliveTimeout", KEEPALIVE_MS)
    fields.setdefault("ConnectionName", "plantroom")
    # With TLS the client wants a name and a password here, and decodes neither
    user = "plantroom:plantroom@" if tls else ""
    uri = f"{parts.scheme}://{user}{parts.netloc}?{urlencode(fields)}"
    try:
        ConnectionSpec(uri)
    except ValueError as err:
        raise refused("uri", f"has a parameter that cannot be: {err}") from None
    _check_credentials(config, tls=tls)
    _check_certificates(config, tls=tls)
    return Reach(uri=uri, host=host, port=port, tls=tls, config=config)


def refused(field: str, message: str) -> EventSourceRefusedError:
    """Return the error that says which option is wrong."""
    return EventSourceRefusedError(f"{field} {message}", field=field)


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise refused("uri", "cannot be understood") from None
    if parts.scheme not in URI_SCHEMES_ALL:
        raise refused(
            "uri", 'must begin with "kurrentdb://" or "kurrentdb+discover://"'
        )
    if "@" in parts.netloc:
        raise refused("uri", "must hold no password: user and password are options")
    if parts.path.strip("/") or parts.fragment:
        raise refused("uri", "must hold hosts and parameters only")
    return parts


def _first_target(parts: SplitResult) -> tuple[str, int]:
    """Return the first host and port; raises EventSourceRefusedError for any."""
    targets = [_target(each) for each in parts.netloc.split(",") if each.strip()]
    if not targets:
        raise refused("uri", "names no host")
    if parts.scheme.endswith("+discover") and len(targets) > 1:
        raise refused("uri", "must name one host where others are discovered")
    return targets[0]


def _target(text: str) -> tuple[str, int]:
    host, colon, port = text.strip().partition(":")
    if not host or "[" in host or ":" in port:
        raise refused("uri", "must name hosts as host:port, IPv6 ones by name")
    if not colon:
        return host, DEFAULT_PORT
    if not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise refused("uri", f"has the port {port}, which cannot be")
    return host, int(port)


def _fields(parts: SplitResult) -> dict[str, str]:
    """Return the parameters by the names the client knows."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        known = _FIELDS.get(name.lower())
        if known is None:
            raise refused("uri", f"has the unknown parameter {name}")
        if name.lower() in _OUR_FIELDS:
            ours = _OUR_FIELDS[name.lower()]
            raise refused("uri", f"must not have {known}: {ours} is an option")
        found[known] = value
    if found.get("TlsVerifyCert", "true").lower() == "false":
        raise refused(
            "uri", "must not have TlsVerifyCert=false: give root_certificates instead"
        )
    return found


def _check_credentials(config: EventStoreConfig, *, tls: bool) -> None:
    if config.user and not tls:
        raise refused("user", "is never sent without TLS: remove Tls=false from uri")
    if config.user and not config.password:
        raise refused("password", "is missing")
    # RFC 7617, 2: a user-id has no colon
    if ":" in config.user:
        raise refused("user", "must not have a colon")
    if tls and not config.user and not config.client_certificate:
        raise refused(
            "user", "is missing: with TLS, KurrentDB wants to know who we are"
        )


def _check_certificates(config: EventStoreConfig, *, tls: bool) -> None:
    if not tls and (config.root_certificates or config.client_certificate):
        field = (
            "root_certificates" if config.root_certificates else "client_certificate"
        )
        raise refused(field, "are of no use without TLS: remove Tls=false from uri")
    if config.root_certificates:
        _certificate("root_certificates", config.root_certificates)
    if not config.client_certificate:
        return
    certificate = _certificate("client_certificate", config.client_certificate)
    try:
        key = load_pem_private_key(config.client_key.encode(), password=None)
    except (ValueError, TypeError) as err:
        raise refused("client_key", "is no PEM text of a key without password") from err
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ours, theirs = key.public_key(), certificate.public_key()
    if ours.public_bytes(*form) != theirs.public_bytes(*form):
        raise refused("client_key", "is not the key of client_certificate")


def _certificate(field: str, text: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(text.encode())[0]
    except ValueError:
        raise refused(field, "is no PEM text of certificates") from None
