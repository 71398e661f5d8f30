"""Text as devices send it: a character-set octet and bytes that may not keep to it."""

_UTF_8 = 0
_DBCS = 1
_JIS_X_0208 = 2
_UCS_4 = 3
_UCS_2 = 4
_ISO_8859_1 = 5

_ENCODINGS = {_UCS_4: "utf-32-be", _UCS_2: "utf-16-be", _ISO_8859_1: "iso-8859-1"}
_CODE_PAGE_OCTETS = 2
# Looked up by name only when listed: a codec search for a number of the device's
# choosing would walk the file system.
_CODE_PAGES = frozenset(
    {
        *(
            437,
            737,
            775,
            850,
            852,
            855,
            857,
            858,
            860,
            861,
            862,
            863,
            864,
            865,
            866,
            869,
        ),
        *(874, 932, 949, 950, *range(1250, 1259)),
    }
)
_GBK_CODE_PAGE = 936


def decode_character_string(content: bytes) -> str:
    """Return the text of a character string's content octets, whatever they hold.

    The first octet is the character set (clause 20.2.9). Never raises: what cannot
    be decoded is replaced, padding NULs are dropped.
    """
    if not content:
        return ""
    return _decode(content[0], content[1:]).rstrip("\x00")


def encode_character_string(text: str) -> bytes:
    """Return the content octets of a text, as UTF-8."""
    return bytes((_UTF_8,)) + text.encode("utf-8", "replace")


def _decode(character_set: int, octets: bytes) -> str:
    """Decode octets by the number of their character set."""
    if character_set == _UTF_8:
        return _decode_utf_8(octets)
    if character_set == _DBCS:
        return _decode_code_page(octets)
    if character_set == _JIS_X_0208:
        return bytes(octet | 0x80 for octet in octets).decode("euc_jp", "replace")
    encoding = _ENCODINGS.get(character_set, "iso-8859-1")
    return octets.decode(encoding, "replace")


def _decode_utf_8(octets: bytes) -> str:
    """Decode UTF-8, or the ISO 8859-1 that older devices send under its number."""
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data"
        return octets.decode("utf-8" if cut_off else "iso-8859-1", "replace")


def _decode_code_page(octets: bytes) -> str:
    """Decode a Microsoft code page, whose number stands in the first two octets."""
    page = int.from_bytes(octets[:_CODE_PAGE_OCTETS])
    text = octets[_CODE_PAGE_OCTETS:]
    if page == _GBK_CODE_PAGE:
        return text.decode("gbk", "replace")
    encoding = f"cp{page}" if page in _CODE_PAGES else "iso-8859-1"
    return text.decode(encoding, "replace")
