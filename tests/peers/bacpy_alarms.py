"""A device by bac-py that reports alarms of its own: one analog input with limits."""

from types import TracebackType
from typing import Any, Self

from bac_py.app.application import BACnetApplication, DeviceConfig
from bac_py.app.event_engine import EventEngine
from bac_py.app.server import DefaultServerHandlers
from bac_py.objects.analog import AnalogInputObject
from bac_py.objects.device import DeviceObject
from bac_py.objects.notification import NotificationClassObject
from bac_py.types.enums import PropertyIdentifier

LOW, HIGH, DEADBAND = 10.0, 26.0, 1.0
PRIORITIES = [50, 60, 200]
SCAN_SECONDS = 0.05


class BacPyAlarms:
    """Broadcasts its events, since its Notification Class 1 has no recipients."""

    def __init__(
        self, *, port: int, host: str = "127.0.9.3", instance: int = 7003
    ) -> None:
        self.instance = instance
        self.address = f"{host}:{port}"
        self._app = BACnetApplication(
            DeviceConfig(
                instance_number=instance,
                name="bac-py alarms",
                interface=host,
                port=port,
                broadcast_address="127.255.255.255",
            )
        )
        self._events = EventEngine(self._app, scan_interval=SCAN_SECONDS)
        self._input = AnalogInputObject(
            1,
            object_name="Cold room",
            present_value=20.0,
            high_limit=HIGH,
            low_limit=LOW,
            deadband=DEADBAND,
            notification_class=1,
            event_enable=[True, True, True],
            acked_transitions=[True, True, True],
        )

    async def __aenter__(self) -> Self:
        device = DeviceObject(self.instance, object_name="bac-py alarms")
        alarms = NotificationClassObject(
            1,
            object_name="Alarms",
            notification_class=1,
            priority=PRIORITIES,
            ack_required=[True, True, False],
            recipient_list=[],
        )
        await self._app.start()
        for each in (device, self._input, alarms):
            self._app.object_db.add(each)
        DefaultServerHandlers(self._app, self._app.object_db, device).register()
        await self._events.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._events.stop()
        await self._app.stop()

    @property
    def acked(self) -> list[bool]:
        """Return which changes it takes for acknowledged: off-normal, fault, normal."""
        acked: list[bool] = self._properties[PropertyIdentifier.ACKED_TRANSITIONS]
        return acked

    def set_input(self, value: float) -> None:
        """Change the input from inside; a change to off-normal wants acknowledgement."""
        # bac-py takes acknowledgements, and leaves it to others to ask for them
        self.acked[0] = LOW <= value <= HIGH and self.acked[0]
        self._properties[PropertyIdentifier.PRESENT_VALUE] = value

    @property
    def _properties(self) -> dict[PropertyIdentifier, Any]:
        properties: dict[PropertyIdentifier, Any] = self._input._properties
        return properties
