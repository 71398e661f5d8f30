"""What a write that ends by itself is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..models import PointValue


class LeaseCause(StrEnum):
    """Why a lease ends.

    RELEASED: somebody gave the point back. REPLACED: somebody wrote it anew at the
    same priority. CLIENT_GONE: who held it was away for too long. CLIENT_STOPS: said
    so itself. DEVICE_REMOVED: we do not serve its device any more.
    MOVED: another engine looks after it.
    """

    EXPIRED = "expired"
    RELEASED = "released"
    REPLACED = "replaced"
    CLIENT_GONE = "client_gone"
    CLIENT_STOPS = "client_stops"
    DEVICE_REMOVED = "device_removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A value of ours that is taken back when its time is over.

    priority: of a commandable point, which is relinquished there; None for a point
    without priorities, to which `before` is written. until: None for as long as its
    client is there. seconds: how long it was meant to last. bound: whether it ends
    when `client` is gone. ending: the LeaseCause from when on it is to end, "" before.
    """

    point_id: str
    device_id: str
    value: PointValue
    since: datetime
    actor: str = ""
    via: str = ""
    priority: int | None = None
    before: PointValue = None
    until: datetime | None = None
    seconds: float | None = None
    bound: bool = False
    client: str = ""
    ending: str = ""

    @property
    def lease_id(self) -> str:
        """Return what no other open lease has."""
        return lease_id_of(self.point_id, self.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLeasesRequest:
    """Look after leases of an engine that goes; client: who holds those that are bound."""

    leases: tuple[Lease, ...]
    client: str = ""


def lease_id_of(point_id: str, priority: int | None) -> str:
    """Return the id of the lease of a point at a priority."""
    return f"{point_id}@{priority or ''}"
