"""What Prometheus sees of the ways in."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from .inlets import Inlets


def inlet_families(inlets: Inlets) -> Iterator[Metric]:
    """Yield what became of what was sent, and whether the broker is there."""
    sent = CounterMetricFamily(
        "plantroom_inlet_events",
        "Events that senders brought; refused, turned_away and lost count messages",
        labels=["way", "outcome"],
    )
    for (way, outcome), count in inlets.counts.items():
        sent.add_metric([way, outcome], count)
    yield sent
    if inlets.mqtt is not None:
        yield GaugeMetricFamily(
            "plantroom_inlet_connected",
            "Whether the MQTT broker lets us have its topic",
            inlets.mqtt.connected,
        )
