"""Only TLS 1.3, only with certificates on both sides, and no key in the open."""

import ssl
from dataclasses import replace

import pytest
from plantroom_server.secure_connect import tls
from plantroom_server.secure_connect.tls import (
    CredentialsError,
    Identity,
    client_context,
    server_context,
)

from .certificates import write_identity


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLObject:
    """Return the server's side of a handshake in memory; raises ssl.SSLError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(down, up, server_hostname="127.0.0.1")
    far = server.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (near, far):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return far


def test_both_sides_are_known_to_each_other_by_tls_1_3(site):
    far = shake_hands(client_context(site.node), server_context(site.hub))

    assert far.version() == "TLSv1.3"
    assert far.getpeercert()["subject"] == ((("commonName", "node"),),)


def test_who_has_no_certificate_is_refused(site):
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname = False
    bare.load_verify_locations(cadata=site.authority.pem)

    with pytest.raises(ssl.SSLError):
        shake_hands(bare, server_context(site.hub))


@pytest.mark.parametrize("name", ["expired", "untrusted"])
def test_a_certificate_that_is_not_good_is_refused(site, name):
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client_context(getattr(site, name)), server_context(site.hub))


def test_older_tls_is_refused(site):
    old = client_context(site.node)
    old.minimum_version = ssl.TLSVersion.TLSv1_2
    old.maximum_version = ssl.TLSVersion.TLSv1_2

    with pytest.raises(ssl.SSLError):
        shake_hands(old, server_context(site.hub))


def test_host_names_are_checked_when_asked_for(site):
    server = server_context(site.nameless)
    shake_hands(client_context(site.node), server)

    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client_context(site.node, check_host_name=True), server)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"key": "no key"}, "key"),
        ({"certificate": "no certificate"}, "certificate"),
        ({"authorities": "nobody"}, "authorities"),
        ({"authorities": ""}, "authorities"),
    ],
)
def test_what_cannot_be_used_is_named(site, wrong, reason):
    with pytest.raises(CredentialsError) as caught:
        client_context(replace(site.node, **wrong))

    assert caught.value.facts["reason"] == reason


def test_a_key_of_another_certificate_is_named(site):
    mixed = replace(site.node, key=site.hub.key)

    with pytest.raises(CredentialsError) as caught:
        client_context(mixed)

    assert caught.value.facts["reason"] == "mismatch"


def test_the_key_is_in_no_file_in_the_open(site, monkeypatch, tmp_path):
    monkeypatch.setattr(tls.tempfile, "tempdir", str(tmp_path))
    written: list[str] = []
    load = ssl.SSLContext.load_cert_chain

    def spy(self, path, password):
        written.append(path.read_text())
        load(self, path, password=password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)

    client_context(site.node)

    assert "BEGIN ENCRYPTED PRIVATE KEY" in written[0]
    assert "BEGIN PRIVATE KEY" not in written[0]
    assert not any(tmp_path.iterdir())


def test_an_identity_never_shows_its_key(site, tmp_path):
    shown = repr(site.node)

    assert "PRIVATE" not in shown
    assert isinstance(site.node, Identity)
    assert write_identity(site.node, tmp_path).key.endswith("own.key")
