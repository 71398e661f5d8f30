"""How long requests and replies of ReadPropertyMultiple will be, in octets."""

from typing import Final

from ..octets.rpm import PropertyRef

REQUEST_HEADER_OCTETS: Final = 4
REPLY_HEADER_OCTETS: Final = 3

_OBJECT_OCTETS = 7
_BRACKET_OCTETS = 2
_DEFAULT_VALUE_OCTETS = 10
_ELEMENT_OCTETS = 12
_SHORT_ID = 256
_MARGIN = 1.2
_WEIGHT = 0.2

# Tag included, of values whose length is not about the default
_VALUE_OCTETS: Final = {
    28: 40,  # description
    36: 2,  # event-state
    72: 2,  # notify-type
    75: 5,  # object-identifier
    76: 600,  # object-list
    77: 32,  # object-name
    79: 2,  # object-type
    81: 1,  # out-of-service
    85: 6,  # present-value
    87: 40,  # priority-array
    103: 2,  # reliability
    110: 100,  # state-text
    111: 3,  # status-flags
    117: 3,  # units
}
_ELEMENTS: Final = {76: 5, 87: 5, 110: 20}


class ReplySizes:
    """Expected sizes of one device's values; learns a property's size from replies."""

    def __init__(self) -> None:
        """Start from what is usual."""
        self._learned: dict[tuple[int, bool], float] = {}

    def reply_octets(self, ref: PropertyRef, previous: PropertyRef | None) -> int:
        """Return what a property adds to a reply that has previous before it."""
        return request_octets(ref, previous) + _BRACKET_OCTETS + self._value_octets(ref)

    def note(self, ref: PropertyRef, octets: int) -> None:
        """Learn from a value that took so many octets."""
        key = ref.property_id, ref.index is None
        known = self._learned.get(key, float(octets))
        self._learned[key] = known + _WEIGHT * (octets - known)

    def _value_octets(self, ref: PropertyRef) -> int:
        learned = self._learned.get((ref.property_id, ref.index is None))
        if learned is not None:
            return int(learned * _MARGIN) + 1
        if ref.index is None:
            return _VALUE_OCTETS.get(ref.property_id, _DEFAULT_VALUE_OCTETS)
        return _ELEMENTS.get(ref.property_id, _ELEMENT_OCTETS)


def request_octets(ref: PropertyRef, previous: PropertyRef | None) -> int:
    """Return what a property adds to a request that has previous before it."""
    octets = 2 if ref.property_id < _SHORT_ID else 5
    if ref.index is not None:
        octets += 2 if ref.index < _SHORT_ID else 3
    if previous is None or ref[:2] != previous[:2]:
        octets += _OBJECT_OCTETS
    return octets
