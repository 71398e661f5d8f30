"""How each difficult device is made."""

from collections.abc import Callable
from dataclasses import dataclass

from .application import SimulatedApplication
from .device import SimulatedDevice
from .link import Link, SocketAddress
from .points import DeviceTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirk:
    """A way to misbehave: an application class, and what to do once the device runs."""

    application: type[SimulatedApplication] = SimulatedApplication
    prepare: Callable[[SimulatedDevice], None] | None = None
    link: type[Link] = Link

    def make(self, table: DeviceTable, link: Link, seed: int) -> SimulatedDevice:
        """Return the device, not started."""
        return SimulatedDevice(table, link, application=self.application, seed=seed)


QUIRKS: dict[str, Quirk] = {}


def make_link(table: DeviceTable, address: SocketAddress, broadcast: SocketAddress | None, seed: int) -> Link:
    """Return the wire of a device."""
    quirk = QUIRKS.get(table.quirk)
    return (quirk.link if quirk else Link)(address, broadcast, seed)
