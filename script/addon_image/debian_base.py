"""A base image of Debian's packages, for where the published one cannot be pulled.

It has what our Dockerfile and services use of Home Assistant's: Python, pip, Redis, s6
under /command, /init. It has no bashio, and its C library is another.
"""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Final

from .buildah import CACHE, CannotBuildError, buildah, forget_images, has_image, say

REPOSITORY: Final = "localhost/plantroom-debian-base"
OVERLAY: Final = Path(__file__).with_name("debian_base")
SUITE: Final = "forky"  # the first with Python 3.14
KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PACKAGES: Final = (
    "ca-certificates",
    "curl",
    "execline",
    "python3",
    "python3-pip",
    "redis-server",
    "s6",
    "tzdata",
)
# A mirror that stands still is still signed
APT_OPTIONS: Final = ('Acquire::Check-Valid-Until "false"',)


def debian_base() -> str:
    """Return the name of the image, made unless the store has it."""
    name = f"{REPOSITORY}:{_recipe()}"
    if not has_image(name):
        say(f"making a base image of Debian {SUITE}'s packages, which takes a minute")
        archive = CACHE / "debian_base.tar"
        _bootstrap(archive)
        _import(archive, name)
        archive.unlink()
        forget_images(REPOSITORY, but=name)
    return name


def _recipe() -> str:
    recipe = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(OVERLAY.rglob("*")):
        if path.is_file():
            recipe.update(path.read_bytes())
    return recipe.hexdigest()[:12]


def _bootstrap(archive: Path) -> None:
    options = [f"--aptopt={option}" for option in APT_OPTIONS]
    done = subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=apt", *options,
         "--dpkgopt=path-exclude=/usr/share/man/*",
         "--dpkgopt=path-exclude=/usr/share/doc/*",
         f"--include={','.join(PACKAGES)}", SUITE, str(archive), _source()],
        stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )  # fmt: skip
    if done.returncode != 0:
        raise CannotBuildError(f"mmdebstrap failed:\n{done.stderr[-2000:]}")


def _source() -> str:
    """Return an apt source on the mirror that this machine already uses."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    for uri in listed.stdout.split():
        if uri.rstrip("/").endswith("/debian"):
            return f"deb [signed-by={KEYRING}] {uri} {SUITE} main"
    raise CannotBuildError("no Debian mirror is among the sources of apt")


def _import(archive: Path, name: str) -> None:
    container = buildah("from", "--format", "docker", "scratch")
    try:
        buildah("add", "--quiet", container, archive, "/")
        buildah("copy", "--quiet", container, OVERLAY, "/")
        buildah(
            "config",
            *("--entrypoint", '["/init"]'),
            *("--shell", "/bin/bash -o pipefail -c"),
            *("--env", "LANG=C.UTF-8", "--env", "PIP_BREAK_SYSTEM_PACKAGES=1"),
            container,
        )
        # Only this format keeps a shell
        buildah("commit", "--quiet", "--format", "docker", container, name)
    finally:
        buildah("rm", container)
