"""What surveys and descriptions need of a PropertyReader."""

from collections.abc import Sequence
from typing import Protocol

from ..octets.encoding import Primitive
from ..octets.rpm import PropertyRef, PropertyResult


class PropertySource(Protocol):
    """Reads properties of one device."""

    async def read(self, refs: Sequence[PropertyRef]) -> list[PropertyResult]:
        """Return a result for each reference, in their order.

        Raises DeviceOfflineError; what one property does is in its result.
        """

    async def read_array(
        self, object_type: int, instance: int, property_id: int
    ) -> list[Primitive]:
        """Return all elements of an array property; raises DeviceError."""
