"""Addresses as register lists write them: 1234, 0x4D2, 40001; pure."""

import re
from enum import StrEnum
from typing import Final

from ..registers.register_map import Space
from .faults import CellError, FaultCode

ADDRESSES: Final = 65536
_HEX: Final = re.compile(r"0[xX][0-9a-fA-F]{1,4}|[0-9a-fA-F]{1,4}[hH]")
_CLASSIC: Final = re.compile(r"(?P<table>[0134])(?P<number>\d{4}|\d{5})")
_TABLES: Final = {
    "0": Space.COIL,
    "1": Space.DISCRETE_INPUT,
    "3": Space.INPUT,
    "4": Space.HOLDING,
}


class Numbering(StrEnum):
    """How a list counts.

    FROM_0: addresses as on the wire. FROM_1: register numbers, of which the first is 1.
    CLASSIC: the table as first digit and a number from 1 behind it: 40001 or 400001 is
    the first holding register, 30001 the first input register, 10001 the first discrete
    input, 1 or 00001 the first coil. What is written as hex is always from 0.
    """

    FROM_0 = "from_0"
    FROM_1 = "from_1"
    CLASSIC = "classic"


def parse_address(text: str, numbering: Numbering) -> tuple[Space | None, int]:
    """Return the address from 0, and the table where the text says it.

    Raises CellError.
    """
    cleaned = text.strip().removesuffix(".0")
    if _HEX.fullmatch(cleaned) and not cleaned.isdecimal():
        return None, int(cleaned.rstrip("hH"), 16)
    if not (cleaned.isascii() and cleaned.isdecimal()) or len(cleaned) > 6:
        raise _no_address(text, numbering)
    match numbering:
        case Numbering.FROM_0:
            space, address = None, int(cleaned)
        case Numbering.FROM_1:
            space, address = None, int(cleaned) - 1
        case Numbering.CLASSIC:
            space, address = _classic(cleaned, text)
    if not 0 <= address < ADDRESSES:
        raise _no_address(text, numbering)
    return space, address


def _classic(digits: str, text: str) -> tuple[Space, int]:
    if len(digits) < 5:
        return Space.COIL, int(digits) - 1
    found = _CLASSIC.fullmatch(digits)
    if found is None:
        raise _no_address(text, Numbering.CLASSIC)
    return _TABLES[found["table"]], int(found["number"]) - 1


def _no_address(text: str, numbering: Numbering) -> CellError:
    wanted = {
        Numbering.FROM_0: "0 to 65535, or hex as 0x1F4",
        Numbering.FROM_1: "1 to 65536, or hex from 0 as 0x1F4",
        Numbering.CLASSIC: "a number such as 40001, 30001, 10001 or 1",
    }[numbering]
    return CellError(
        FaultCode.NOT_AN_ADDRESS, f"{text!r} is no address; write {wanted}"
    )
