"""manifest.json: what the loader, hassfest and the Marketplace ask of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionException
from homeassistant.components.marketplace.repositories import integration
from homeassistant.exceptions import HomeAssistantError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from . import built_in

CUSTOM_KEYS = {"import_executor", "issue_tracker", "version"}
REQUIRED_KEYS = {
    "codeowners",
    "documentation",
    "domain",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "name",
    "version",
}
ALLOWED_VALUES = {
    "integration_type": {
        "device",
        "entity",
        "hardware",
        "helper",
        "hub",
        "service",
        "system",
    },
    "iot_class": {
        "assumed_state",
        "calculated",
        "cloud_polling",
        "cloud_push",
        "local_polling",
        "local_push",
    },
}
GENERATED = {
    "categories": "integration_categories.json",
    "connectivity": "integration_connectivity.json",
}


def check(folder: Path) -> Iterator[str]:
    """Yield the faults of an integration's manifest."""
    path = folder / "manifest.json"
    if not path.exists():
        yield "manifest.json is missing"
        return
    manifest = built_in.read_json(path)
    for fault in _faults(manifest, folder):
        yield f"manifest.json: {fault}"


def _faults(manifest: dict[str, Any], folder: Path) -> Iterator[str]:
    yield from _key_faults(manifest)
    yield from _value_faults(manifest)
    yield from _version_faults(manifest)
    yield from _requirement_faults(manifest)
    if manifest.get("domain") != folder.name:
        yield "domain is not the folder's name"
    if manifest.get("config_flow") and not (folder / "config_flow.py").exists():
        yield "config_flow.py is missing"
    for key in ("dependencies", "after_dependencies"):
        for domain in manifest.get(key, []):
            if not (built_in.COMPONENTS / domain / "manifest.json").exists():
                yield f"{key} has the unknown {domain}"
    yield from _loader_faults(folder)


def _key_faults(manifest: dict[str, Any]) -> Iterator[str]:
    for key in manifest.keys() - built_in.manifest_keys() - CUSTOM_KEYS:
        yield f"unknown key {key}"
    for key in REQUIRED_KEYS - manifest.keys():
        yield f"{key} is missing"
    first = [key for key in ("domain", "name") if key in manifest]
    expected = first + sorted(manifest.keys() - first)
    if list(manifest) != expected:
        yield f"the keys are not sorted, expected {expected}"


def _value_faults(manifest: dict[str, Any]) -> Iterator[str]:
    for key, allowed in ALLOWED_VALUES.items():
        if key in manifest and manifest[key] not in allowed:
            yield f"{key} cannot be {manifest[key]}"
    for key, file_name in GENERATED.items():
        for value in manifest.get(key, []):
            if value not in built_in.generated_slugs(file_name):
                yield f"{key} has the unknown {value}"


def _version_faults(manifest: dict[str, Any]) -> Iterator[str]:
    version = manifest.get("version", "")
    try:
        if not AwesomeVersion(version).valid:
            yield f"version {version!r} is none"
    except AwesomeVersionException as error:
        yield f"version {version!r}: {error}"


def _requirement_faults(manifest: dict[str, Any]) -> Iterator[str]:
    pinned = _constraints()
    for text in manifest.get("requirements", []):
        requirement = Requirement(text)
        if not requirement.specifier:
            yield f"requirement {text} has no version"
        for pin in pinned.get(canonicalize_name(requirement.name), []):
            if not _can_agree(requirement, pin):
                yield f"requirement {text} is against Home Assistant's {pin}"


def _constraints() -> dict[str, list[Requirement]]:
    pinned: dict[str, list[Requirement]] = {}
    file = built_in.HOME_ASSISTANT / "package_constraints.txt"
    for line in file.read_text().splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            pinned.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pinned


def _can_agree(requirement: Requirement, pin: Requirement) -> bool:
    """Return whether an exact version of one is allowed by the other."""
    for exact, other in ((pin, requirement), (requirement, pin)):
        versions = [part.version for part in exact.specifier if part.operator == "=="]
        if versions:
            return other.specifier.contains(versions[0], prereleases=True)
    return True


def _loader_faults(folder: Path) -> Iterator[str]:
    try:
        integration._check_loadable_manifest(folder, folder.name)  # noqa: SLF001
        integration._validated_domain(folder.name)  # noqa: SLF001
    except HomeAssistantError as error:
        yield f"the Marketplace refuses it: {error.translation_key}"
