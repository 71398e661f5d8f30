"""What the control channel of a building can do on its Modbus side, by command."""

import dataclasses
from typing import Any

from custom_components.plantroom.engine.modbus.registers.register_map import Space

from ..control_server import Request
from .behaviours import BEHAVIOURS
from .side import ModbusSide


async def _set(side: ModbusSide, request: Request) -> None:
    side.unit(request["unit"]).set(request["key"], request["value"])


async def _release(side: ModbusSide, request: Request) -> None:
    side.unit(request["unit"]).release(request["key"])


async def _get(side: ModbusSide, request: Request) -> float | str:
    return side.unit(request["unit"]).get(request["key"])


async def _set_words(side: ModbusSide, request: Request) -> None:
    unit = side.unit(request["unit"])
    unit.set_words(Space(request["space"]), request["address"], request["words"])


async def _words(side: ModbusSide, request: Request) -> list[int]:
    unit = side.unit(request["unit"])
    return unit.words(Space(request["space"]), request["address"], request["count"])


async def _unplug(side: ModbusSide, request: Request) -> None:
    side.unit(request["unit"]).plugged = False


async def _plug(side: ModbusSide, request: Request) -> None:
    side.unit(request["unit"]).plugged = True


async def _misbehave(side: ModbusSide, request: Request) -> None:
    side.unit(request["unit"]).behaviour = BEHAVIOURS[request["quirk"]]()


async def _swap_words(side: ModbusSide, request: Request) -> None:
    side.unit(request["unit"]).swap_words()


async def _replace_meter(side: ModbusSide, request: Request) -> None:
    side.replace_meter(request["unit"], request.get("energy_kwh", 0.0))


async def _kill(side: ModbusSide, request: Request) -> None:
    await side.kill(request["line"])


async def _revive(side: ModbusSide, request: Request) -> None:
    await side.revive(request["line"])


async def _drop(side: ModbusSide, request: Request) -> None:
    await side.line(request["line"]).drop_connections()


async def _truth(side: ModbusSide, request: Request) -> Request:
    return dataclasses.asdict(side.truth(request["unit"]))


async def _values(side: ModbusSide, request: Request) -> Request:
    return side.unit(request["unit"]).model.values()


async def _statistics(side: ModbusSide, _request: Request) -> Request:
    return dict(side.statistics())


async def _pass_time(side: ModbusSide, request: Request) -> None:
    side.pass_time(request["seconds"])


async def _describe(side: ModbusSide, _request: Request) -> Request:
    return describe(side)


COMMANDS = {
    "set": _set,
    "release": _release,
    "get": _get,
    "set_words": _set_words,
    "words": _words,
    "unplug": _unplug,
    "plug": _plug,
    "misbehave": _misbehave,
    "swap_words": _swap_words,
    "replace_meter": _replace_meter,
    "kill": _kill,
    "revive": _revive,
    "drop": _drop,
    "truth": _truth,
    "values": _values,
    "statistics": _statistics,
    "pass_time": _pass_time,
    "describe": _describe,
}
"""On a building's channel each begins with "modbus_"."""


def describe(side: ModbusSide) -> dict[str, Any]:
    """Return what a client needs to reach every line, and which units are on them."""
    return {
        "lines": {
            name: dataclasses.asdict(side.line_config(name)) for name in side.lines
        },
        "units": [
            {
                "name": unit.table.name,
                "line": unit.table.line,
                "unit_id": unit.table.unit_id,
                "profile": unit.table.profile,
                "quirk": unit.table.quirk,
                "points": len(unit.table.points),
            }
            for unit in side.units.values()
        ],
    }
