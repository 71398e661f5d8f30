"""What a client asks an engine about its event gateway."""

from ..connection.base import Connection
from ..engine.gateway.configuration import EventStoreConfig
from ..engine.gateway.models import ParkedEvent, StoreCheck


class GatewayCalls:
    """The commands about subscriptions, typed."""

    _connection: Connection

    async def parked_events(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        """Return the events that were put aside, newest first."""
        parked: tuple[ParkedEvent, ...] = await self._connection.call(
            "parked_events", subscription_id
        )
        return parked

    async def replay_parked(self, subscription_id: str) -> None:
        """Try again what was put aside."""
        await self._connection.call("replay_parked", subscription_id)

    async def resume_subscription(self, subscription_id: str) -> None:
        """Try again a subscription that stopped, once a person mended why."""
        await self._connection.call("resume_subscription", subscription_id)

    async def check_event_store(self, store: EventStoreConfig) -> StoreCheck:
        """Return whether an event store can be used, which need not be configured."""
        check: StoreCheck = await self._connection.call("check_event_store", store)
        return check
