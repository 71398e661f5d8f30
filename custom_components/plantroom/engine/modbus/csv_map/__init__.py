"""Register maps as CSV: a row a point, columns named as RegisterPoint's fields."""

from .addresses import Numbering
from .faults import CsvFault, CsvMapError, FaultCode
from .reading import read_csv_map
from .writing import write_csv_map

__all__ = [
    "CsvFault",
    "CsvMapError",
    "FaultCode",
    "Numbering",
    "read_csv_map",
    "write_csv_map",
]
