"""What an operator watches, as Prometheus reads it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import override

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    StateSetMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from custom_components.plantroom.engine.events import (
    NumberedEvent,
    ReadingsChanged,
    WriteDone,
)
from custom_components.plantroom.engine.history.history import HistoryState
from custom_components.plantroom.engine.models import Health, NetworkStatus
from custom_components.plantroom.engine.requests import Snapshot

from .gateway_metrics import gateway_families
from .inlets.metrics import inlet_families
from .served_engine import ServedEngine
from .websocket_api import WebSocketApi


class Metrics:
    """Counts what passes, and looks at the rest when it is asked."""

    def __init__(self, engine: ServedEngine, api: WebSocketApi) -> None:
        """Take whom to watch."""
        self._engine = engine
        self._api = api
        self._readings: Counter[str] = Counter()
        self._writes: Counter[str] = Counter()
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to count."""
        self._unsubscribe = self._engine.listen(self._count)

    def stop(self) -> None:
        """Count no more; calling it twice does no harm."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    async def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics and their content type, of those a client accepts."""
        snapshot = await self._engine.snapshot()
        registry = CollectorRegistry()
        registry.register(_Families([*self._families(snapshot)]))
        ProcessCollector(registry=registry)
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type

    def _count(self, numbered: NumberedEvent) -> None:
        match numbered.event:
            case ReadingsChanged(readings=readings):
                self._readings.update(reading.source for _, reading in readings)
            case WriteDone(result=result):
                self._writes[result.verdict] += 1

    def _families(self, snapshot: Snapshot) -> Iterator[Metric]:
        polls = self._engine.polls
        yield GaugeMetricFamily(
            "plantroom_ready", "Whether the engine runs", self._engine.ready
        )
        yield GaugeMetricFamily(
            "plantroom_points", "Points that are known", len(snapshot.points)
        )
        yield GaugeMetricFamily(
            "plantroom_points_read", "Points with a reading", len(snapshot.readings)
        )
        yield GaugeMetricFamily(
            "plantroom_problems", "Problems that stand", len(snapshot.problems)
        )
        yield CounterMetricFamily(
            "plantroom_polls", "Times that a device was read", polls.done
        )
        yield CounterMetricFamily(
            "plantroom_polls_failed", "Polls that found a device down", polls.failed
        )
        yield CounterMetricFamily(
            "plantroom_events", "Events that were told", snapshot.cursor
        )
        yield _counter(
            "plantroom_readings", "New readings by source", "source", self._readings
        )
        yield _counter("plantroom_writes", "Writes by verdict", "verdict", self._writes)
        yield from _network_families(snapshot.networks)
        yield self._queues()
        yield from _history_families(self._engine.history)
        yield from gateway_families(snapshot.subscriptions)
        yield from inlet_families(self._engine.inlets)

    def _queues(self) -> Metric:
        family = GaugeMetricFamily(
            "plantroom_client_queue_frames", "Frames that wait", labels=["client"]
        )
        for client in self._api.clients:
            family.add_metric([client.client], client.waiting)
        return family


class _Families(Collector):
    """Metrics that are there already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    @override
    def collect(self) -> Iterable[Metric]:
        return self._families


def _network_families(networks: Iterable[NetworkStatus]) -> Iterator[Metric]:
    state = StateSetMetricFamily(
        "plantroom_network_health", "How a network is doing", labels=["network"]
    )
    total = GaugeMetricFamily(
        "plantroom_devices", "Devices of a network", labels=["network"]
    )
    online = GaugeMetricFamily(
        "plantroom_devices_online", "Devices that answer", labels=["network"]
    )
    for network in networks:
        name = [network.network_id]
        state.add_metric(name, {each: each == network.health for each in Health})
        total.add_metric(name, network.devices_total)
        online.add_metric(name, network.devices_online)
    yield from (state, total, online)


def _history_families(history: HistoryState) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "plantroom_history_points", "Points whose hours are counted", history.points
    )
    yield GaugeMetricFamily(
        "plantroom_history_bytes", "Disk that kept hours take", history.octets
    )
    yield GaugeMetricFamily(
        "plantroom_history_waiting_hours",
        "Hours that are not on disk yet",
        history.waiting,
    )
    since = history.kept_since
    if since is not None:
        yield GaugeMetricFamily(
            "plantroom_history_oldest_timestamp_seconds",
            "When the oldest hour that is kept began",
            since.timestamp(),
        )


def _counter(
    name: str, documentation: str, label: str, counts: Counter[str]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, documentation, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
