"""Run the server: python -m plantroom_server."""

import asyncio
import gc
import importlib
import importlib.util
import logging
import os
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from custom_components.plantroom.engine.site_config import SiteConfig

    from .options import Options

_LOGGER = logging.getLogger("plantroom_server")

PACKAGE: Final = "custom_components.plantroom"
CHECKOUT: Final = Path(__file__).resolve().parents[2]
WRONG_INPUT: Final = 2


def main() -> int:
    """Serve until a signal ends it; return the process's exit code."""
    find_engine()
    options_module = importlib.import_module("plantroom_server.options")
    try:
        options = options_module.read_options(sys.argv[1:], os.environ)
    except options_module.OptionsError as err:
        print(f"plantroom_server: {err}", file=sys.stderr)
        return WRONG_INPUT
    # A site may have passwords in it, and stands in our databases
    os.umask(0o077)
    logging.basicConfig(
        level=options.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    return asyncio.run(serve(options))


def find_engine() -> None:
    """Make the engine importable without what Home Assistant has around it.

    The server's image has only the engine's folder; a checkout has the integration,
    whose own __init__ would import Home Assistant.
    """
    if importlib.util.find_spec(PACKAGE.partition(".")[0]) is None:
        sys.path.append(str(CHECKOUT))
    parent = importlib.import_module(PACKAGE.partition(".")[0])
    for folder in parent.__path__:
        plantroom = Path(folder) / "plantroom"
        if (plantroom / "__init__.py").exists() and PACKAGE not in sys.modules:
            package = ModuleType(PACKAGE)
            package.__path__ = [str(plantroom)]
            sys.modules[PACKAGE] = package
            setattr(parent, "plantroom", package)  # noqa: B010


async def serve(options: Options) -> int:
    """Serve until SIGTERM or SIGINT; return the process's exit code."""
    # Imported late: the engine has to be found first
    from .announcement import announced, seen_by_supervisor  # noqa: PLC0415
    from .backup import put_back  # noqa: PLC0415
    from .server import PlantroomServer  # noqa: PLC0415

    try:
        site = await _site_in_file(options.site)
    except ValueError as err:
        print(err, file=sys.stderr)
        return WRONG_INPUT
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    options = await seen_by_supervisor(options, os.environ)
    server = PlantroomServer(options, site=site)
    try:
        await asyncio.to_thread(put_back, options.data_folder)
        await server.start()
        # Modules stay: going through all of them would hold the loop up for 70 ms
        gc.freeze()
        async with announced(options, server, os.environ):
            await ended.wait()
    except OSError as err:
        _LOGGER.critical("Cannot start: %s", err)
        return 1
    finally:
        await server.stop()
    return 0


async def _site_in_file(path: Path | None) -> SiteConfig | None:
    """Return what a file says is served, None without one; raises SiteFileError."""
    if path is None:
        return None
    # Only who has a file needs what reads it
    from .site_file import read_site_file  # noqa: PLC0415

    return await asyncio.to_thread(read_site_file, path)


if __name__ == "__main__":
    sys.exit(main())
