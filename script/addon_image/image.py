"""Build the app's Dockerfile from what is in the checkout, or from a release."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

from .buildah import (
    ISOLATION,
    ROOT,
    CannotBuildError,
    buildah,
    command,
    forget_images,
    has_image,
    only_one,
    require,
    say,
)
from .debian_base import debian_base

REPOSITORY: Final = "localhost/plantroom-server"
OF_RELEASE: Final = "localhost/plantroom-server-of-release"
ADDON: Final = ROOT / "addon"
SERVER: Final = Path("addon/plantroom_server")
ENGINE: Final = Path("custom_components/plantroom/engine")
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "aarch64", "arm64": "aarch64"}
PULL_SECONDS: Final = 300
# What says how this machine reaches packages holds while an image is built too
MACHINES_OWN: Final = (
    Path("/etc/pip.conf"),
    Path("/etc/ssl/certs/ca-certificates.crt"),
)


def app_config() -> dict[str, Any]:
    """Return the content of the app's config.yaml."""
    content: dict[str, Any] = yaml.safe_load((ADDON / "config.yaml").read_text())
    return content


def build(base: str = "auto", releases: str = "") -> str:
    """Return the name of the image, built unless the store has it.

    base: "published", "debian", or "auto" for the second where the first cannot be
    pulled. releases: where the release is, "" for what is in the checkout.
    """
    require("buildah", "mmdebstrap", "git")
    with only_one(), TemporaryDirectory(prefix="plantroom-addon-") as scratch:
        base_image = _base_image(base)
        context, arguments = _context(Path(scratch), releases)
        repository = OF_RELEASE if releases else REPOSITORY
        name = f"{repository}:{_digest(Path(scratch), base_image, releases)}"
        if not has_image(name):
            say(f"building {name} on {base_image or 'the published base'}")
            _build(name, base_image, context, arguments)
            forget_images(repository, but=name)
    return name


def _context(scratch: Path, releases: str) -> tuple[Path, list[str]]:
    """Lay out what a build is given; return the context and its arguments."""
    _copy(Path("addon"), scratch / "addon")
    if releases:
        return scratch / "addon", ["--build-arg", f"RELEASES={releases}"]
    arguments = []
    for stage, folder in (("engine", ENGINE), ("server", SERVER)):
        _copy(folder, scratch / stage)
        arguments += ["--build-context", f"{stage}={scratch / stage}"]
    return scratch / "addon", arguments


def _copy(folder: Path, target: Path) -> None:
    """Copy what git has or would take of a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.exists():
            copy = target / Path(name).relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
            # The layers of a build are known again by their times
            os.utime(copy, (0, 0))


def _digest(scratch: Path, *facts: str) -> str:
    digest = hashlib.sha256(json.dumps(facts).encode())
    for path in sorted(scratch.rglob("*")):
        if path.is_file():
            mode = path.stat().st_mode & 0o777
            digest.update(f"{path.relative_to(scratch)}\0{mode:o}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _base_image(base: str) -> str:
    """Return the image to build on, "" for the one that the Dockerfile names."""
    if base == "debian":
        return debian_base()
    try:
        say("pulling the published base image")
        buildah_within(PULL_SECONDS, "pull", "--quiet", published_base())
    except (subprocess.SubprocessError, OSError) as err:
        if base == "published":
            raise CannotBuildError(f"cannot pull {published_base()}: {err}") from err
        say("it cannot be pulled from here")
        return debian_base()
    return ""


def buildah_within(seconds: float, *arguments: str) -> None:
    """Run buildah for a while at most; raises SubprocessError."""
    subprocess.run(
        command(*arguments), check=True, timeout=seconds, stdout=subprocess.DEVNULL
    )


def published_base() -> str:
    """Return the base image that the Dockerfile names."""
    for line in (ADDON / "Dockerfile").read_text().splitlines():
        if line.startswith("ARG BUILD_FROM="):
            return line.partition("=")[2]
    raise CannotBuildError("the Dockerfile names no base image")


def _build(name: str, base: str, context: Path, arguments: list[str]) -> None:
    architecture = ARCHITECTURES.get(os.uname().machine, os.uname().machine)
    options = [
        *("--build-arg", f"BUILD_VERSION={app_config()['version']}"),
        *("--build-arg", f"BUILD_ARCH={architecture}"),
        *arguments,
    ]
    if base:
        options += ["--build-arg", f"BUILD_FROM={base}", "--pull-never"]
    for path in MACHINES_OWN:
        if path.exists():
            options += ["--volume", f"{path}:{path}:ro"]
    buildah(
        "build",
        *ISOLATION,
        "--layers",
        "--format",
        "docker",
        *options,
        "--tag",
        name,
        context,
    )
