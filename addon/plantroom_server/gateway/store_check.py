"""An event store tried before anybody relies on it."""

from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.gateway.models import StoreCheck

from ..event_source.port import EventSource
from ..gateway_errors import EventSourceError, EventSourceRefusedError

# A stream that whoever may use KurrentDB at all may read; there need be none
_ASKED_FOR: Final = SubscriptionConfig(
    subscription_id="check", store_id="check", network_id="check", stream="plantroom"
)


async def check_store(
    store: EventStoreConfig, build: Callable[[EventStoreConfig], EventSource]
) -> StoreCheck:
    """Return whether a store answers; our own log is here and always does."""
    if store.kind is StoreKind.EMBEDDED:
        return StoreCheck(works=True)
    try:
        await _ask(build(store))
    except EventSourceRefusedError as err:
        return StoreCheck(
            works=False, field=err.facts.get("field", ""), detail=str(err)
        )
    except EventSourceError as err:
        return StoreCheck(works=False, detail=str(err))
    return StoreCheck(works=True)


async def _ask(source: EventSource) -> None:
    """Read the first event; raises EventSourceError."""
    try:
        await source.start()
        async with aclosing(source.read(_ASKED_FOR)) as events:
            await anext(events, None)
    finally:
        await source.stop()
