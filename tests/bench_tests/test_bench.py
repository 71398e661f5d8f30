"""The bench runs to its end; how fast anything is, no test may ask."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench import document
from tests.simulators.client import ROOT

PARTS = (
    *("clients", "site", "changes", "entities", "alarms", "server", "gateway"),
    "secure_clients",
    "secure_hubs",
)
SECONDS = 900
# Whichever test is first waits for all of them
pytestmark = pytest.mark.timeout(SECONDS + 20)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the bench prints of its parts in their smallest size."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--tiny", "--json", "--only", *PARTS],
        cwd=ROOT,
        env=os.environ | _compiled_once(tmp_path_factory.mktemp("compiled")),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def _compiled_once(folder: Path) -> dict[str, str]:
    """Return where processes share what they compile, when Python is told to keep nothing."""
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder)}


def test_clients_all_read_changing_values(results: dict[str, Any]):
    for shape in ("large", "small", "single"):
        rates = results["clients"][shape]
        assert set(rates) == {"read_plans", "rusty", "plain_bacpypes3"}
        assert all(client["rate"] > 0 for client in rates.values())


def test_site_polls_every_point(results: dict[str, Any]):
    site = results["site"]

    assert site["points"] == 30
    for share in ("some", "all", "fast"):
        assert site[share]["readings"] > 0


def test_every_change_reaches_home_assistant_and_the_plain_subscriber(
    results: dict[str, Any],
):
    changes = results["changes"]

    for worker in ("home_assistant_changes", "plain_cov"):
        (measured,) = changes[worker].values()
        assert measured["arrived"] == measured["sent"] > 0
        assert measured["p50_ms"] <= measured["p95_ms"]


def test_hubs_of_two_makers_carry_every_load_and_our_node_changes_them(
    results: dict[str, Any],
):
    secure = results["secure_hubs"]

    loads = {"one_at_a_time", "short", "long", "broadcast"}
    assert {hub: set(found) for hub, found in secure["hubs"].items()} == {
        "own": loads,
        "rusty": loads,
    }
    assert all(rate > 0 for found in secure["hubs"].values() for rate in found.values())
    assert len(secure["failover"]) == 1


def test_entities_are_compared_with_home_assistant_alone(results: dict[str, Any]):
    without, with_points = results["entities"]

    assert without["entities"] == 0
    assert with_points["entities"] == 10
    assert with_points["states"] > without["states"]


def test_every_alarm_of_a_flood_arrives_is_kept_and_can_be_replayed(
    results: dict[str, Any],
):
    alarms = results["alarms"]

    for way in ("direct", "websocket"):
        quiet, flood, replay = (alarms[way][p] for p in ("quiet", "flood", "replay"))
        assert flood["arrived"] == flood["confirmed"] == flood["sent"] == 400
        assert flood["open"] == replay["rows"] == 410
        assert replay["different"] == replay["rows"]
        assert quiet["p50_ms"] <= quiet["p95_ms"]
    # A phone is pushed to for each alarm, and in a flood until it is known to be one
    quiet, flood = alarms["phone"]["quiet"], alarms["phone"]["flood"]
    assert quiet["arrived"] == quiet["sent"] == 10
    assert flood["arrived"] == flood["confirmed"] == flood["sent"] == 400
    assert 1 <= flood["pushes"] <= 20


def test_server_has_every_value_and_loses_no_change_on_either_wire(
    results: dict[str, Any],
):
    server = results["server"]

    site, start = server["site"], server["site"]["start"]
    assert site["points"] == server["snapshot"]["points"] == 30
    assert 0 < start["first_value_seconds"] <= start["all_values_seconds"]
    assert 0 < server["snapshot"]["compressed_octets"] < server["snapshot"]["octets"]
    for way in ("direct", "server"):
        (measured,) = server["changes"][way].values()
        assert measured["arrived"] == measured["sent"] > 0
        assert server["return"][way]["points"] == 30
    killed = server["return"]["server"]["killed"]
    assert killed["from_reconnect_seconds"] <= killed["from_start_seconds"]


def test_result_replaces_the_one_before_and_nothing_else():
    text = f"Before\n{document.BEGIN}\nold\n{document.END}\nAfter\n"

    once = document.replaced(text, "new")

    assert once.startswith("Before\n")
    assert once.endswith("\nAfter\n")
    assert "new" in once
    assert "old" not in once
    assert document.replaced(once, "new") == once


def test_part_replaces_its_section_and_its_targets_alone():
    text = (
        f"{document.BEGIN}\n\nRun: full.\n\n### Targets\n\n| Target | Met |\n| --- | ---: |\n"
        f"| a | no |\n| b | yes |\n\n### One\n\nold one\n\n### Two\n\nold two\n\n{document.END}"
    )
    part = (
        "Run: other.\n\n### Targets\n\n| Target | Met |\n| --- | ---: |\n| a | yes |\n"
        "| c | yes |\n\n### Two\n\nnew two\n\n### Three\n\nnew three\n"
    )

    once = document.with_parts(text, part)

    assert once.count("| a |") == 1
    for kept in ("Run: full.", "| a | yes |", "| b | yes |", "| c | yes |", "old one"):
        assert kept in once
    for gone in ("Run: other.", "old two"):
        assert gone not in once
    assert once.index("old one") < once.index("new two") < once.index("new three")
    assert document.with_parts(once, part) == once


def test_document_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="performance"):
        document.replaced("nothing here", "new")


def test_document_has_its_marks():
    text = document.PATH.read_text()

    assert document.replaced(text, "new") != text


def test_every_server_answers_and_tells_of_every_change(results: dict[str, Any]):
    gateway = results["gateway"]

    for server in ("own_device", "rusty_device", "bacpypes3_device"):
        measured = gateway[server]
        assert measured["reads"]["answered"] > 0
        assert measured["batches"]["answered"] > 0
        assert measured["changes"]["told"] == measured["changes"]["changed"] == 100


def test_every_event_is_told_and_is_there_again_after_a_kill(results: dict[str, Any]):
    gateway = results["gateway"]

    assert set(gateway["events"]) == {"log"}
    for measured in gateway["events"].values():
        assert measured["most"]["last_told"]
        assert measured["most"]["cpu"] > 0
        for paced in (*measured["delays"].values(), measured["load"]):
            assert paced["told"] > 0
            assert 0 < paced["p50_ms"] <= paced["p99_ms"]
        assert measured["load"]["reads"]["reads"] > 0
    assert gateway["restart"]["objects"] == 100
    assert gateway["restart"]["seconds"] > 0
