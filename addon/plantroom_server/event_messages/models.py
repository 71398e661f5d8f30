"""What an event asks our device for, once it is understood."""

from dataclasses import dataclass
from datetime import datetime

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
    LocalDeviceFacts,
    ObjectKey,
)
from custom_components.plantroom.engine.models import StatusFlags


class MalformedEventError(Exception):
    """An event can never be used; reason is a stable word, the text says more.

    waits_for: the object without which it cannot, and with which it can.
    """

    def __init__(
        self, reason: str, text: str, waits_for: ObjectKey | None = None
    ) -> None:
        """Keep the reason beside the text."""
        super().__init__(text)
        self.reason = reason
        self.waits_for = waits_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an object is to show beside a value; None for what stays as it is."""

    flags: StatusFlags | None = None
    reliability: str | None = None
    event_state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """There is to be such an object.

    units_disagree: number and text of the unit name different ones, and the text won.
    """

    at: datetime
    definition: LocalDefinition
    shown: Shown
    units_disagree: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """An object shows something else.

    source_at: when its source says that it was so, None when it does not say. value:
    still as sent, since what fits depends on the object. releases: the slot of
    priority is given up.
    """

    at: datetime
    source_at: datetime | None
    key: ObjectKey
    value: bool | float | None
    priority: int | None
    shown: Shown
    releases: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """An object is to go."""

    at: datetime
    key: ObjectKey
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe:
    """Our device is to say this of itself."""

    at: datetime
    facts: LocalDeviceFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A sensor measured something; its object is made on first sight."""

    at: datetime
    sensor: str
    value: float
    units: int


type Message = Define | Show | Delete | Describe | Measured
