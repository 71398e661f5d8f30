"""What goes wrong with event stores and recovery caches.

PlantroomError
└── GatewayError                 gateway_error
    ├── EventSourceError         event_source_error
    │   ├── EventSourceRefusedError   event_source_refused
    │   └── BehindError          behind
    ├── IdTakenError             id_taken
    └── RecoveryCacheError       recovery_cache_error
        ├── FencedError          fenced
        ├── CacheLostError       cache_lost
        └── HeldError            held
"""

from custom_components.plantroom.engine.errors import PlantroomError


class GatewayError(PlantroomError):
    """Any failure of the gateway."""

    code = "gateway_error"


class EventSourceError(GatewayError):
    """The event store does not answer now; trying again may help."""

    code = "event_source_error"


class EventSourceRefusedError(EventSourceError):
    """The event store refuses for good until a person mends what the facts name."""

    code = "event_source_refused"


class BehindError(EventSourceError):
    """Too many events wait already; the sender may try again soon."""

    code = "behind"


class IdTakenError(GatewayError):
    """The id of an event is that of another one; item: which of those sent, from 0."""

    code = "id_taken"


class RecoveryCacheError(GatewayError):
    """The recovery cache does not answer now; trying again may help."""

    code = "recovery_cache_error"


class FencedError(RecoveryCacheError):
    """Another server works in our place: what we would write is refused."""

    code = "fenced"


class CacheLostError(RecoveryCacheError):
    """The recovery cache lost what it kept, as one that was flushed has."""

    code = "cache_lost"


class HeldError(RecoveryCacheError):
    """Another server is this device now, and may be so for a while yet."""

    code = "held"
