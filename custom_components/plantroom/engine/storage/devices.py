"""The devices and points last surveyed, so that a restart knows them at once."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from mashumaro.codecs.json import JSONDecoder, JSONEncoder

from ..models import Device, Point
from .database import Database

_encode_device = JSONEncoder(Device).encode
_decode_device = JSONDecoder(Device).decode
_encode_point = JSONEncoder(Point).encode
_decode_point = JSONDecoder(Point).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDevice:
    """A device, its points in the order of its object list, and what was learned."""

    device: Device
    points: tuple[Point, ...]
    learned: str = ""


class DeviceStore:
    """Devices by id."""

    def __init__(self, database: Database) -> None:
        """Take a database that is started before the first call."""
        self._database = database

    async def load(self) -> dict[str, StoredDevice]:
        """Return every device that was kept."""
        return await self._database.run(_load)

    async def save(self, device: Device, points: Sequence[Point]) -> None:
        """Keep a device and exactly these points."""
        await self._database.run(lambda db: _save(db, device, points))

    async def save_learned(self, device_id: str, learned: str) -> None:
        """Keep what was learned about a kept device's limits, as JSON."""
        await self._database.run(lambda db: _save_learned(db, device_id, learned))

    async def remove(self, device_id: str) -> None:
        """Forget a device and its points."""
        await self._database.run(
            lambda db: db.execute(
                "DELETE FROM device WHERE device_id = ?", (device_id,)
            )
        )


def _load(db: sqlite3.Connection) -> dict[str, StoredDevice]:
    points: dict[str, list[Point]] = {}
    for device_id, data in db.execute(
        "SELECT device_id, data FROM point ORDER BY rowid"
    ):
        points.setdefault(device_id, []).append(_decode_point(data))
    learned = dict(db.execute("SELECT device_id, data FROM learned").fetchall())
    return {
        device_id: StoredDevice(
            device=_decode_device(data),
            points=tuple(points.get(device_id, ())),
            learned=learned.get(device_id, ""),
        )
        for device_id, data in db.execute("SELECT device_id, data FROM device")
    }


def _save(db: sqlite3.Connection, device: Device, points: Sequence[Point]) -> None:
    db.execute(
        "INSERT INTO device VALUES (?, ?)"
        " ON CONFLICT (device_id) DO UPDATE SET data = excluded.data",
        (device.device_id, _encode_device(device)),
    )
    db.execute("DELETE FROM point WHERE device_id = ?", (device.device_id,))
    db.executemany(
        "INSERT INTO point VALUES (?, ?, ?)",
        [(p.point_id, device.device_id, _encode_point(p)) for p in points],
    )


def _save_learned(db: sqlite3.Connection, device_id: str, learned: str) -> None:
    db.execute(
        "INSERT INTO learned SELECT device_id, ? FROM device WHERE device_id = ?"
        " ON CONFLICT (device_id) DO UPDATE SET data = excluded.data",
        (learned, device_id),
    )
