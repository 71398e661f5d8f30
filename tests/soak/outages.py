"""Random outages of Home Assistant and of the way to its server, in simulated time.

The trials are those of tests/integration/statistics, which script/test runs three of.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from .part import Options, Part, Say, Trial

ROOT = Path(__file__).parents[2]
TEST = "tests/integration/statistics/test_random_outages.py"
SECONDS_EACH = 90
_TAIL = 30


async def run(options: Options, say: Say) -> list[Trial]:
    """Return a trial for each outage."""
    return await run_test(TEST, options, say)


async def run_test(test: str, options: Options, say: Say) -> list[Trial]:
    """Return a trial for each outage of a test; what none of them says is wrong too."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pytest", test, "-q", "--show-capture=no",
            cwd=ROOT,
            env=os.environ
            | {
                "PLANTROOM_SOAK_OUTAGES": str(options.rounds),
                "PLANTROOM_SOAK_SEED": str(options.seed),
                "PLANTROOM_SOAK_REPORT": str(report),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        following = asyncio.create_task(follow(report, options.rounds, say))
        try:
            async with asyncio.timeout(120 + SECONDS_EACH * options.rounds):
                output, _ = await process.communicate()
        finally:
            following.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        trials = [trial_of(item) for item in read(report)]
    if process.returncode and not any(trial.wrong for trial in trials):
        said = output.decode(errors="replace").splitlines()[-_TAIL:]
        trials.append(Trial(what="the trials themselves", found="", wrong=tuple(said)))
    return trials


async def follow(report: Path, rounds: int, say: Say) -> None:
    """Tell how far it is, until cancelled."""
    told = 0
    while True:
        await asyncio.sleep(2)
        done = read(report)
        for item in done[told:]:
            told += 1
            say(f"{told} of {rounds}: {trial_of(item).what}")


def read(report: Path) -> list[dict[str, Any]]:
    """Return what is reported so far; one that is being written counts as nothing."""
    try:
        found: list[dict[str, Any]] = json.loads(report.read_text())
    except FileNotFoundError, ValueError:
        return []
    return found


def trial_of(item: dict[str, Any]) -> Trial:
    """Return what a person reads of an outage."""
    anew = ", a counter began anew" if item["began_anew"] else ""
    return Trial(
        what=f"{item['what'].replace('_', ' ')} away {item['minutes']} min{anew}",
        found=f"{item['compared']} hourly statistics",
        wrong=tuple(item["wrong"]),
    )


PART = Part(title="every hourly statistic after random outages", run=run)
