"""SunSpec: devices that tell their own register map, model by model."""

from .device import SunSpecDevice, discover

__all__ = ["SunSpecDevice", "discover"]
