"""The commands about the event gateway; the engine is made of these among others."""

from ..commands import command
from .configuration import EventStoreConfig
from .gatekeeping import Gatekeeping
from .models import ParkedEvent, StoreCheck


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

    @command("resume_subscription")
    async def resume_subscription(self, subscription_id: str) -> None:
        """Try again a subscription that stopped, once a person mended why."""
        await self._gatekeeping.resume(subscription_id)

    @command("check_event_store")
    async def check_event_store(self, store: EventStoreConfig) -> StoreCheck:
        """Ask an event store that need not be configured, and keep nothing of it."""
        return await self._gatekeeping.check_store(store)
