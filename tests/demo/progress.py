"""Progress lines: what is being done, and how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Tells on stderr what is going on and remembers the seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Name a step while it runs, and its seconds when it is done."""
        sys.stderr.write(f"demo: {name} …\n")
        sys.stderr.flush()
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)
        sys.stderr.write(f"demo: {name}: {self.seconds[name]:.1f} s\n")
        sys.stderr.flush()

    @staticmethod
    def say(text: str) -> None:
        """Print one line."""
        sys.stderr.write(f"demo: {text}\n")
        sys.stderr.flush()
