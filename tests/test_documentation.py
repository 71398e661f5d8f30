"""The documentation names every action, and its examples use fields that there are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
SERVICES = yaml.safe_load(
    (ROOT / "custom_components" / "plantroom" / "services.yaml").read_text()
)
OURS = "plantroom."


def actions_in(node: Any) -> list[dict[str, Any]]:
    """Return our actions within an example, wherever they are."""
    if isinstance(node, list):
        return [found for each in node for found in actions_in(each)]
    if not isinstance(node, dict):
        return []
    mine = [node] if str(node.get("action", "")).startswith(OURS) else []
    return mine + actions_in(list(node.values()))


def examples(page: Path) -> list[dict[str, Any]]:
    blocks = re.findall(
        r"^```yaml\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE
    )
    return [found for block in blocks for found in actions_in(yaml.safe_load(block))]


def anchors(page: Path) -> set[str]:
    """Return what GitHub calls the headings of a page."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles}


def test_every_action_has_a_heading():
    headings = {name for page in PAGES for name in anchors(page)}
    assert {f"plantroom{action}" for action in SERVICES} <= headings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_actions_of_the_examples_have_these_fields(page: Path):
    for example in examples(page):
        service = SERVICES[example["action"].removeprefix(OURS)]
        fields = service["fields"]
        data = example.get("data", {})
        assert data.keys() <= fields.keys()
        assert {k for k, v in fields.items() if v.get("required")} <= data.keys()
        assert ("target" in example) == ("target" in service)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page: Path):
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text())
    for path, anchor in links:
        target = (page.parent / path) if path else page
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"
