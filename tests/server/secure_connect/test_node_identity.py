"""A node is the same after every start, and its file does no harm."""

import pytest
from plantroom_server.secure_connect.node_identity import (
    keep_identity,
    new_identity,
    random_vmac,
    save_identity,
)


def test_an_identity_is_made_once_for_each_network(tmp_path):
    made = keep_identity(tmp_path, "north")

    assert keep_identity(tmp_path, "north") == made
    assert keep_identity(tmp_path, "south") != made
    assert len(made.device_uuid) == 16


def test_a_new_vmac_is_kept(tmp_path):
    keep_identity(tmp_path, "north")
    changed = new_identity()
    save_identity(tmp_path, "north", changed)

    assert keep_identity(tmp_path, "north") == changed


@pytest.mark.parametrize("network_id", ["../../etc/passwd", "a/b", "", "x" * 500])
def test_no_id_leads_out_of_the_folder(tmp_path, network_id):
    folder = tmp_path / "data"

    keep_identity(folder, network_id)

    assert [each.parent for each in tmp_path.rglob("*.json")] == [folder]


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\xff\xfe", b"[]", b"null", b'{"device_uuid": "00", "vmac": "00"}', b"{}"],
)
def test_a_damaged_file_is_replaced(tmp_path, damaged):
    keep_identity(tmp_path, "north")
    path = next(tmp_path.glob("*.json"))
    path.write_bytes(damaged)

    made = keep_identity(tmp_path, "north")

    assert keep_identity(tmp_path, "north") == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_random_vmacs_are_marked_as_random():
    """H.7.3 has the low four bits of the first octet at 2."""
    made = {random_vmac() for _ in range(100)}

    assert len(made) == 100
    assert {each[0] & 0x0F for each in made} == {0x02}
