"""quality_scale.yaml: a word on every rule of Home Assistant's quality scale."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

RULES = frozenset(
    [
        "action-setup",
        "appropriate-polling",
        "brands",
        "common-modules",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "docs-actions",
        "docs-triggers",
        "docs-conditions",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-removal-instructions",
        "entity-event-setup",
        "entity-unique-id",
        "has-entity-name",
        "runtime-data",
        "test-before-configure",
        "test-before-setup",
        "unique-config-entry",
        "action-exceptions",
        "config-entry-unloading",
        "docs-configuration-parameters",
        "docs-installation-parameters",
        "entity-unavailable",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "test-coverage",
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-data-update",
        "docs-examples",
        "docs-known-limitations",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-translations",
        "exception-translations",
        "icon-translations",
        "reconfiguration-flow",
        "repair-issues",
        "stale-devices",
        "async-dependency",
        "inject-websession",
        "strict-typing",
    ]
)


def check(folder: Path) -> Iterator[str]:
    """Yield the rules that are not named, not known or not answered."""
    path = folder / "quality_scale.yaml"
    if not path.exists():
        yield "quality_scale.yaml is missing"
        return
    answers = yaml.safe_load(path.read_text())["rules"]
    for rule in sorted(RULES - answers.keys()):
        yield f"quality_scale.yaml: {rule} is missing"
    for rule in sorted(answers.keys() - RULES):
        yield f"quality_scale.yaml: there is no rule {rule}"
    for rule, answer in answers.items():
        if not _is_answer(answer):
            yield f"quality_scale.yaml: {rule} is neither done, todo nor exempt and why"


def _is_answer(answer: Any) -> bool:
    match answer:
        case "done" | "todo":
            return True
        case {"status": "exempt", "comment": str(comment)}:
            return bool(comment)
        case {"status": "done" | "todo"}:
            return True
    return False
