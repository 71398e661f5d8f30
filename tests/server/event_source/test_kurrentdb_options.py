"""Wrong options get a sentence that says which, before anything is sent."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from plantroom_server.event_source.building import event_source
from plantroom_server.event_source.kurrentdb_client import ReachingClient
from plantroom_server.event_source.kurrentdb_options import reach_of
from plantroom_server.gateway_errors import EventSourceRefusedError

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
)

SECRET = "p@ss/w%ord:ü"


def config(uri: str = "kurrentdb://store.example:2113", **more: str):
    return EventStoreConfig(store_id="s", kind=StoreKind.KURRENTDB, uri=uri, **more)


def key_pair() -> tuple[str, str]:
    """Return a certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return made.public_bytes(Encoding.PEM).decode(), key.private_bytes(*form).decode()


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        (config("http://store.example"), "uri", "must begin with"),
        (config("kurrentdb://?Tls=false"), "uri", "names no host"),
        (config("kurrentdb://store:0?Tls=false"), "uri", "port 0"),
        (config("kurrentdb://store:x?Tls=false"), "uri", "port x"),
        (config("kurrentdb://[::1]:2113?Tls=false"), "uri", "IPv6"),
        (config("kurrentdb+discover://a,b?Tls=false"), "uri", "one host"),
        (config("kurrentdb://a/db?Tls=false"), "uri", "hosts and parameters only"),
        (config("kurrentdb://me:pw@store"), "uri", "user and password are options"),
        (config("kurrentdb://a?Tsl=false"), "uri", "unknown parameter Tsl"),
        (config("kurrentdb://a?Tls=maybe"), "uri", "maybe"),
        (config("kurrentdb://a?GossipTimeout=soon&Tls=false"), "uri", "soon"),
        (
            config("kurrentdb://a?tlsCaFile=/ca"),
            "uri",
            "root_certificates is an option",
        ),
        (config("kurrentdb://a?UserKeyFile=/k"), "uri", "client_key is an option"),
        (config("kurrentdb://a?TlsVerifyCert=false"), "uri", "root_certificates"),
        (config(), "user", "wants to know who we are"),
        (config(user="me"), "password", "is missing"),
        (config(user="a:b", password="c"), "user", "colon"),
        (
            config("kurrentdb://a?Tls=false", user="a", password="b"),
            "user",
            "Tls=false",
        ),
        (
            config("kurrentdb://a?Tls=false", root_certificates="x"),
            "root_certificates",
            "without TLS",
        ),
        (
            config(user="a", password="b", root_certificates="x"),
            "root_certificates",
            "no PEM",
        ),
        (
            config(client_certificate="x", client_key="y"),
            "client_certificate",
            "no PEM",
        ),
        (
            config(client_certificate=key_pair()[0], client_key="y"),
            "client_key",
            "no PEM text of a key",
        ),
        (
            config(client_certificate=key_pair()[0], client_key=key_pair()[1]),
            "client_key",
            "not the key of client_certificate",
        ),
    ],
    ids=lambda each: each.uri if isinstance(each, EventStoreConfig) else None,
)
def test_option_that_cannot_work_is_named(wrong, field, says):
    with pytest.raises(EventSourceRefusedError, match=says) as caught:
        event_source(None, wrong)
    assert caught.value.facts == {"field": field}


def test_secrets_are_in_no_text():
    certificate, key = key_pair()
    given = config(
        user="me", password=SECRET, client_certificate=certificate, client_key=key
    )
    reach = reach_of(given)
    assert "p@ss" not in reach.uri
    for text in (repr(given), repr(reach), reach.uri):
        assert SECRET not in text
        assert "PRIVATE KEY" not in text


async def test_client_certificate_is_used_and_in_no_file():
    certificate, key = key_pair()
    reach = reach_of(config(client_certificate=certificate, client_key=key))
    client = ReachingClient(reach)
    assert client.private_key == key.encode()
    assert client.certificate_chain == certificate.encode()
    assert "File" not in reach.uri


def test_hung_server_is_noticed_and_one_that_is_back_is_reached_at_once():
    client = ReachingClient(reach_of(config("kurrentdb://a?tls=false")))
    options = dict(client.grpc_options)
    assert options["grpc.keepalive_time_ms"] == 2000
    assert options["grpc.keepalive_timeout_ms"] == 2000
    assert options["grpc.http2.max_pings_without_data"] == 0
    assert options["grpc.use_local_subchannel_pool"] == 1


def test_parameters_that_people_give_are_kept():
    reach = reach_of(config("esdb://a:1,b?tls=FALSE&keepAliveInterval=9000"))
    assert (reach.host, reach.port, reach.tls) == ("a", 1, False)
    client = ReachingClient(reach)
    assert dict(client.grpc_options)["grpc.keepalive_time_ms"] == 9000
    assert [*client.connection_spec.targets] == ["a:1", "b:2113"]
