"""What a device says of itself, beside its points."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """What a device says of itself, or its profile of it; "" where nothing does."""

    vendor: str = ""
    model: str = ""
    firmware: str = ""
    serial_number: str = ""
