"""The devices and points last surveyed, so that a restart knows them at once."""

import logging
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from mashumaro.codecs.json import JSONDecoder, JSONEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from ..models import Device, Point
from .database import Database

_LOGGER = logging.getLogger(__name__)

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
        """Return every device that was kept and can still be understood."""
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

    async def keep_only(self, device_ids: Collection[str]) -> None:
        """Forget every device but these."""
        wanted = frozenset(device_ids)
        await self._database.run(lambda db: _keep_only(db, wanted))


def _load(db: sqlite3.Connection) -> dict[str, StoredDevice]:
    points: dict[str, list[str]] = {}
    for device_id, data in db.execute(
        "SELECT device_id, data FROM point ORDER BY rowid"
    ):
        points.setdefault(device_id, []).append(data)
    learned = dict(db.execute("SELECT device_id, data FROM learned").fetchall())
    devices = db.execute("SELECT device_id, data FROM device").fetchall()
    understood = {
        device_id: _understood(
            device_id, data, points.get(device_id, ()), learned.get(device_id, "")
        )
        for device_id, data in devices
    }
    return {key: stored for key, stored in understood.items() if stored is not None}


def _understood(
    device_id: str, device: str, points: Iterable[str], learned: str
) -> StoredDevice | None:
    """Return the device, or None for one of another version: a survey mends it."""
    try:
        return StoredDevice(
            device=_decode_device(device),
            points=tuple(_decode_point(data) for data in points),
            learned=learned,
        )
    except (MissingField, InvalidFieldValue, ValueError) as err:
        _LOGGER.warning(
            "Device %s is surveyed again, cannot read it: %s", device_id, err
        )
        return None


def _keep_only(db: sqlite3.Connection, wanted: frozenset[str]) -> None:
    kept = {device_id for (device_id,) in db.execute("SELECT device_id FROM device")}
    db.executemany(
        "DELETE FROM device WHERE device_id = ?", [(gone,) for gone in kept - wanted]
    )


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
