"""What a device with a 128 octet buffer and no segmentation makes of a request."""

LARGEST_APDU = 128
CONFIRMED_REQUEST = 0
SEGMENTED_RESPONSE_ACCEPTED = 0x02
MAX_RESPONSE_128 = 0x01


def apdu_offset(npdu: bytes) -> int:
    """Return where the APDU starts in a network PDU (clause 6.2)."""
    control, offset = npdu[1], 2
    if control & 0x20:
        offset += 3 + npdu[offset + 2]
    if control & 0x08:
        offset += 3 + npdu[offset + 2]
    return offset + (1 if control & 0x20 else 0)


def limit_to_128_octets(npdu: bytes) -> bytes | None:
    """Return the request as asking for an answer of at most 128 octets, unsegmented.

    bacpypes3 then aborts what does not fit. A request that is itself longer is
    dropped, as such a buffer never holds it.
    """
    start = apdu_offset(npdu)
    if (
        npdu[1] & 0x80
        or len(npdu) <= start + 2
        or npdu[start] >> 4 != CONFIRMED_REQUEST
    ):
        return npdu
    if len(npdu) - start > LARGEST_APDU:
        return None
    edited = bytearray(npdu)
    edited[start] &= ~SEGMENTED_RESPONSE_ACCEPTED & 0xFF
    edited[start + 1] = MAX_RESPONSE_128
    return bytes(edited)
