"""The devices that are difficult on purpose."""

from ..points import DeviceTable, Point, analog, binary, multi_state, table
from .air_handler import AI, AO, AV, BI, BO, BV, CELSIUS, ON_OFF, PERCENT

SHARED_INSTANCE = 6090


def _points(prefix: str, temperatures: int = 8) -> tuple[Point, ...]:
    return table(
        prefix,
        *(
            analog(AI, n, f"Temp{n}", 20.0 + n, CELSIUS, (-40, 80), f"Temperature {n}")
            for n in range(1, temperatures + 1)
        ),
        binary(BI, 1, "Status", True, ("Stopped", "Running"), "Proof"),
        analog(AO, 1, "Valve", 30.0, "percent", PERCENT, "Valve"),
        binary(BO, 1, "Pump", False, ON_OFF, "Pump"),
        analog(
            AV, 1, "Setpoint", 21.0, CELSIUS, (10, 30), "Setpoint", commandable=True
        ),
        binary(BV, 1, "Enable", True, ON_OFF, "Enable", commandable=True),
        multi_state(
            "multi-state-value",
            1,
            "Mode",
            1,
            ("Auto", "Day", "Night"),
            "Mode",
            commandable=True,
        ),
    )


def _accented() -> tuple[Point, ...]:
    return (
        analog(
            AI, 1, "Außenluft Fühler", 4.5, CELSIUS, (-40, 80), "Température extérieure"
        ),
        analog(AI, 2, "Zuluft Ø Kanal", 18.0, CELSIUS, (-40, 80), "Gebläse für Büro"),
        binary(BV, 1, "Störung Lüfter", False, ("Aus", "Ein"), "Sammelstörung"),
    )


def _device(number: int, quirk: str, **changes: object) -> DeviceTable:
    fields: dict[str, object] = {
        "instance": 6000 + number,
        "host": f"6.{number}",
        "name": f"Difficult {number}: {quirk}",
        "vendor": "Quirkwerk",
        "model": "QX",
        "firmware": "0.9",
        "quirk": quirk,
        "points": _points(f"Q{number:02}"),
    }
    return DeviceTable(**fields | changes)  # type: ignore[arg-type]


DIFFICULT: tuple[DeviceTable, ...] = (
    _device(1, "rejects cov"),
    _device(2, "refuses cov"),
    _device(3, "five cov slots"),
    _device(4, "silent cov"),
    _device(5, "no read multiple"),
    _device(
        6,
        "small apdu",
        max_apdu=128,
        segmentation="no-segmentation",
        points=_points("Q06", temperatures=30),
    ),
    _device(7, "refuses a read"),
    _device(8, "unknown types"),
    _device(9, "garbage value"),
    _device(10, "latin-1 names", points=_accented()),
    _device(11, "ucs-2 names", points=_accented()),
    _device(12, "duplicate names"),
    _device(13, "restarts"),
    _device(14, "slow"),
    _device(15, "lossy"),
    _device(16, "overridden"),
    _device(17, "ignores writes"),
    _device(18, "refuses writes"),
    _device(19, "bbmd"),
    _device(20, "refuses foreign devices"),
    _device(21, "duplicate instance a", instance=SHARED_INSTANCE),
    _device(22, "duplicate instance b", instance=SHARED_INSTANCE),
)
