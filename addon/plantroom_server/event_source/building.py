"""Which adapter reaches an event store."""

import os
from pathlib import Path

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
)

from .embedded import EmbeddedLog
from .port import EventSource


def event_source(folder: Path | None, config: EventStoreConfig) -> EventSource:
    """Return a store's adapter, not started; raises EventSourceRefusedError."""
    match config.kind:
        case StoreKind.EMBEDDED:
            return EmbeddedLog(folder)
        case StoreKind.KURRENTDB:
            # We say ourselves when a connection is lost, and once
            os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
            # gRPC takes time and memory, which servers without a KurrentDB have not to
            from .kurrentdb import KurrentSource  # noqa: PLC0415

            return KurrentSource(config)
