"""How the gateway is doing, as clients see it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriptionState(StrEnum):
    """What a subscription does.

    RESTORING: objects come from the recovery cache. STANDBY: another consumer of the
    group works. STOPPED: until a person mends what reason says.
    """

    RESTORING = "restoring"
    CONNECTING = "connecting"
    RUNNING = "running"
    STANDBY = "standby"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStatus:
    """Health of one subscription and its lag.

    lag_events: in the store and not yet shown, None while not known. lag_seconds: age
    of the event shown last when it was shown. parked: events put aside with a reason.
    unsaved: shown and not yet in the recovery cache, so not yet acknowledged. reason:
    an error code, facts in detail. commands_waiting: of BMS clients, not yet in the
    store. inlet_problem: why no messages come from the topic that fills the store, ""
    while they do or where there is none.
    """

    subscription_id: str
    state: SubscriptionState
    since: datetime
    reason: str = ""
    detail: str = ""
    objects: int = 0
    handled: int = 0
    parked: int = 0
    unsaved: int = 0
    commands_waiting: int = 0
    lag_events: int | None = None
    lag_seconds: float | None = None
    cache_connected: bool = True
    inlet_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCheck:
    """Whether an event store can be used as it is described.

    field: of EventStoreConfig, the one to mend; "" for a store that does not answer
    now. detail: why not, a sentence.
    """

    works: bool
    field: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """An event that could not be used, and why."""

    subscription_id: str
    event_id: str
    position: int
    event_type: str
    reason: str
    at: datetime
    data: str = ""
