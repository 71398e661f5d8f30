"""A button: try again the events that could not be used."""

from typing import override

from homeassistant.components.button import ButtonEntity

from .error_translation import translated_errors
from .gateway_entity import SubscriptionEntity


class ReplayParkedButton(SubscriptionEntity, ButtonEntity):
    """Deliver the events again that a subscription put aside."""

    _key = "replay_parked"

    @override
    @translated_errors
    async def async_press(self) -> None:
        """Try them again, once each; what still cannot be used is put aside again."""
        await self._link.client.replay_parked(self._link.subscription_id)
