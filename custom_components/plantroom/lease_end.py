"""What Home Assistant gives back when it stops."""

import logging

from .client import EngineClient
from .engine.errors import PlantroomError

_LOGGER = logging.getLogger(__name__)


async def end_what_we_hold(client: EngineClient) -> None:
    """Have what is to end with Home Assistant taken back while the engine is there.

    An engine elsewhere goes on and takes it back by itself should we stay away.
    """
    if not client.connected or not any(
        lease.bound for lease in client.mirror.leases.values()
    ):
        return
    try:
        left = await client.end_bound_leases()
    except PlantroomError as err:
        _LOGGER.warning("Could not give back what ends with Home Assistant: %s", err)
        return
    if left:
        _LOGGER.warning("%s points are given back at the next start", left)
