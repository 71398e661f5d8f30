"""Whose change of value a notification tells: the device at the sender's address."""

from collections.abc import Iterator

from .device import BacnetDevice
from .wire.addresses import BacnetAddress
from .wire.notifications import CovNotification


class DevicesByAddress:
    """Where the devices of a network are now."""

    def __init__(self) -> None:
        """Start with none."""
        self._devices: dict[BacnetAddress, BacnetDevice] = {}

    def __len__(self) -> int:
        """Return how many devices have an address."""
        return len(self._devices)

    def __iter__(self) -> Iterator[BacnetAddress]:
        """Yield where devices are."""
        return iter(self._devices)

    def moved(
        self,
        device: BacnetDevice,
        before: BacnetAddress | None,
        after: BacnetAddress | None,
    ) -> None:
        """Take note of where a device was and is from now on."""
        if before is not None and self._devices.get(before) is device:
            del self._devices[before]
        if after is not None:
            self._devices[after] = device

    def notified(self, notification: CovNotification) -> bool:
        """Hand a notification to its device; return whether it had asked for it."""
        device = self._devices.get(notification.source)
        return device is not None and device.notified(notification)
