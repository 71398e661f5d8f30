"""The commands about the event gateway; the engine is made of these among others."""

from ..commands import command
from .gatekeeping import Gatekeeping
from .models import ParkedEvent


class GatewayCommands:
    """What a client may ask about subscriptions."""

    _gatekeeping: Gatekeeping

    @command("parked_events")
    async def parked_events(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        """Return the events that were put aside, newest first."""
        return await self._gatekeeping.parked(subscription_id)

    @command("replay_parked")
    async def replay_parked(self, subscription_id: str) -> None:
        """Try again what was put aside."""
        await self._gatekeeping.replay_parked(subscription_id)
