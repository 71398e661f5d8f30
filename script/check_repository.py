"""Check what no linter knows: that Home Assistant, HACS and the Marketplace take us.

Stands in for hassfest and the HACS action, offline, with the schemas of the installed
Home Assistant and the form of its built-in integrations. Ends with 1 after a fault.
"""

import sys
from pathlib import Path

# Importing Home Assistant puts its own voluptuous in place, so it comes first.
from checks import (
    app,
    blueprints,
    brand,
    built_in,  # noqa: F401  # isort: split
    descriptions,
    device_table,
    layers,
    manifest,
    profile_schema,
    profiles,
    quality_scale,
    repository,
    server_layers,
    site_schema,
    translations,
    used_texts,
)

ROOT = Path(__file__).resolve().parents[1]
INTEGRATION = ROOT / "custom_components" / "plantroom"
INTEGRATION_CHECKS = (
    manifest,
    translations,
    used_texts,
    descriptions,
    brand,
    quality_scale,
    layers,
    profiles,
)
REPOSITORY_CHECKS = (
    repository,
    app,
    blueprints,
    device_table,
    profile_schema,
    server_layers,
    site_schema,
)


def main() -> int:
    """Print every fault; return the process's exit code."""
    faults: list[str] = []
    for part in REPOSITORY_CHECKS:
        faults += part.check(ROOT)
    for part in INTEGRATION_CHECKS:
        faults += part.check(INTEGRATION)
    for fault in faults:
        print(fault)
    print(f"repository: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
