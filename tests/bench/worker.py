"""One measurement in a process of its own: python -m tests.bench.worker NAME JSON.

The last line it prints is the result, one JSON object.
"""

import asyncio
import gc
import json
import sys
from importlib import import_module
from typing import Any

from tests.bench.cores import pin


def main() -> None:
    """Pin this process, measure, print."""
    name, settings = sys.argv[1], json.loads(sys.argv[2])
    pin(settings.pop("core", None))
    module = import_module(f"tests.bench.workers.{name}")
    gc.freeze()
    with asyncio.Runner(loop_factory=getattr(module, "new_loop", None)) as runner:
        result: dict[str, Any] = runner.run(module.measure(settings))
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
