"""What the entities about alarms of a device, a network or the site share."""

from collections.abc import Callable, Iterable
from typing import Final, override

from .alarm_board import AlarmBoard
from .alarm_summary import SITE, AlarmSummary
from .engine.alarms.models import Maintenance
from .entity import PlantroomEntity
from .links import DeviceLink, NetworkLink, SiteLink

type AlarmLink = SiteLink | NetworkLink | DeviceLink

# No point of any protocol is called like this
_MARK: Final = "-"


def alarm_unique_id(owner: str, key: str) -> str:
    """Return the unique id of a device's, a network's or an entry's alarm entity."""
    return f"{owner}:{_MARK}{key}"


def is_alarm_unique_id(unique_id: str) -> bool:
    """Return whether a unique id is that of an entity about alarms."""
    return unique_id.rpartition(":")[2].startswith(_MARK)


def subject_of(link: AlarmLink) -> str:
    """Return whose alarms an entity shows, as the engine calls it."""
    match link:
        case DeviceLink():
            return link.device_id
        case NetworkLink():
            return link.network_id
    return SITE


class AlarmEntity(PlantroomEntity):
    """An entity about alarms; key is its translation key and the end of its id.

    Available while the engine can be asked: alarms of a device that does not answer
    are the ones that matter.
    """

    _key: str

    def __init__(self, board: AlarmBoard, link: AlarmLink) -> None:
        """Take the summaries and whose they are."""
        self._board = board
        self._link = link
        self._subject = subject_of(link)
        owner = link.entry_id if isinstance(link, SiteLink) else self._subject
        self._attr_translation_key = self._key
        self._attr_unique_id = alarm_unique_id(owner, self._key)
        self.device_entry = link.registry_device

    @property
    @override
    def available(self) -> bool:
        """Return whether the engine can be asked."""
        return self._link.client.connected

    @property
    def _summary(self) -> AlarmSummary:
        return self._board.summary(self._subject)

    @property
    def _maintenance(self) -> Maintenance | None:
        """Return what keeps the subject's alarms quiet: its own, or of what is above."""
        covering = {self._subject, self._subject.rpartition(":")[0], SITE}
        found = [
            each
            for each in self._link.client.mirror.maintenance
            if each.subject in covering
        ]
        return max(found, key=lambda each: len(each.subject), default=None)

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        return (self._board.listen(self._subject, self.async_write_ha_state),)
