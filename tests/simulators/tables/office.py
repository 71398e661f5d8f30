"""The office: every ordinary device of the building, and the one behind a router."""

from ..points import DeviceTable, EventRow, analog, binary, table
from .air_handler import AI, AIR_HANDLER, AO, AV, BV, CELSIUS, ON_OFF, PERCENT
from .plants import BOILER_PLANT, CHILLER_PLANT, WEATHER_STATION
from .vav_boxes import BOXES, VAV_BOXES, vav_box

ROUTED_NETWORK = 20
ROUTED_MAC = 5

ROUTER = DeviceTable(
    instance=5000,
    host="5.1",
    name="MS/TP router",
    model="NC-R1",
    firmware="1.0.3",
    quirk="router",
    points=(),
)

ROUTED_DEVICE = DeviceTable(
    instance=5001,
    host="5.1",
    name="Fan coil 1",
    model="NC-90",
    firmware="2.2",
    max_apdu=480,
    segmentation="no-segmentation",
    quirk="behind a router",
    events=(EventRow(object_id="analog-input,1", low=14.0, high=30.0, deadband=0.5),),
    points=table(
        "FCU1",
        analog(AI, 1, "RoomTemp", 21.4, CELSIUS, (-10, 50), "Room temperature"),
        analog(
            AO, 1, "Valve", 25.0, "percent", PERCENT, "Cooling valve", cov_increment=1
        ),
        analog(
            AV,
            1,
            "Setpoint",
            22.0,
            CELSIUS,
            (15, 30),
            "Room setpoint",
            commandable=True,
        ),
        binary(BV, 1, "Enable", True, ON_OFF, "Fan coil enable", commandable=True),
    ),
)

OFFICE: tuple[DeviceTable, ...] = (
    AIR_HANDLER,
    *VAV_BOXES,
    BOILER_PLANT,
    CHILLER_PLANT,
    WEATHER_STATION,
    ROUTER,
)

# On BACnet/SC, where there is a hub for them
SECURE: tuple[DeviceTable, ...] = (vav_box(BOXES + 1), vav_box(BOXES + 2))
