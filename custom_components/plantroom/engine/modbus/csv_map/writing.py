"""A register map written as CSV; pure."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from ..registers.register_map import RegisterPoint
from .columns import ALWAYS_WRITTEN, COLUMNS, default_of


def write_csv_map(points: Sequence[RegisterPoint], delimiter: str = ",") -> str:
    """Return the points as CSV that read_csv_map() takes with Numbering.FROM_0.

    Columns in which every point is as usual are left out. Give it to a file with
    newline="" and, for a spreadsheet, the encoding utf-8-sig.
    """
    wanted = [
        name
        for name in COLUMNS
        if name in ALWAYS_WRITTEN
        or any(getattr(point, name) != default_of(name) for point in points)
    ]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(wanted)
    for point in points:
        writer.writerow(_cell(name, getattr(point, name)) for name in wanted)
    return text.getvalue()


def _cell(name: str, value: Any) -> str:
    return "" if value is None else COLUMNS[name].format(value)
