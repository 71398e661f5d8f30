"""A workstation by bac-py: confirms and keeps the events that devices tell it."""

from types import TracebackType
from typing import Any, Self

from bac_py.app.application import BACnetApplication, DeviceConfig
from bac_py.services.event_notification import EventNotificationRequest
from bac_py.types.enums import ConfirmedServiceChoice, UnconfirmedServiceChoice


class BacPyListener:
    """heard: what was told; confirmed: how many of those were confirmed."""

    def __init__(
        self, *, port: int, host: str = "127.0.9.4", instance: int = 7004
    ) -> None:
        self.host = host
        self.port = port
        self.heard: list[Any] = []
        self.confirmed = 0
        self._app = BACnetApplication(
            DeviceConfig(
                instance_number=instance,
                interface=host,
                port=port,
                broadcast_address="127.255.255.255",
            )
        )

    async def __aenter__(self) -> Self:
        await self._app.start()
        services = self._app.service_registry
        services.register_confirmed(
            ConfirmedServiceChoice.CONFIRMED_EVENT_NOTIFICATION, self._take_confirmed
        )
        services.register_unconfirmed(
            UnconfirmedServiceChoice.UNCONFIRMED_EVENT_NOTIFICATION, self._take
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._app.stop()

    async def _take_confirmed(self, choice: int, data: bytes, source: Any) -> None:
        self.confirmed += 1
        await self._take(choice, data, source)

    async def _take(self, _choice: int, data: bytes, _source: Any) -> None:
        self.heard.append(EventNotificationRequest.decode(bytes(data)))
