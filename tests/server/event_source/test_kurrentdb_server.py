"""The KurrentDB of the tests is one to the official Node client as well."""

import pytest

from tests.peers import kurrentdb_client


@pytest.fixture(scope="module")
def modules():
    lacking = kurrentdb_client.missing()
    if lacking:
        pytest.skip(
            f"the second client of KurrentDB needs {lacking}, which is not here"
        )
    return kurrentdb_client.install()


@pytest.mark.timeout(300)
def test_second_client_finds_what_it_expects(kurrentdb, modules):
    found = kurrentdb_client.findings(modules, kurrentdb.port)
    assert found["appended"] == {"again": True, "refused": "wrong version"}
    assert found["read"] == {
        "forwards": ["b", "c"],
        "backwards": ["d", "c", "b", "a"],
        "category": ["a", "b", "c", "d"],
        "all": ["a", "b", "c", "d"],
        "missing": True,
    }
    assert found["grouped"] == {
        # b is wanted again, and comes after what was on its way already
        "seen": [["a", 0], ["b", 0], ["c", 0], ["d", 0], ["b", 1]],
        "full": True,
        "parked": 1,
        "replayed": [["a", 0]],
        "left": 0,
    }
    assert found["groupedAll"] == ["a", "b", "c", "d"]
