"""Waits for the recorder to be through with what it was given."""

import asyncio
from typing import Final

from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

_MOST_SECONDS: Final = 600.0
_AGAIN_SECONDS: Final = 5.0


async def recorder_is_through(hass: HomeAssistant) -> None:
    """Return when all that was queued is committed; raises TimeoutError.

    The recorder's own async_block_till_done does not wait for a task that it has taken
    from its queue and is still at work on. A task before which it cannot commit, as on
    a full disk, is never run: so it is asked again.
    """
    done: asyncio.Future[None] = hass.loop.create_future()
    async with asyncio.timeout(_MOST_SECONDS):
        while not done.done():
            get_instance(hass).queue_task(SynchronizeTask(done))
            await asyncio.wait((done,), timeout=_AGAIN_SECONDS)
