"""CSV as people save it: any usual separator and encoding, into rows of named cells; pure."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .columns import COLUMNS
from .faults import CsvFault, CsvMapError, FaultCode

LONGEST_FILE: Final = 2_000_000
MOST_ROWS: Final = 10_000
SEPARATORS: Final = (";", ",", "\t")
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row's cells that are not empty, by column; line: where it ends, from 1."""

    line: int
    cells: dict[str, str]


def read_table(data: bytes | str) -> tuple[list[Row], list[CsvFault]]:
    """Return the rows, and what is wrong with header and rows as such.

    Raises CsvMapError where there is no header to go by.
    """
    text = _decoded(data)
    separator, skipped = _separator_line(text)
    text = text[len(skipped) :]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator or _separator(text)
    )
    offset = 1 if skipped else 0
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not stripped[0].startswith("#"):
                lines.append((reader.line_num + offset, stripped))
            if len(lines) > MOST_ROWS:
                raise _whole(FaultCode.TOO_LONG, f"there are over {MOST_ROWS} rows")
    except csv.Error as err:
        raise _whole(
            FaultCode.NOT_TEXT, f"{err}; save it as CSV", reader.line_num + offset
        ) from err
    if len(lines) < 2:
        raise _whole(
            FaultCode.NO_ROWS, "there must be a row of column names and rows below it"
        )
    return _named(lines)


def _named(
    lines: Sequence[tuple[int, list[str]]],
) -> tuple[list[Row], list[CsvFault]]:
    """Return rows with the header's names; its faults would be those of every row."""
    header_line, header = lines[0]
    names = [name.casefold().replace(" ", "_") for name in header]
    faults = _header_faults(header_line, header, names)
    rows = []
    for line, cells in lines[1:]:
        surplus = [cell for cell in cells[len(names) :] if cell]
        if surplus:
            faults.append(
                CsvFault(
                    code=FaultCode.TOO_MANY_CELLS,
                    line=line,
                    column="",
                    value=surplus[0],
                    message=f"{surplus[0]!r} is behind the last column; put a text"
                    " that holds the separator between quotation marks",
                )
            )
        pairs = zip(names, cells, strict=False)
        rows.append(
            Row(
                line=line,
                cells={name: cell for name, cell in pairs if cell and name in COLUMNS},
            )
        )
    return rows, faults


def _header_faults(
    line: int, header: Sequence[str], names: Sequence[str]
) -> list[CsvFault]:
    def fault(code: FaultCode, column: str, message: str) -> CsvFault:
        return CsvFault(
            code=code, line=line, column=column, value=column, message=message
        )

    faults = [
        fault(
            FaultCode.UNKNOWN_COLUMN,
            shown,
            f"there is no such column; leave it out, or write one of"
            f" {', '.join(COLUMNS)}",
        )
        for shown, name in zip(header, names, strict=True)
        if name and name not in COLUMNS
    ]
    faults += [
        fault(FaultCode.COLUMN_TWICE, name, "the column is there twice; keep one")
        for name, count in Counter(names).items()
        if count > 1 and name in COLUMNS
    ]
    if "address" not in names:
        faults.append(
            fault(FaultCode.COLUMN_MISSING, "address", "the column is missing; add it")
        )
    if "key" not in names and "name" not in names:
        faults.append(
            fault(FaultCode.COLUMN_MISSING, "name", "the column is missing; add it")
        )
    return faults


def _decoded(data: bytes | str) -> str:
    """Return text in the encodings that spreadsheets save."""
    if len(data) > LONGEST_FILE:
        raise _whole(FaultCode.TOO_LONG, f"it is over {LONGEST_FILE} bytes long")
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        if data.startswith(_UTF_16):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _separator_line(text: str) -> tuple[str, str]:
    """Return what a first line "sep=;" says, and that line."""
    found = _SEPARATOR_LINE.match(text)
    return (found[1], found[0]) if found else ("", "")


def _separator(text: str) -> str:
    """Return the separator with which the header names the most columns."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and line[0] != "#"), "")

    def named(separator: str) -> tuple[int, int]:
        cells = [cell.strip(' "').casefold() for cell in first.split(separator)]
        known = sum(cell.replace(" ", "_") in COLUMNS for cell in cells)
        return known, len(cells)

    return max(SEPARATORS, key=named)


def _whole(code: FaultCode, message: str, line: int = 1) -> CsvMapError:
    """Return the error of a file that cannot be read as a table."""
    return CsvMapError(
        [CsvFault(code=code, line=line, column="", value="", message=message)]
    )
