"""Run the soak's parts, show what each found, and fail when anything was wrong.

A part is a module of this folder with a PART; nothing else has to be told of it.
"""

import argparse
import asyncio
import importlib
import pkgutil
import sys
import time

import tests.soak

from .part import Options, Part, Trial

ROUNDS = 20
_WIDTH = 46


def main() -> int:
    """Return 0 when everything was right, 1 when something was not."""
    parts = find_parts()
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(parts))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen = {name: parts[name] for name in asked.parts or parts}
    options = Options(rounds=asked.rounds, seed=asked.seed)
    return asyncio.run(run(chosen, options))


def find_parts() -> dict[str, Part]:
    """Return every part by the name of its module."""
    found = {}
    for module in pkgutil.iter_modules(tests.soak.__path__):
        if module.name.startswith("_"):
            continue
        part = getattr(
            importlib.import_module(f"{tests.soak.__name__}.{module.name}"),
            "PART",
            None,
        )
        if isinstance(part, Part):
            found[module.name] = part
    return found


async def run(parts: dict[str, Part], options: Options) -> int:
    """Run parts one after the other; return the exit code."""
    say(f"seed {options.seed}, {options.rounds} rounds")
    wrong = 0
    for name, part in parts.items():
        say(f"\n{name}: {part.title}")
        if missing := part.missing():
            say(f"  left out: {missing}")
            continue
        began = time.monotonic()
        trials = await part.run(options, lambda text: say(f"  … {text}"))
        show(trials)
        say(f"  {len(trials)} trials in {time.monotonic() - began:.0f} s")
        wrong += sum(bool(trial.wrong) for trial in trials) or not trials
    say(f"\n{'everything was right' if not wrong else f'{wrong} trials went wrong'}")
    return 1 if wrong else 0


def show(trials: list[Trial]) -> None:
    """Show trials as a table, each with what was wrong below it."""
    for number, trial in enumerate(trials, start=1):
        verdict = "WRONG" if trial.wrong else "right"
        say(f"  {number:3} {trial.what:{_WIDTH}} {trial.found:30} {verdict}")
        for line in trial.wrong:
            say(f"        {line}")


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
