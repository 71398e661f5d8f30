"""Buildah with a store of its own, in the folder that script/setup caches in."""

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    / "plantroom"
    / "addon"
)
# Chroot needs no container runtime, and works in a container without more rights
ISOLATION: Final = ("--isolation", "chroot")

CONTAINERS: Final = "plantroom-app-"


class CannotBuildError(Exception):
    """This machine cannot build or run images; the message says what it lacks."""


def require(*programs: str) -> None:
    """Raise CannotBuildError unless we are root and the programs are installed."""
    if os.geteuid() != 0:
        raise CannotBuildError("images are built by root: sudo script/addon …")
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise CannotBuildError(
            f"not installed: {', '.join(missing)}; "
            f"to have them: apt-get install {' '.join(missing)}"
        )


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"addon: {text}", file=sys.stderr, flush=True)


def buildah(*arguments: str | Path) -> str:
    """Run buildah and return what it prints; raises CalledProcessError."""
    done = subprocess.run(
        command(*arguments), check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of a call of buildah."""
    return ["buildah", *_store(), *map(str, arguments)]


def has_image(name: str) -> bool:
    """Return whether the store has an image."""
    found = subprocess.run(
        command("inspect", "--type", "image", name), capture_output=True, check=False
    )
    return found.returncode == 0


def container_name() -> str:
    """Return a name for a container of this process."""
    return f"{CONTAINERS}{os.getpid()}-{secrets.token_hex(3)}"


def forget_images(repository: str, but: str) -> None:
    """Remove the images of one name but one, and what is left over; hold only_one.

    What is in use stays.
    """
    for name in buildah(
        "containers", "--noheading", "--format", "{{.ContainerName}}"
    ).split():
        if _is_left_over(name):
            _try("rm", name)
    listed = buildah("images", "--noheading", "--format", "{{.Name}}:{{.Tag}}")
    for name in listed.splitlines():
        if name.startswith(f"{repository}:") and name != but:
            _try("rmi", name)
    _try("rmi", "--prune")


def _is_left_over(container: str) -> bool:
    """Return whether a container is of a build that failed or a process that is gone."""
    owner = container.removeprefix(CONTAINERS).partition("-")[0]
    if container.startswith(CONTAINERS):
        return not Path(f"/proc/{owner}").exists()
    return "working-container" in container


def _try(*arguments: str) -> None:
    """Run buildah, which may refuse what is in use."""
    subprocess.run(command(*arguments), capture_output=True, check=False)


@contextmanager
def only_one() -> Iterator[None]:
    """Let one process build at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def _store() -> tuple[str, ...]:
    """Return where images are kept, in layers where the file system lets them."""
    for driver in ("overlay", "vfs"):
        store = (
            *("--root", str(CACHE / driver)),
            *("--runroot", str(CACHE / f"{driver}.run")),
            *("--storage-driver", driver),
        )
        tried = subprocess.run(
            ["buildah", *store, "info"], capture_output=True, check=False, text=True
        )
        if tried.returncode == 0:
            return store
    raise CannotBuildError(f"buildah does not run here: {tried.stderr.strip()}")
