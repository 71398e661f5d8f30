"""Home Assistant, its server or both are killed, and disks run full, by chance.

Every life is a process of its own (tests/integration/statistics/killed_home.py) with a
real recorder on a real file, in simulated time; what survives is what is on the disk.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from math import isclose
from pathlib import Path
from random import Random
from typing import Any

from .part import Options, Part, Say, Trial

ROOT = Path(__file__).parents[2]
LIFE = "tests/integration/statistics/killed_home.py"
LIFE_SECONDS = 300.0
# Up to the end of the hour after the one of the return
MINUTES_AFTER = 125
_TAIL = 20


async def run(options: Options, say: Say) -> list[Trial]:
    """Return a trial for each time; kinds take turns."""
    random, trials = Random(options.seed), []
    kinds = (killed_alone, killed_with_server, full_disk)
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            trial = await kinds[number % len(kinds)](Path(folder), random)
        trials.append(trial)
        say(f"{number + 1} of {options.rounds}: {trial.what}")
    return trials


async def killed_alone(folder: Path, random: Random) -> Trial:
    """Kill Home Assistant while its server goes on: every hour is right afterwards."""
    seed, killed, away = random.getrandbits(32), random.randint(70, 100), _away(random)
    what = f"Home Assistant killed, away {away} min"
    fault = await dies(folder, seed=seed, lived=0, server_from=0, killed=killed)
    if fault:
        return Trial(what=what, found="", wrong=(fault,))
    back = killed + away
    report = await lives(
        folder, seed=seed, lived=back, server_from=0, ends=back + MINUTES_AFTER
    )
    return _trial(what, report, report.get("wrong", ()))


async def killed_with_server(folder: Path, random: Random) -> Trial:
    """Kill both: what nobody saw is lost, but no counter counts wrong over it."""
    seed, killed, away = random.getrandbits(32), random.randint(70, 100), _away(random)
    what = f"both killed, away {away} min"
    fault = await dies(
        folder, seed=seed, lived=0, server_from=0, killed=killed, again=True
    )
    if fault:
        return Trial(what=what, found="", wrong=(fault,))
    back = killed + away
    report = await lives(
        folder,
        seed=seed,
        lived=back,
        server_from=back - 2,
        ends=back + MINUTES_AFTER,
        again=True,
        dark=True,
    )
    return _trial(what, report, (*report.get("wrong", ()), *_miscounted(report)))


async def full_disk(folder: Path, random: Random) -> Trial:
    """Let no file grow for a while: the recorder goes on, and every hour is right."""
    begin, lasts = random.randint(70, 100), random.randint(10, 60)
    report = await lives(
        folder,
        seed=random.getrandbits(32),
        lived=0,
        server_from=0,
        full=(begin, begin + lasts),
        ends=begin + lasts + MINUTES_AFTER,
    )
    return _trial(f"disk full for {lasts} min", report, report.get("wrong", ()))


async def dies(folder: Path, **life: Any) -> str:
    """Let a life end by SIGKILL; return what happened instead, "" for nothing else."""
    code, said = await _spawn(folder, life | {"ends": 0})
    if code == -signal.SIGKILL:
        return ""
    return f"it was to be killed and ended with {code}: {said}"


async def lives(folder: Path, **life: Any) -> dict[str, Any]:
    """Return what a life reports at its end."""
    _, said = await _spawn(folder, life)
    report = folder / "report.json"
    if not report.exists():
        return {"said": said}
    found: dict[str, Any] = json.loads(report.read_text())
    return found


async def _spawn(folder: Path, life: dict[str, Any]) -> tuple[int | None, str]:
    facts = folder / "life.json"
    facts.write_text(
        json.dumps(
            {"folder": str(folder), "report": str(folder / "report.json")}
            | {"full": (0, 0)}
            | life
        )
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", LIFE, "-q", "--show-capture=no",
        "-p", "no:cacheprovider",
        cwd=ROOT,
        env=os.environ | {"PLANTROOM_LIFE": str(facts)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LIFE_SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = output.decode(errors="replace").splitlines()[-_TAIL:]
    return process.returncode, "\n".join(said)


def _away(random: Random) -> int:
    return random.choice((10, random.randint(3, 60), 180))


def _miscounted(report: dict[str, Any]) -> list[str]:
    """Return the counters whose sums lost or doubled something in all."""
    return [
        f"{name} counted {said} in all, really {real}"
        for name, (said, real) in report.get("in_all", {}).items()
        if not isclose(said, real, abs_tol=1e-6)
    ]


def _trial(what: str, report: dict[str, Any], wrong: Any) -> Trial:
    if "compared" not in report:
        return Trial(what=what, found="", wrong=(report.get("said", "no report"),))
    found = f"{report['compared']} hourly statistics"
    return Trial(what=what, found=found, wrong=tuple(wrong))


PART = Part(title="Home Assistant or both are killed, the disk is full", run=run)
