"""The units that are difficult on purpose, beside one that is in order."""

from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .image import Hole
from .maps import PLAIN_METER, RELAY_MODULE, ROLLING_METER, SWAPPED_METER
from .office import unit
from .tables import Absent, LineTable

DIFFICULT, ANY_UNIT = "difficult", "any unit"

LINES = (
    LineTable(name=DIFFICULT, absent=Absent.SILENT),
    LineTable(name=ANY_UNIT, absent=Absent.SILENT),
)
HOLE = Hole(space=Space.HOLDING, first=7, last=9)
"""Between the points of the plain meter."""

UNITS = (
    unit("in order", DIFFICULT, 1, "lighting", PLAIN_METER),
    unit("never answers", DIFFICULT, 2, "lighting", PLAIN_METER, quirk="silent"),
    unit("busy", DIFFICULT, 3, "lighting", PLAIN_METER, quirk="busy"),
    unit("swaps words", DIFFICULT, 4, "lighting", SWAPPED_METER),
    unit("has a hole", DIFFICULT, 5, "lighting", PLAIN_METER, holes=(HOLE,)),
    unit(
        "no single writes",
        DIFFICULT,
        6,
        "relays",
        RELAY_MODULE,
        quirk="no single writes",
    ),
    unit(
        "no multiple writes",
        DIFFICULT,
        7,
        "relays",
        RELAY_MODULE,
        quirk="no multiple writes",
    ),
    unit("slow", DIFFICULT, 8, "lighting", PLAIN_METER, quirk="slow"),
    unit("rolls over", DIFFICULT, 9, "rolling", ROLLING_METER),
    unit("gets replaced", DIFFICULT, 10, "replaceable", PLAIN_METER),
    unit("hangs up", DIFFICULT, 11, "lighting", PLAIN_METER, quirk="hangs up"),
    unit(
        "short answers", DIFFICULT, 12, "lighting", PLAIN_METER, quirk="short answers"
    ),
    unit("few registers", DIFFICULT, 13, "lighting", PLAIN_METER, most_registers=4),
    unit("broken", DIFFICULT, 14, "lighting", PLAIN_METER, quirk="broken"),
    unit("any unit", ANY_UNIT, 1, "ventilation", PLAIN_METER, any_unit=True),
)
