"""What script/addon does."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import image, requirements
from .buildah import CannotBuildError, require, say
from .check import check
from .container import run

OPTIONS_HELP = "the app's options as JSON; config.yaml says what goes without saying"


def main() -> int:
    """Do what is asked; return the process's exit code."""
    asked = _parser().parse_args()
    try:
        code: int = asked.act(asked)
    except CannotBuildError as err:
        say(str(err))
        return 1
    except subprocess.CalledProcessError as err:
        say(f"{err.cmd[0]} failed: what it said is above")
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/addon", description=__doc__)
    acts = parser.add_subparsers(required=True, metavar="build|run|check|requirements")
    for name, act, text in (
        ("build", _build, "build the image and print its name"),
        ("run", _run, "run it until Ctrl+C, with its data in a folder"),
        ("check", _check, "build it, start it, ask it and stop it"),
    ):
        one = acts.add_parser(name, help=text)
        one.set_defaults(act=act)
        one.add_argument(
            "--base",
            choices=("auto", "published", "debian"),
            default="auto",
            help="what to build on; auto takes Debian where nothing can be pulled",
        )
        if name == "build":
            one.add_argument("--releases", default="", metavar="URL", help=(
                "build from the release there, as the Supervisor does"
            ))  # fmt: skip
        if name == "run":
            one.add_argument("--data", type=Path, default=Path(".demo/addon"))
            one.add_argument(
                "--options", type=json.loads, default={}, help=OPTIONS_HELP
            )
    pins = acts.add_parser("requirements", help="write the image's requirements anew")
    pins.set_defaults(act=_requirements)
    return parser


def _build(asked: Any) -> int:
    print(image.build(asked.base, asked.releases))
    return 0


def _run(asked: Any) -> int:
    return run(image.build(asked.base), asked.data, asked.options)


def _check(asked: Any) -> int:
    require("buildah", "mmdebstrap")
    return check(image.build(asked.base))


def _requirements(_asked: Any) -> int:
    requirements.FILE.write_text(requirements.required(), encoding="utf-8")
    say(f"wrote {requirements.FILE.relative_to(Path.cwd())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
