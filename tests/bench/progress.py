"""Progress lines, on stderr: stdout is for the result."""

import sys
import time

_BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print a line with the seconds since the start."""
    sys.stderr.write(f"bench {time.monotonic() - _BEGAN:5.0f} s: {text}\n")
    sys.stderr.flush()
