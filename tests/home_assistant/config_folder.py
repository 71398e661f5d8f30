"""A configuration folder that a real Home Assistant starts from without the internet."""

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLANTROOM = ROOT / "custom_components" / "plantroom"

# What default_config would give, less what needs hardware, a binary or the internet.
CONFIGURATION = """\
homeassistant:
  name: Riverside Office
  country: NL
  currency: EUR
  unit_system: metric
  time_zone: Europe/Amsterdam
  latitude: 52.37
  longitude: 4.89
  elevation: 2

automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml

config:
energy:
history:
logbook:
my:
recorder:
  commit_interval: 1
sun:
webhook:
logger:
  default: warning
"""
INCLUDED = {"automations.yaml": "[]\n", "scripts.yaml": "{}\n", "scenes.yaml": "[]\n"}

# The step core_config would start the flows of integrations that need the internet.
ONBOARDING = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics"]},
}


def prepare_config_folder(folder: Path) -> None:
    """Write what is missing; Plantroom itself is copied anew each time."""
    _write_once(folder / "configuration.yaml", CONFIGURATION)
    for name, content in INCLUDED.items():
        _write_once(folder / name, content)
    # Served as /local, but only when it is there at the start.
    (folder / "www").mkdir(parents=True, exist_ok=True)
    _write_once(folder / ".storage" / "onboarding", json.dumps(ONBOARDING))
    installed = folder / "custom_components" / PLANTROOM.name
    shutil.rmtree(installed, ignore_errors=True)
    shutil.copytree(
        PLANTROOM, installed, ignore=shutil.ignore_patterns("__pycache__", ".*")
    )


def stored_http_port(folder: Path) -> int | None:
    """Return the port that an earlier start settled on, None before the first one."""
    stored = folder / ".storage" / "http"
    if not stored.exists():
        return None
    return int(json.loads(stored.read_text())["data"]["stable"]["server_port"])


def _write_once(path: Path, content: str) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
