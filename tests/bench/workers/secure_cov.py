"""Notifications through a hub as the engine's link takes them."""

from typing import Any

from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress
from custom_components.plantroom.engine.bacnet.wire.notifications import CovNotification
from custom_components.plantroom.engine.bacnet.writing import CovSubscriber
from tests.bench.secure_delays import delays_of
from tests.bench.secure_fleet import sent_ms
from tests.bench.secure_link import secure_link

PRESENT_VALUE = 85
MAX_APDU = 1476
LIFETIME_SECONDS = 600


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return how long notifications were on their way, and what they cost."""
    delays: list[float] = []

    def take(notification: CovNotification) -> bool:
        (value,) = notification.values[PRESENT_VALUE]
        assert isinstance(value, float)
        delays.append(sent_ms(value))
        return True

    async with secure_link(settings, take) as link:
        for vmac, port in settings["devices"]:
            target = BacnetAddress(vmac, port).target(MAX_APDU)
            await CovSubscriber(link.requests, target).subscribe(
                ObjectId(0, 1), LIFETIME_SECONDS
            )
        return await delays_of(delays, settings)
