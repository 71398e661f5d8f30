"""Whose alarm a notification tells of: the device that it names, wherever it is from."""

from collections.abc import Callable, Mapping

from .device import BacnetDevice
from .octets.event_notifications import EventNotification


class EventRouter:
    """Hands notifications to the devices of a network.

    By the device's instance, never by the sender: a Notification Forwarder sends those
    of other devices (clause 12.51).
    """

    def __init__(self, devices: Mapping[int, BacnetDevice]) -> None:
        """Take the devices served, by instance."""
        self._devices = devices

    def take(self, heard: EventNotification, confirm: Callable[[], None]) -> bool:
        """Take a notification; return False for one that nobody wants to hear of."""
        device = self._devices.get(heard.device.instance)
        return device is not None and device.alarms.notified(heard, confirm)
