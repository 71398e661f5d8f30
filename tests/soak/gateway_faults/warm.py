"""Starts servers fast: imports all they need once, then forks one for each line.

A line is JSON: arguments of the server, log (a file), seconds (constants of the hold on
a device, shorter than real ones where a trial waits for their end). The answer is the
process id. What runs is `python -m plantroom_server`, from its main on.
"""

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

MODULES = (
    "plantroom_server.announcement",
    "plantroom_server.backup",
    "plantroom_server.server",
    "plantroom_server.gateway.event_gateway",
    "plantroom_server.gateway.device_hold",
)


def main() -> None:
    """Fork a server for each line of the input, until that ends."""
    program = importlib.import_module("plantroom_server.__main__")
    program.find_engine()
    for name in MODULES:
        importlib.import_module(name)
    # Builds the schema, which takes longest
    site_file = importlib.import_module("plantroom_server.site_file")
    site_file.read_site("networks: []")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            serve(program, asked)
        print(pid, flush=True)


def serve(program: Any, asked: dict[str, Any]) -> None:
    """Be a server; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(Path(asked["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, descriptor in ((0, nothing), (1, log), (2, log)):
        os.dup2(descriptor, target)
    hold = importlib.import_module("plantroom_server.gateway.device_hold")
    for name, seconds in asked["seconds"].items():
        assert hasattr(hold, name)
        setattr(hold, name, seconds)
    sys.argv = ["plantroom_server", *asked["arguments"]]
    code = program.main()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
