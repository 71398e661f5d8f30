"""Everything about one BACnet device's alarms: where we stand, what it says, our deeds."""

from collections.abc import Callable

from ..alarms.models import Alarm
from ..models import Device
from ..records import Records
from ..site_config import BacnetDeviceConfig
from .alarms import DeviceAlarms
from .learned import Learned
from .octets.encoding import ObjectId
from .octets.event_notifications import EventNotification
from .recipients import RecipientLists
from .session import DeviceSession


class AlarmService:
    """Lives as long as the device is served over one link."""

    def __init__(
        self,
        config: BacnetDeviceConfig,
        own: ObjectId,
        learned: Learned,
        records: Records,
        poll_soon: Callable[[str], None],
    ) -> None:
        """Take the device, who we are on its network, and what was learned of it."""
        self._wanted = config.alarms
        self._learned = learned
        self._alarms = DeviceAlarms(
            config.device_id, records, lambda: poll_soon(config.device_id)
        )
        self._recipients = RecipientLists(
            config.device_id,
            config.instance,
            own,
            config.notification_classes,
            learned.recipient_of,
            records.problems,
        )

    def start(self) -> None:
        """Go on with the alarms that were open, or close them if nobody wants them."""
        if self._wanted:
            self._alarms.start()
        else:
            self._alarms.forget()

    def notified(self, heard: EventNotification, confirm: Callable[[], None]) -> bool:
        """Take a notification; return whether anybody wants to hear of it."""
        if self._wanted:
            self._alarms.notified(heard, confirm)
        return self._wanted

    def lost_touch(self) -> None:
        """Ask the device again for what it may not have told, or may have forgotten."""
        self._alarms.lost_touch()
        self._recipients.check_soon()

    async def keep_up(self, session: DeviceSession, device: Device) -> bool:
        """Stand in the recipient lists, then hear what was before we did.

        Returns whether where we stand has to be kept. Raises DeviceOfflineError.
        """
        services = device.services
        before = self._learned.recipient_of
        try:
            await self._recipients.keep_up(session, device.name, services)
        finally:
            # A device that took us in need not have answered yet
            self._learned.recipient_of = self._recipients.joined
        if self._wanted:
            await self._alarms.keep_up(session, services)
        return self._learned.recipient_of != before

    async def withdraw(self, session: DeviceSession, device: Device) -> None:
        """Let the device tell us of its events no more."""
        await self._recipients.leave_all(session, device.services)
        self._learned.recipient_of = self._recipients.joined

    async def acknowledge(
        self, session: DeviceSession, alarm: Alarm, actor: str
    ) -> None:
        """Have the device take note of what is pending; raises DeviceError."""
        await self._alarms.acknowledge(session, alarm, actor)
