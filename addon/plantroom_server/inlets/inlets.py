"""The ways into the embedded log that are open now."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
)

from ..event_source.embedded import EmbeddedLog
from .intake import Intake, IntakeCounts

if TYPE_CHECKING:
    from .mqtt_inlet import MqttInlet


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpInlet:
    """Where POST /events leads, and what its senders have to show."""

    store_id: str
    token: str = field(repr=False)
    intake: Intake


class Inlets:
    """Opens and closes the ways in as the gateway is configured, and counts for all."""

    def __init__(self) -> None:
        """Begin with none."""
        self.counts: IntakeCounts = Counter()
        self.http: HttpInlet | None = None
        self.mqtt: MqttInlet | None = None
        self.changing = False
        self._store_id = ""

    @contextmanager
    def change(self) -> Iterator[None]:
        """Say meanwhile that senders may try again, not that nothing is there."""
        self.changing = True
        try:
            yield
        finally:
            self.changing = False

    def open(
        self,
        store: EventStoreConfig,
        log: EmbeddedLog,
        reserved: Collection[str],
        changed: Callable[[], None],
    ) -> None:
        """Let events into a log; reserved: streams that are not for senders.

        changed: is called when a problem comes or goes.
        """
        intake = Intake(log, reserved, self.counts)
        if store.http_token:
            self.http = HttpInlet(
                store_id=store.store_id, token=store.http_token, intake=intake
            )
        if store.mqtt is not None:
            # Servers without a broker have not to load its client
            from .mqtt_inlet import MqttInlet  # noqa: PLC0415

            self._store_id = store.store_id
            self.mqtt = MqttInlet(store.mqtt, intake, changed)
            self.mqtt.start()

    def problem_of(self, store_id: str) -> str:
        """Return why no messages come into a store, "" when nothing is wrong."""
        return self.mqtt.problem if self.mqtt and store_id == self._store_id else ""

    async def close(self, coming: GatewayConfig | None = None) -> None:
        """Let nobody in; calling it twice does no harm.

        coming: what is asked for next, None where nothing changes but the time.
        """
        self.http = None
        mqtt, self.mqtt = self.mqtt, None
        if mqtt is not None:
            goes_on = coming is None or any(mqtt.is_like(s.mqtt) for s in coming.stores)
            await mqtt.stop(for_good=not goes_on)
