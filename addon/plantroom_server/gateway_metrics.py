"""What an operator watches of the event gateway, subscription by subscription."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    StateSetMetricFamily,
)

from custom_components.plantroom.engine.gateway.models import (
    SubscriptionState,
    SubscriptionStatus,
)

# What is not known is left out
_GAUGES: Final[
    tuple[tuple[str, str, Callable[[SubscriptionStatus], float | None]], ...]
] = (
    ("objects", "Objects that events made", lambda each: each.objects),
    ("parked", "Events put aside with a reason", lambda each: each.parked),
    ("lag_events", "Events not yet acknowledged", lambda each: each.lag_events),
    (
        "lag_seconds",
        "Age of the event shown last, when it was shown",
        lambda each: each.lag_seconds,
    ),
    (
        "unsaved_events",
        "Events shown and not yet in the recovery cache",
        lambda each: each.unsaved,
    ),
    (
        "commands_waiting",
        "Commands of clients not yet in the event store",
        lambda each: each.commands_waiting,
    ),
    (
        "cache_connected",
        "Whether the recovery cache keeps what is shown",
        lambda each: each.cache_connected,
    ),
)


def gateway_families(subscriptions: Sequence[SubscriptionStatus]) -> Iterator[Metric]:
    """Yield how each subscription is doing."""
    handled = CounterMetricFamily(
        "plantroom_subscription_events", "Events shown", labels=["subscription"]
    )
    state = StateSetMetricFamily(
        "plantroom_subscription_state",
        "What a subscription does",
        labels=["subscription"],
    )
    for each in subscriptions:
        handled.add_metric([each.subscription_id], each.handled)
        state.add_metric(
            [each.subscription_id],
            {known: known == each.state for known in SubscriptionState},
        )
    yield from (handled, state)
    for name, text, value_of in _GAUGES:
        yield _gauge(name, text, subscriptions, value_of)


def _gauge(
    name: str,
    text: str,
    subscriptions: Sequence[SubscriptionStatus],
    value_of: Callable[[SubscriptionStatus], float | None],
) -> Metric:
    family = GaugeMetricFamily(
        f"plantroom_subscription_{name}", text, labels=["subscription"]
    )
    for each in subscriptions:
        value = value_of(each)
        if value is not None:
            family.add_metric([each.subscription_id], float(value))
    return family
