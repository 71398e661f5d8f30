"""addon/: what the Supervisor and its store ask of an app, and that its parts agree."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from hashlib import sha1
from pathlib import Path
from typing import Any, Final

import probatio
import yaml
from addon_image import requirements
from PIL import Image
from plantroom_server.options import LOG_LEVELS, PORT, Options

from custom_components.plantroom.app import APP_NAME, APP_SLUG

LANGUAGES: Final = ("en", "de", "nl", "fr")
FILES: Final = (
    "CHANGELOG.md",
    "DOCS.md",
    "Dockerfile",
    "README.md",
    "apparmor.txt",
    "icon.png",
    "logo.png",
)
PICTURES: Final = {"icon.png": (256, 256), "logo.png": None}
HEALTH_PORT: Final = re.compile(r"PLANTROOM_HEALTH_PORT:-(\d+)")
# The keys that we use of the many, as the Supervisor reads them. "host", "data_folder"
# and "site" are no options of an app: it is told by what it is asked.
CONFIG: Final = probatio.Schema(
    {
        probatio.Required("name"): APP_NAME,
        probatio.Required("version"): str,
        probatio.Required("slug"): APP_SLUG.partition("_")[2],
        probatio.Required("description"): str,
        probatio.Required("url"): str,
        probatio.Required("arch"): ["aarch64", "amd64"],
        probatio.Required("homeassistant"): str,
        probatio.Required("stage"): probatio.In(["stable", "experimental"]),
        probatio.Required("startup"): "services",
        probatio.Required("init"): False,  # s6-overlay is the container's first process
        probatio.Required("timeout"): probatio.All(int, probatio.Range(10, 300)),
        probatio.Required("host_network"): True,
        probatio.Required("uart"): True,
        probatio.Required("ingress"): False,
        probatio.Required("apparmor"): True,
        probatio.Required("discovery"): ["plantroom"],
        probatio.Required("map"): [{"type": "ssl", "read_only": True}],
        probatio.Required("backup"): "hot",
        probatio.Required("backup_pre"): str,
        probatio.Required("backup_post"): str,
        probatio.Required("backup_exclude"): [str],
        probatio.Required("watchdog"): probatio.Match(
            r"^http://\[HOST\]:\d+/health/live$"
        ),
        probatio.Required("options"): dict,
        probatio.Required("schema"): {str: str},
    }
)


def check(root: Path) -> Iterator[str]:
    """Yield the faults of the app."""
    folder = root / "addon"
    for name in FILES:
        if not (folder / name).exists():
            yield f"addon/{name} is missing"
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    try:
        CONFIG(config)
    except probatio.Invalid as error:
        yield f"addon/config.yaml: {error}"
        return
    yield from _version_faults(root, config["version"])
    yield from _option_faults(config)
    yield from _watchdog_faults(folder, config["watchdog"])
    yield from _translation_faults(folder, config["schema"])
    yield from _picture_faults(folder)
    yield from _store_faults(root)
    for difference in requirements.differences():
        yield f"requirements.txt: {difference}; run script/addon requirements"


def _version_faults(root: Path, version: str) -> Iterator[str]:
    manifest = json.loads(
        (root / "custom_components/plantroom/manifest.json").read_text()
    )
    project = tomllib.loads((root / "pyproject.toml").read_text())
    for name, other in (
        ("manifest.json", manifest["version"]),
        ("pyproject.toml", project["project"]["version"]),
    ):
        if other != version:
            yield f"addon/config.yaml has version {version}, {name} has {other}"


def _option_faults(config: dict[str, Any]) -> Iterator[str]:
    """Yield options that the server does not read, or not so."""
    kinds = {field.name: field.type for field in fields(Options)}
    schema: dict[str, str] = config["schema"]
    forms = {bool: "bool", int: "port", str: ("str?", "password?", _levels())}
    for name, form in schema.items():
        if name not in kinds:
            yield f"addon/config.yaml: the server has no option {name}"
        elif form not in forms[kinds[name]]:  # type: ignore[index]
            yield f"addon/config.yaml: {name} must not be {form}"
    for name, value in config["options"].items():
        expected = PORT if name == "port" else _settled(name)
        if value != expected:
            yield f"addon/config.yaml: {name} is {value}, the server has {expected}"
    for name, form in schema.items():
        if form.endswith("?") == (name in config["options"]):
            yield f"addon/config.yaml: {name} is optional or has a value, not both"


def _levels() -> str:
    return f"list({'|'.join(LOG_LEVELS)})"


def _settled(name: str) -> object:
    return getattr(Options(data_folder=Path("/data")), name)


def _watchdog_faults(folder: Path, watchdog: str) -> Iterator[str]:
    """Yield a watchdog that asks where nobody answers."""
    run = folder / "rootfs/etc/s6-overlay/s6-rc.d/server/run"
    served = HEALTH_PORT.search(run.read_text(encoding="utf-8"))
    if served is None or f":{served[1]}/" not in watchdog:
        yield f"addon/config.yaml: the server's health is not at {watchdog}"


def _translation_faults(folder: Path, schema: dict[str, str]) -> Iterator[str]:
    for language in LANGUAGES:
        path = folder / "translations" / f"{language}.yaml"
        texts = (
            yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        )
        options = texts.get("configuration", {})
        for name in sorted(schema.keys() ^ options.keys()):
            yield f"addon/translations/{language}.yaml: {name} has no text or no option"
        for name, text in options.items():
            if text.keys() != {"name", "description"}:
                yield f"addon/translations/{language}.yaml: {name} is incomplete"


def _picture_faults(folder: Path) -> Iterator[str]:
    for name, size in PICTURES.items():
        path = folder / name
        if path.exists():
            with Image.open(path) as picture:
                if size is not None and picture.size != size:
                    yield f"addon/{name} is {picture.size[0]} x {picture.size[1]}"


def _store_faults(root: Path) -> Iterator[str]:
    path = root / "repository.yaml"
    content = yaml.safe_load(path.read_text()) if path.exists() else {}
    if content.keys() != {"name", "url", "maintainer"}:
        yield "repository.yaml needs name, url and maintainer"
        return
    # The Supervisor names an app by a hash of where its repository is
    marked = sha1(content["url"].encode(), usedforsecurity=False).hexdigest()[:8]
    if APP_SLUG.partition("_")[0] != marked:
        yield f"repository.yaml: apps of {content['url']} are called {marked}_…"
