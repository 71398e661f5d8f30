"""Who-Is and Who-Has answered, and ourselves announced (clauses 16.9 and 16.10)."""

from collections.abc import Callable
from typing import Final

from ..octets.encoding import (
    Enumerated,
    Primitive,
    decode_primitive,
    encode_primitive,
    walk,
)
from ..octets.network_layer import Endpoint, network_header, unicast_frame
from ..octets.parameters import Parameters
from ..octets.tags import ApplicationTag
from ..wire.addresses import BacnetAddress
from .device_object import MAX_APDU, VENDOR_ID
from .encoding import object_octets
from .served_device import ANY_INSTANCE, ServedDevice
from .served_object import Readable

I_AM: Final = b"\x10\x00"
I_HAVE: Final = b"\x10\x01"
WHO_HAS: Final = 7
WHO_IS: Final = 8
_SEGMENTED_BOTH: Final = 0


class Introductions:
    """Says who we are to whoever asks, at their own address."""

    def __init__(self, device: ServedDevice) -> None:
        """Take who we are."""
        self._device = device

    def answer(self, service: int, body: bytes) -> bytes | None:
        """Return the APDU that answers, None when another is asked for.

        Raises MalformedFrameError.
        """
        asked = Parameters(walk(body))
        if not self._are_we_in(asked):
            return None
        if service == WHO_IS:
            return self.i_am()
        found = self._found(asked)
        return None if found is None else self._i_have(found)

    def i_am(self) -> bytes:
        """Return the APDU of our I-Am."""
        return I_AM + _encoded(
            self._device.device.object_id,
            MAX_APDU,
            Enumerated(_SEGMENTED_BOTH),
            VENDOR_ID,
        )

    def _are_we_in(self, asked: Parameters) -> bool:
        if 0 not in asked and 1 not in asked:
            return True
        instance = self._device.device.object_id.instance
        return asked.unsigned(0) <= instance <= asked.unsigned(1)

    def _found(self, asked: Parameters) -> Readable | None:
        if 3 in asked:
            name = decode_primitive(ApplicationTag.CHARACTER_STRING, asked.octets(3))
            return self._device.named(name) if isinstance(name, str) else None
        wanted = asked.object_id(2)
        if wanted.instance == ANY_INSTANCE:
            return None
        return self._device.by_octets.get(object_octets(wanted))

    def _i_have(self, found: Readable) -> bytes:
        own = self._device.device.object_id
        return I_HAVE + _encoded(own, found.object_id, self._device.name_of(found))


def send_apdu(
    send: Callable[[bytes, Endpoint], None], source: BacnetAddress, apdu: bytes
) -> None:
    """Send an APDU that expects no reply to where another came from."""
    target = source.target(0)
    header = network_header(target, expecting_reply=False)
    send(unicast_frame(header + apdu), target.addr)


def _encoded(*values: Primitive) -> bytes:
    return b"".join(encode_primitive(value) for value in values)
