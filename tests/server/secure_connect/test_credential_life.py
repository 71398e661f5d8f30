"""Credentials and authorities are renewed, let go, found again and restored."""

from datetime import timedelta
from pathlib import Path

import pytest
from plantroom_server.secure_connect.credential_files import FOLDER

from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsImport,
    CredentialsOrder,
    DistrustOrder,
    ExportOrder,
    TrustOrder,
)

from .certificates import make_authority
from .desk import PASSPHRASE, Desk, files_of, refused


def test_renewal_has_a_new_key_and_leaves_no_old_one(desk: Desk, tmp_path: Path):
    first = desk.store.issue(CredentialsOrder(name="Hub", host_names=("hub.example",)))
    keys = files_of(tmp_path, ".key")
    desk.now += timedelta(days=400)
    second = desk.store.renew("hub")
    assert second.expires_at == first.expires_at + timedelta(days=400)
    assert second.host_names == ("hub.example",)
    assert second.fingerprint != first.fingerprint
    assert len(files_of(tmp_path, ".key")) == len(keys) == 2
    assert files_of(tmp_path, ".key") != keys


def test_what_expires_soon_is_due_and_nothing_else(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub", days=100))
    desk.store.issue(CredentialsOrder(name="Node", days=200))
    desk.now += timedelta(days=69)
    assert desk.store.due() == ()
    desk.now += timedelta(days=2)
    assert desk.store.due() == ("hub",)
    desk.store.renew("hub")
    assert desk.store.due() == ()


def test_next_authority_is_trusted_before_it_names_anybody(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    before = desk.store.identity("hub")
    desk.authority.make(AuthorityOrder(name="Tower, next"))
    between = desk.store.identity("hub")
    assert between.certificate == before.certificate
    assert before.authorities in between.authorities
    assert between.authorities.count("BEGIN") == 2
    old = desk.store.stock().authorities[1].fingerprint
    with refused("in_use"):
        desk.authority.drop(old)
    desk.store.renew("hub")
    desk.authority.drop(old)
    after = desk.store.identity("hub")
    assert after.authorities.count("BEGIN") == 1
    assert before.authorities != after.authorities


def test_authority_that_signs_is_not_let_go(desk: Desk):
    [authority] = desk.store.stock().authorities
    with refused("in_use"):
        desk.authority.drop(authority.fingerprint)


def test_trust_in_another_authority_comes_and_goes(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    other = make_authority("Other maker")
    order = TrustOrder(credentials_id="hub", authorities=other.pem)
    summary = desk.store.trust(order)
    assert other.pem in desk.store.identity("hub").authorities
    added = summary.authorities[-1].fingerprint
    desk.store.distrust(DistrustOrder(credentials_id="hub", fingerprint=added))
    assert other.pem not in desk.store.identity("hub").authorities


def test_authority_of_the_own_certificate_stays_trusted(desk: Desk, tmp_path: Path):
    other = make_authority("Elsewhere")
    identity = other.identity("Hub")
    taken = desk.store.import_credentials(
        CredentialsImport(
            certificate=identity.certificate,
            key=identity.key,
            authorities=other.pem,
        )
    )
    [root] = taken.authorities
    with refused("in_use"):
        desk.store.distrust(
            DistrustOrder(credentials_id="hub", fingerprint=root.fingerprint)
        )


def test_credentials_in_use_are_not_removed(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    with refused("in_use"):
        desk.store.remove("hub", frozenset({"hub"}))
    desk.store.remove("hub", frozenset())
    assert desk.store.stock().credentials == ()
    assert len(files_of(tmp_path, ".key")) == 1  # the authority's


def test_taken_id_is_refused_and_a_name_finds_a_free_one(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    with refused("taken"):
        desk.store.issue(CredentialsOrder(name="Hub", credentials_id="hub"))
    assert desk.store.issue(CredentialsOrder(name="Hub")).credentials_id == "hub-2"


def test_restart_finds_what_was_made(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    again = Desk(tmp_path / "data")
    assert again.store.stock() == desk.store.stock()
    assert again.store.identity("hub") == desk.store.identity("hub")


def test_files_are_ours_alone_and_no_record_has_a_key(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    desk.store.request(CredentialsOrder(name="Node"))
    folder = tmp_path / "data" / FOLDER
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        if path.suffix != ".key":
            assert b"PRIVATE" not in path.read_bytes()
    assert not any(each.name.startswith(".site") for each in folder.iterdir())


def test_restored_backup_says_that_its_keys_are_gone(desk: Desk, tmp_path: Path):
    desk.store.issue(CredentialsOrder(name="Hub"))
    for path in (tmp_path / "data" / FOLDER).glob("*.key"):
        path.unlink()
    again = Desk(tmp_path / "data")
    [summary] = again.store.stock().credentials
    assert not summary.has_key
    with refused("no_key"):
        again.store.identity("hub")
    with refused("no_authority"):
        again.store.renew("hub")


def test_damaged_record_costs_neither_the_others_nor_its_key(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    desk.store.issue(CredentialsOrder(name="Hub"))
    desk.store.issue(CredentialsOrder(name="Node"))
    path = tmp_path / "data" / FOLDER / "hub.json"
    whole, keys = path.read_bytes(), files_of(tmp_path, ".key")
    path.write_text("{")
    again = Desk(tmp_path / "data")
    assert [each.name for each in again.store.stock().credentials] == ["Node"]
    again.store.issue(CredentialsOrder(name="Third"))
    assert keys < files_of(tmp_path, ".key")
    path.write_bytes(whole)
    assert Desk(tmp_path / "data").store.identity("hub")
    caplog.clear()


def test_no_summary_and_no_log_shows_a_key(
    desk: Desk, caplog: pytest.LogCaptureFixture
):
    desk.store.issue(CredentialsOrder(name="Hub"))
    shown = repr(desk.store.stock()) + repr(desk.store.identity("hub")) + caplog.text
    assert "PRIVATE" not in shown
    assert PASSPHRASE not in repr(
        CredentialsImport(certificate="x", passphrase=PASSPHRASE, key="PRIVATE")
    )


def test_without_a_folder_credentials_live_as_long_as_the_process():
    desk = Desk(None).with_authority()
    desk.store.issue(CredentialsOrder(name="Hub"))
    assert "PRIVATE" in desk.store.identity("hub").key


def test_authority_is_restored_from_its_pkcs12_after_a_backup(
    desk: Desk, tmp_path: Path
):
    desk.store.issue(CredentialsOrder(name="Hub"))
    order = ExportOrder(credentials_id="authority", passphrase=PASSPHRASE)
    exported = desk.authority.export(order)
    assert "PRIVATE" not in exported.certificate
    for path in (tmp_path / "data" / FOLDER).glob("*.key"):
        path.unlink()
    again = Desk(tmp_path / "data")
    wanted = CredentialsImport(
        credentials_id="authority", pkcs12=exported.pkcs12, passphrase=PASSPHRASE
    )
    again.authority.restore(wanted)
    [authority] = again.store.stock().authorities
    assert authority.signs
    again.store.renew("hub")
    assert again.store.identity("hub").authorities == exported.certificate


def test_device_is_no_authority_to_restore(desk: Desk):
    desk.store.issue(CredentialsOrder(name="Hub"))
    order = ExportOrder(credentials_id="hub", passphrase=PASSPHRASE)
    packed = desk.store.export(order).pkcs12
    with refused("not_an_authority"):
        desk.authority.restore(CredentialsImport(pkcs12=packed, passphrase=PASSPHRASE))
    with refused("taken"):
        desk.store.issue(CredentialsOrder(name="A", credentials_id="authority"))
