"""What the entities of an event subscription share."""

from collections.abc import Callable, Iterable
from typing import Any, override

from homeassistant.const import EntityCategory

from .device_registration import subscription_device
from .engine.gateway.models import SubscriptionStatus
from .entity import PlantroomEntity
from .links import SubscriptionLink


class SubscriptionEntity(PlantroomEntity):
    """An entity about a subscription; key is its translation key and id.

    Available while the server says how the subscription is: one that is stopped is
    the one that matters.
    """

    _key: str
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, link: SubscriptionLink) -> None:
        """Take the subscription."""
        self._link = link
        self._attr_translation_key = self._key
        self._attr_unique_id = f"{subscription_device(link.subentry_id)}:{self._key}"
        self.device_entry = link.registry_device

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        changes, subject = self._link.changes, self._link.subscription_id
        return (changes.listen(subject, self.async_write_ha_state),)

    @property
    @override
    def available(self) -> bool:
        """Return whether the engine can be asked and has the subscription."""
        client = self._link.client
        known = self._link.subscription_id in client.mirror.subscriptions
        return client.connected and known

    @property
    def _status(self) -> SubscriptionStatus:
        return self._link.client.mirror.subscriptions[self._link.subscription_id]


def reason_attributes(status: SubscriptionStatus) -> dict[str, Any]:
    """Return since when a subscription is as it is, and why if something is wrong."""
    why = {"reason": status.reason, "detail": status.detail} if status.reason else {}
    return {"since": status.since.isoformat(), **why}
