"""Taking context-tagged parameters out of a service's octets, with the type they have."""

from collections.abc import Iterable

from .encoding import BitString, Element, ObjectId, Tagged, decode_primitive
from .tags import ApplicationTag, MalformedFrameError

_MOST_UNSIGNED_OCTETS = 4


class Parameters:
    """The parameters of a service by context tag; of two with one tag, the first."""

    def __init__(self, elements: Iterable[Element]) -> None:
        """Take what walk() gave; what has no context tag is left out."""
        self._contents: dict[int, bytes | tuple[Element, ...]] = {}
        for element in elements:
            if isinstance(element, Tagged):
                self._contents.setdefault(element.tag, element.content)

    def __contains__(self, tag: object) -> bool:
        """Return whether there is a parameter of that tag."""
        return tag in self._contents

    def elements(self, tag: int) -> tuple[Element, ...]:
        """Return the elements of a constructed parameter."""
        content = self._contents.get(tag)
        if not isinstance(content, tuple):
            raise _missing(tag)
        return content

    def octets(self, tag: int) -> bytes:
        """Return the octets of a primitive parameter."""
        content = self._contents.get(tag)
        if not isinstance(content, bytes):
            raise _missing(tag)
        return content

    def unsigned(self, tag: int) -> int:
        """Return a number of 32 bits at most."""
        octets = self.octets(tag)
        if not 0 < len(octets) <= _MOST_UNSIGNED_OCTETS:
            raise _missing(tag)
        return int.from_bytes(octets)

    def object_id(self, tag: int) -> ObjectId:
        """Return an object identifier."""
        value = decode_primitive(ApplicationTag.OBJECT_ID, self.octets(tag))
        if not isinstance(value, ObjectId):
            raise _missing(tag)
        return value

    def bits(self, tag: int) -> tuple[bool, ...]:
        """Return the bits of a bit string."""
        value = decode_primitive(ApplicationTag.BIT_STRING, self.octets(tag))
        if not isinstance(value, BitString):
            raise _missing(tag)
        return value.bits

    def boolean(self, tag: int) -> bool:
        """Return a boolean."""
        octets = self.octets(tag)
        if len(octets) != 1:
            raise _missing(tag)
        return bool(octets[0])

    def text(self, tag: int) -> str:
        """Return a character string, "" where there is none."""
        if tag not in self._contents:
            return ""
        value = decode_primitive(ApplicationTag.CHARACTER_STRING, self.octets(tag))
        return value if isinstance(value, str) else ""


def _missing(tag: int) -> MalformedFrameError:
    return MalformedFrameError(f"parameter {tag} is missing or of another type")
