"""Workers that begin warm: forked from a process that has imported what they need.

For a run that only sees that all of it works: a worker of its own memory and its own
start is `run_worker`'s.
"""

import asyncio
import gc
import sys
from contextvars import ContextVar
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from tests.simulators.client import ROOT

# What takes long to import; what of it a worker does not need costs it nothing
PRELOADED = (
    "tests.bench.workers.home_assistant_alarms",
    "tests.bench.workers.home_assistant_changes",
    "tests.bench.workers.served_site",
    "tests.bench.workers.plain_bacpypes3",
    "homeassistant.components.ai_task",
    "homeassistant.components.assist_pipeline",
)
_context = get_context("forkserver")
_prepared = ContextVar("prepared", default=False)


def prepare() -> None:
    """Have the workers of this process forked, from its first one on."""
    sys.path.append(str(ROOT / "addon"))
    _context.set_forkserver_preload([*PRELOADED])
    _prepared.set(True)


def is_prepared() -> bool:
    """Return whether workers are to be forked."""
    return _prepared.get()


async def measure(
    name: str, settings: dict[str, Any], seconds: float
) -> dict[str, Any] | None:
    """Return what a forked worker measured, None when it ended without a result."""
    ours, theirs = _context.Pipe(duplex=False)
    process = _context.Process(target=_work, args=(name, settings, theirs))
    process.start()
    theirs.close()
    try:
        async with asyncio.timeout(seconds):
            while not ours.poll():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        result: dict[str, Any] = ours.recv()
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()
        ours.close()
    return result


def _work(name: str, settings: dict[str, Any], pipe: Connection) -> None:
    settings.pop("core", None)
    module = import_module(f"tests.bench.workers.{name}")
    gc.freeze()
    with asyncio.Runner(loop_factory=getattr(module, "new_loop", None)) as runner:
        pipe.send(runner.run(module.measure(settings)))
