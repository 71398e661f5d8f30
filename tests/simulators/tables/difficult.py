"""The devices that are difficult on purpose."""

from ..points import DeviceTable

DIFFICULT: tuple[DeviceTable, ...] = ()
