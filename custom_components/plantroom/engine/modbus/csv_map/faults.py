"""What can be wrong with a register map as CSV, said so that a person can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import override

from ...errors import ConfigurationError


class FaultCode(StrEnum):
    """What is wrong, for translation."""

    NOT_TEXT = "not_text"
    NO_ROWS = "no_rows"
    TOO_LONG = "too_long"
    UNKNOWN_COLUMN = "unknown_column"
    COLUMN_TWICE = "column_twice"
    COLUMN_MISSING = "column_missing"
    TOO_MANY_CELLS = "too_many_cells"
    CELL_MISSING = "cell_missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NOT_YES_OR_NO = "not_yes_or_no"
    NOT_ONE_OF = "not_one_of"
    NOT_AN_ADDRESS = "not_an_address"
    OTHER_SPACE = "other_space"
    NOT_STATES = "not_states"
    UNKNOWN_UNIT = "unknown_unit"
    KEY_TWICE = "key_twice"
    CANNOT_WORK = "cannot_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFault:
    """One fault; line: counted from 1, header included. column: "" for the whole row.

    value: what stands there. message: what is wrong and what to do, in English.
    """

    code: FaultCode
    line: int
    column: str
    value: str
    message: str

    @override
    def __str__(self) -> str:
        place = f"line {self.line}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: {self.message}"


class CsvMapError(ConfigurationError):
    """A map that cannot be used, with all that is wrong with it."""

    def __init__(self, faults: Sequence[CsvFault]) -> None:
        """Keep the faults, in the order of the file."""
        super().__init__("\n".join(map(str, faults)), field="registers")
        self.faults = tuple(faults)


class CellError(ValueError):
    """A cell that holds something else than its column wants."""

    def __init__(self, code: FaultCode, message: str) -> None:
        """Take what is wrong and what to do."""
        super().__init__(message)
        self.code = code
