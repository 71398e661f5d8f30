"""Print what the demo's Home Assistant needs, so that its first boot installs nothing.

Home Assistant installs an integration's requirements when it first loads it. Tests and
the demo must start without a network, so they are collected from the manifests here.
"""

import json
from importlib.util import find_spec
from pathlib import Path

# `default_config` less what needs hardware, a binary or the internet, plus what Plantroom
# depends on and what Home Assistant sets up by itself.
INTEGRATIONS = (
    "backup",
    "brands",
    "camera",
    "config",
    "conversation",
    "energy",
    "frontend",
    "history",
    "infrared",
    "labs",
    "light",
    "local_calendar",
    "local_todo",
    "logbook",
    "marketplace",
    "media_source",
    "mobile_app",
    "modbus",
    "mqtt",
    "my",
    "radio_frequency",
    "recorder",
    "sun",
    "usage_prediction",
    "webhook",
    "zeroconf",
)


def main() -> None:
    """Print the requirements, one a line."""
    print("\n".join(sorted(requirements(INTEGRATIONS), key=str.lower)))


def requirements(domains: tuple[str, ...]) -> set[str]:
    """Return the requirements of integrations and of all that they depend on."""
    components = _components()
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(domains)
    while pending:
        manifest = components / pending.pop() / "manifest.json"
        domain = manifest.parent.name
        if domain in seen or not manifest.exists():
            continue
        seen.add(domain)
        content = json.loads(manifest.read_text())
        found.update(content.get("requirements", []))
        pending += content.get("dependencies", [])
        pending += content.get("after_dependencies", [])
    return found


def _components() -> Path:
    """Return the folder of Home Assistant's integrations, without importing it."""
    spec = find_spec("homeassistant")
    if spec is None or spec.origin is None:
        raise SystemExit("Home Assistant is not installed")
    return Path(spec.origin).parent / "components"


if __name__ == "__main__":
    main()
