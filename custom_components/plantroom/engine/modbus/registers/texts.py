"""Texts in registers, two octets each, in whatever encoding the maker took; pure."""

from collections.abc import Sequence


def decode_text(words: Sequence[int]) -> str:
    """Return the printable part of a text, padded with NUL or blanks or both."""
    octets = b"".join(word.to_bytes(2) for word in words)
    text = _decode_octets(octets.strip(b"\0 ").split(b"\0", 1)[0])
    return "".join(c for c in text if c.isprintable()).strip()


def _decode_octets(octets: bytes) -> str:
    """Return UTF-8 where it is that, else ISO 8859-1, which everything is."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def encode_text(text: str) -> bytes:
    """Return ISO 8859-1, which devices show, and UTF-8 for what it does not have."""
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()
    return octets if _decode_octets(octets) == text else text.encode()
