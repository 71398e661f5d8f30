"""Random outages over real sockets: Home Assistant, a server and a BACnet device.

The trials are those of tests/integration/statistics, which script/test runs three of.
"""

from typing import Final

from .outages import run_test
from .part import Options, Part, Say, Trial

TEST: Final = (
    "tests/integration/statistics/test_over_the_wire.py"
    "::test_whoever_is_away_no_hour_says_what_was_not"
)


async def run(options: Options, say: Say) -> list[Trial]:
    """Return a trial for each outage; Home Assistant, server and device take turns."""
    return await run_test(TEST, options, say)


PART = Part(title="the same over real sockets, servers killed, devices silent", run=run)
