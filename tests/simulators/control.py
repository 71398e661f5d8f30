"""The control channel of a running building: JSON lines over TCP on 127.0.0.1.

Request {"command": "set", "device": 1001, "object": "analog-input,1", "property": "presentValue", "value": 30.0};
answer {"ok": true, "result": ...} or {"ok": false, "error": "..."}.
"""

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from typing import Any

from .building import Building
from .points import Point

type Request = dict[str, Any]
LONGEST_LINE = 1 << 20


class ControlServer:
    """Lets another process do to a building what the in-process API does."""

    def __init__(self, building: Building) -> None:
        self._building = building
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=LONGEST_LINE)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the channel and whoever is on it; idempotent."""
        if self._server:
            self._server.close()
            for writer in tuple(self._writers):
                writer.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, line: bytes) -> Request:
        try:
            request = json.loads(line)
            result = await COMMANDS[request["command"]](self._building, request)
        except (LookupError, ValueError, TypeError, RuntimeError) as err:
            return {"ok": False, "error": f"{type(err).__name__}: {err}"}
        return {"ok": True, "result": result}


async def _set(building: Building, request: Request) -> None:
    building.set(request["device"], request["object"], request.get("property", "presentValue"), request["value"])


async def _release(building: Building, request: Request) -> None:
    building.device(request["device"]).release(request["object"])


async def _get(building: Building, request: Request) -> Request:
    return dataclasses.asdict(building.get(request["device"], request["object"]))


async def _override(building: Building, request: Request) -> None:
    building.override(request["device"], request["object"], request["priority"], request["value"])


async def _rename(building: Building, request: Request) -> None:
    building.rename(request["device"], request["object"], request["name"])


async def _add_object(building: Building, request: Request) -> None:
    point = request["point"]
    building.add_object(request["device"], Point(**point | {"states": tuple(point.get("states", ()))}))


async def _remove_object(building: Building, request: Request) -> None:
    building.remove_object(request["device"], request["object"])


async def _restart(building: Building, request: Request) -> None:
    await building.restart(
        request["device"], request.get("silent_seconds", 1.0), new_revision=request.get("new_revision", False)
    )


async def _unplug(building: Building, request: Request) -> None:
    building.unplug(request["device"])


async def _plug(building: Building, request: Request) -> None:
    building.plug(request["device"])


async def _statistics(building: Building, _request: Request) -> Request:
    return building.statistics()  # type: ignore[return-value]


async def _cov_subscriptions(building: Building, request: Request) -> list[Any]:
    return building.cov_subscriptions(request["device"])


async def _pass_time(building: Building, request: Request) -> None:
    building.pass_time(request["seconds"])


async def _devices(building: Building, _request: Request) -> list[Request]:
    return describe_devices(building)


COMMANDS: dict[str, Callable[[Building, Request], Awaitable[Any]]] = {
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
