"""A register map read from CSV, with everything that is wrong with it at once; pure."""

import re
from dataclasses import fields
from typing import Any, Final

from ...errors import ConfigurationError
from ..registers.register_map import RegisterPoint, Space, ValueType
from .addresses import Numbering, parse_address
from .columns import COLUMNS
from .faults import CellError, CsvFault, CsvMapError, FaultCode
from .table import Row, read_table

ADDRESS_COLUMNS: Final = ("address", "exponent_address")
LONGEST_KEY: Final = 63
_NOT_IN_KEYS: Final = re.compile(r"[^a-z0-9]+")
_FIELDS: Final = frozenset(field.name for field in fields(RegisterPoint))


def read_csv_map(
    data: bytes | str, numbering: Numbering = Numbering.FROM_0
) -> tuple[RegisterPoint, ...]:
    """Return the points of a CSV file; raises CsvMapError with all its faults.

    An empty cell is as if the column were not there. A point without a key gets one
    made of its name, one without a name is called by its key.
    """
    rows, faults = read_table(data)
    if any(fault.code is FaultCode.COLUMN_MISSING for fault in faults):
        # Every row would say it again
        raise CsvMapError(faults)
    points: list[RegisterPoint] = []
    lines: dict[str, int] = {}
    for row in rows:
        point = _point(row, numbering, faults)
        if point is None:
            continue
        if point.key in lines:
            faults.append(
                _fault(
                    row,
                    "key",
                    FaultCode.KEY_TWICE,
                    f"{point.key!r} is in line {lines[point.key]} already; give each"
                    " point a key of its own",
                )
            )
        lines.setdefault(point.key, row.line)
        points.append(point)
    if faults:
        raise CsvMapError(sorted(faults, key=lambda fault: fault.line))
    return tuple(points)


def _point(
    row: Row, numbering: Numbering, faults: list[CsvFault]
) -> RegisterPoint | None:
    """Return a row's point, or None with its faults added."""
    before = len(faults)
    values: dict[str, Any] = {}
    for column, cell in row.cells.items():
        if column in ADDRESS_COLUMNS:
            continue
        try:
            values[column] = COLUMNS[column].parse(cell)
        except CellError as err:
            faults.append(_fault(row, column, err.code, str(err)))
    _take_addresses(row, numbering, values, faults)
    _take_key_and_name(row, values, faults)
    if Space(values.get("space", Space.HOLDING)).of_bits:
        values.setdefault("type", ValueType.BOOL)
    if len(faults) > before:
        return None
    try:
        return RegisterPoint(**values)
    except ConfigurationError as err:
        faults.append(_fault(row, _column_of(err), FaultCode.CANNOT_WORK, str(err)))
        return None


def _take_addresses(
    row: Row, numbering: Numbering, values: dict[str, Any], faults: list[CsvFault]
) -> None:
    """Put addresses among the values, and the table where a number says it."""
    if "address" not in row.cells:
        faults.append(
            _fault(row, "address", FaultCode.CELL_MISSING, "the address is missing")
        )
    for column in ADDRESS_COLUMNS:
        if column not in row.cells:
            continue
        try:
            space, address = parse_address(row.cells[column], numbering)
        except CellError as err:
            faults.append(_fault(row, column, err.code, str(err)))
            continue
        values[column] = address
        if space is None:
            continue
        if values.setdefault("space", space) is not space:
            faults.append(
                _fault(
                    row,
                    column,
                    FaultCode.OTHER_SPACE,
                    f"{row.cells[column]} is in {space}, but the point in"
                    f" {values['space']}; leave the column space empty, or choose"
                    " another way of counting",
                )
            )


def _take_key_and_name(
    row: Row, values: dict[str, Any], faults: list[CsvFault]
) -> None:
    if "key" not in values and "name" not in values:
        faults.append(
            _fault(
                row, "name", FaultCode.CELL_MISSING, "the point has no name; write one"
            )
        )
        return
    values.setdefault("name", values.get("key"))
    if "key" not in values:
        values["key"] = key_from(values["name"])


def key_from(name: str) -> str:
    """Return a key made of a name: "Power L1 (kW)" → "power_l1_kw"."""
    slug = _NOT_IN_KEYS.sub("_", name.casefold()).strip("_")
    if not slug[:1].isalpha():
        slug = f"point_{slug}".rstrip("_")
    return slug[:LONGEST_KEY].rstrip("_")


def _column_of(err: ConfigurationError) -> str:
    """Return the column that an error names, "" when it names none."""
    words = (err.facts.get("field", ""), *str(err).split())
    return next((word for word in words if word in _FIELDS), "")


def _fault(row: Row, column: str, code: FaultCode, message: str) -> CsvFault:
    return CsvFault(
        code=code,
        line=row.line,
        column=column,
        value=row.cells.get(column, ""),
        message=message,
    )
