"""What the control channel of a building can do, by command."""

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from .building import Building
from .control_server import Command, Request
from .events import Events
from .points import Point

if TYPE_CHECKING:
    from .modbus.side import ModbusSide


async def _set(building: Building, request: Request) -> float:
    at = time.monotonic()
    building.set(
        request["device"],
        request["object"],
        request.get("property", "presentValue"),
        request["value"],
    )
    return at


async def _release(building: Building, request: Request) -> None:
    building.device(request["device"]).release(request["object"])


async def _get(building: Building, request: Request) -> Request:
    return dataclasses.asdict(building.get(request["device"], request["object"]))


async def _override(building: Building, request: Request) -> None:
    building.override(
        request["device"], request["object"], request["priority"], request["value"]
    )


async def _rename(building: Building, request: Request) -> None:
    building.rename(request["device"], request["object"], request["name"])


async def _add_object(building: Building, request: Request) -> None:
    point = request["point"]
    building.add_object(
        request["device"], Point(**point | {"states": tuple(point.get("states", ()))})
    )


async def _remove_object(building: Building, request: Request) -> None:
    building.remove_object(request["device"], request["object"])


async def _restart(building: Building, request: Request) -> None:
    await building.restart(
        request["device"],
        request.get("silent_seconds", 1.0),
        new_revision=request.get("new_revision", False),
    )


async def _unplug(building: Building, request: Request) -> None:
    building.unplug(request["device"])


async def _plug(building: Building, request: Request) -> None:
    building.plug(request["device"])


async def _statistics(building: Building, _request: Request) -> Request:
    return dict(building.statistics())


async def _cov_subscriptions(building: Building, request: Request) -> list[Any]:
    return building.cov_subscriptions(request["device"])


async def _pass_time(building: Building, request: Request) -> None:
    building.pass_time(request["seconds"])


async def _flood(building: Building, request: Request) -> None:
    _events_of(building, request).flood(request["alarms"])


async def _events(building: Building, request: Request) -> Request:
    events = _events_of(building, request)
    by_object = {
        f"{event.object_id[0]},{event.object_id[1]}": event
        for event in events.states.values()
    }
    return {
        "open": {key: event.state for key, event in by_object.items() if event.is_open},
        "acknowledged_by": {
            key: event.acknowledged_by
            for key, event in by_object.items()
            if event.acknowledged_by
        },
        "recipients": len(events.notification_class.recipientList),
        "outcomes": events.outcomes,
    }


async def _forget_recipients(building: Building, request: Request) -> None:
    _events_of(building, request).notification_class.recipientList = []


def _events_of(building: Building, request: Request) -> Events:
    events = building.device(request["device"]).events
    if events is None:
        raise LookupError(f"{request['device']} has no alarms")
    return events


async def _devices(building: Building, _request: Request) -> list[Request]:
    return describe_devices(building)


COMMANDS: dict[str, Command[Building]] = {
    "set": _set,
    "release": _release,
    "get": _get,
    "override": _override,
    "rename": _rename,
    "add_object": _add_object,
    "remove_object": _remove_object,
    "restart": _restart,
    "unplug": _unplug,
    "plug": _plug,
    "statistics": _statistics,
    "cov_subscriptions": _cov_subscriptions,
    "pass_time": _pass_time,
    "flood": _flood,
    "events": _events,
    "forget_recipients": _forget_recipients,
    "devices": _devices,
}


def describe_devices(building: Building) -> list[Request]:
    """Return instance, address, name, number of points and quirk of every device."""
    return [
        {
            "instance": device.table.instance,
            "address": device.address,
            "name": device.table.name,
            "points": len(device.table.points),
            "quirk": device.table.quirk,
        }
        for device in building.devices
    ]


def commands_of(building: Building) -> dict[str, Command[Building]]:
    """Return what a started building can be told; a Modbus side's commands begin with modbus_."""
    side = building.modbus
    if side is None:
        return COMMANDS
    from .modbus.control import COMMANDS as MODBUS_COMMANDS

    def on_side(command: Command[ModbusSide]) -> Command[Building]:
        async def call(_building: Building, request: Request) -> Any:
            return await command(side, request)

        return call

    named = {f"modbus_{name}": on_side(each) for name, each in MODBUS_COMMANDS.items()}
    return COMMANDS | named


def describe_modbus(building: Building) -> Request:
    """Return lines and units of the Modbus side, nothing without one."""
    if building.modbus is None:
        return {}
    from .modbus.control import describe

    return describe(building.modbus)
