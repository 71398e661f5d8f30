"""The event gateway killed, cut off, filled up and doubled, under load and watched.

After each time its BACnet objects equal a plain replay of the log, no event or command
that was acknowledged is missing or doubled, and nothing older than before was shown.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Final

from .gateway_faults.kills import KILLS_EACH, killed
from .gateway_faults.outages import WITH_A_DISK, WITH_KURRENTDB, suffered
from .gateway_faults.server import Nursery
from .gateway_faults.small_disk import missing as no_disk
from .gateway_faults.standbys import FAULTS, taken_over
from .part import Options, Part, Say, Trial

LONGEST_SECONDS: Final = 3600.0
# Twenty rounds are 200 kills, and everything else five times
ROUNDS_EACH: Final = 4


async def run(options: Options, say: Say) -> list[Trial]:
    """Return a trial for ten kills, for each outage and for each take-over."""
    trials: list[Trial] = []
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            async for trial in _all(options):
                trials.append(trial)
                found = f"WRONG, {trial.wrong[0]}" if trial.wrong else trial.found
                say(f"{trial.what}: {found}")
    except TimeoutError as err:
        why = f"something waited for too long: {err!r}"
        trials.append(Trial(what="the trials themselves", found="", wrong=(why,)))
    return trials


async def _all(options: Options) -> AsyncIterator[Trial]:
    random = Random(options.seed)
    async with Nursery() as nursery:
        for number in range(options.rounds):
            with tempfile.TemporaryDirectory() as folder:
                yield await killed(
                    Path(folder),
                    nursery,
                    random,
                    kurrentdb=number % 2 == 1,
                    kills=KILLS_EACH,
                )
        for _ in range(-(-options.rounds // ROUNDS_EACH)):
            for faults in (WITH_KURRENTDB, *(() if no_disk() else (WITH_A_DISK,))):
                with tempfile.TemporaryDirectory() as folder:
                    for trial in await suffered(Path(folder), nursery, random, faults):
                        yield trial
            with tempfile.TemporaryDirectory() as folder:
                for trial in await taken_over(Path(folder), nursery, random, FAULTS):
                    yield trial


def _missing() -> str:
    return "" if shutil.which("redis-server") else "redis-server is not installed"


PART = Part(
    title="gateway: killed, cut off, filled up, doubled", run=run, missing=_missing
)
