"""The alarms of one BACnet device: told by it, asked for, and acknowledged at it."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from ..alarms.models import Alarm, AlarmOrigin, Change, Condition, change_to
from ..errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)
from ..records import Records
from .change_of_value import PROCESS_ID
from .description.object_types import object_id_of
from .event_news import (
    ACK_NOTIFICATION,
    CHANGES,
    EventSource,
    closed,
    condition_of,
    event_state_of,
    momentary,
    news_of_notification,
    settle,
    time_stamp_of,
)
from .event_object_names import EventObjectNames
from .event_pages import EventSummaries, read_event_summaries
from .octets.encoding import Date, ObjectId, Time
from .octets.event_information import ACKNOWLEDGE_ALARM, encode_acknowledge_alarm
from .octets.event_notifications import EventNotification
from .octets.rpm import PropertyRef
from .octets.time_stamps import TimeStamp, is_later
from .older_alarms import ALARM_SUMMARY, read_older_summaries
from .session import DeviceSession

_LOGGER = logging.getLogger(__name__)

RESYNC_SECONDS: Final = 900.0
REFUSED_SECONDS: Final = 3600.0
MOST_OBJECTS: Final = 5000
MOST_TEXTS: Final = 50
LONGEST_ACTOR: Final = 64
EVENT_MESSAGE_TEXTS: Final = 351
SERVICE: Final = "get-event-information"
NO_SUCH_SERVICE: Final = ("reject-unrecognized-service", "service-not-supported")


class DeviceAlarms:
    """Keeps the alarm book at what a device says, however it is learned."""

    def __init__(
        self, device_id: str, records: Records, poll_soon: Callable[[], None]
    ) -> None:
        """Take whose alarms; poll_soon: has keep_up() called soon."""
        self._device_id = device_id
        self._points = records.points
        self._book = records.alarms
        self._poll_soon = poll_soon
        self._names = EventObjectNames()
        self._unnamed: set[ObjectId] = set()
        self._latest: dict[ObjectId, dict[Change, TimeStamp]] = {}
        self._heard: dict[ObjectId, int] = {}
        self._hearings = 0
        self._due_at = float("-inf")
        self._overflowed = False

    def start(self) -> None:
        """Know the alarms that were open before."""
        for alarm in self._open():
            event_object = object_id_of(alarm.point_id.rpartition(":")[2])
            changes = self._latest.setdefault(event_object, {})
            stamp = time_stamp_of(alarm.device_time)
            if stamp is not None:
                changes[change_to(alarm.condition)] = stamp
            for pending in alarm.pending:
                stamp = time_stamp_of(pending.device_time)
                if stamp is not None:
                    changes[pending.change] = stamp

    def forget(self) -> None:
        """Close the alarms of a device that is not asked for them any more."""
        self._book.remove([alarm.alarm_id for alarm in self._open()])

    def lost_touch(self) -> None:
        """Ask the device for its alarms at the next opportunity."""
        self._due_at = float("-inf")

    def notified(self, heard: EventNotification, confirm: Callable[[], None]) -> None:
        """Take a notification; confirm is called once what it says is kept.

        Where more is told than can be kept, nothing is confirmed, and the device asked
        afterwards.
        """
        if self._book.is_full:
            self.lost_touch()
            return
        if self._takes(heard.event_object):
            self._hearings += 1
            self._heard[heard.event_object] = self._hearings
            if heard.notify_type == ACK_NOTIFICATION:
                self._take_acknowledgement(heard)
            else:
                self._take_event(heard)
        self._book.when_kept(confirm)

    async def keep_up(self, session: DeviceSession, services: tuple[str, ...]) -> None:
        """Ask for the device's alarms when that is due; raises DeviceOfflineError."""
        await self._read_names(session, [*self._unnamed])
        now = asyncio.get_running_loop().time()
        silent = services and not {SERVICE, ALARM_SUMMARY}.intersection(services)
        if now < self._due_at or silent or self._book.is_full:
            return
        self._due_at = now + RESYNC_SECONDS
        try:
            await self._resync(session, services)
        except DeviceOfflineError:
            self.lost_touch()
            raise
        except (DeviceRefusedError, MalformedReplyError) as err:
            self._due_at = now + REFUSED_SECONDS
            _LOGGER.debug("Device %s tells no alarms: %s", self._device_id, err)

    async def _resync(self, session: DeviceSession, services: tuple[str, ...]) -> None:
        """Bring the book to what the device says now; raises DeviceError."""
        began = self._hearings
        said = await self._said(session, services)
        await self._read_names(session, said.summaries)
        texts = await self._texts(session, said)
        for event_object, summary in said.summaries.items():
            if self._heard.get(event_object, 0) > began:
                # It has told us something newer meanwhile
                continue
            source = self._source(event_object)
            settlement = settle(
                self._book.get(source.alarm_id),
                source,
                summary,
                texts.get(event_object, ("", "", "")),
                _utc_now(),
            )
            for news in settlement.news:
                self._book.take(news)
            if settlement.acknowledged:
                self._book.acknowledge(source.alarm_id, settlement.acknowledged)
            self._remember(event_object, summary.time_stamps)
        if said.complete:
            self._close_others(said, began)

    async def acknowledge(
        self, session: DeviceSession, alarm: Alarm, actor: str
    ) -> None:
        """Have the device take note of all that is pending (clause 13.5).

        Raises DeviceError: refused with "invalid-time-stamp", say, when the device
        has newer to say of it, which is asked for then.
        """
        event_object = object_id_of(alarm.point_id.rpartition(":")[2])
        for pending in alarm.pending:
            data = encode_acknowledge_alarm(
                PROCESS_ID,
                event_object,
                event_state_of(pending),
                time_stamp_of(pending.device_time) or TimeStamp(),
                actor[:LONGEST_ACTOR],
                _local_now(),
            )
            try:
                await session.request(ACKNOWLEDGE_ALARM, data, urgent=True)
            except DeviceRefusedError:
                self.lost_touch()
                self._poll_soon()
                raise

    async def _said(
        self, session: DeviceSession, services: tuple[str, ...]
    ) -> EventSummaries:
        """Return what the device says by the newest service that it has."""
        if not services or SERVICE in services:
            try:
                return await read_event_summaries(session, self._device_id)
            except DeviceRefusedError as err:
                if err.reason not in NO_SUCH_SERVICE:
                    raise
        known = [
            object_id_of(alarm.point_id.rpartition(":")[2]) for alarm in self._open()
        ]
        return await read_older_summaries(session, self._device_id, services, known)

    def _take_event(self, heard: EventNotification) -> None:
        source = self._source(heard.event_object)
        if self._is_known(source, heard):
            return
        if source.point is None and not self._names.asked(heard.event_object):
            if not self._unnamed:
                self._poll_soon()
            self._unnamed.add(heard.event_object)
        changes = self._latest.setdefault(heard.event_object, {})
        if self._is_late(heard):
            changes.clear()
            self.lost_touch()
            self._poll_soon()
        news = news_of_notification(source, heard, _utc_now())
        stays = heard.from_state == heard.to_state
        if stays and news.condition is self._current(source) is Condition.NORMAL:
            self._book.take(momentary(news))
        self._book.take(news)
        changes[change_to(condition_of(heard.to_state))] = heard.time_stamp

    def _take_acknowledgement(self, heard: EventNotification) -> None:
        """Take that somebody acknowledged, here or elsewhere."""
        alarm = self._book.get(self._source(heard.event_object).alarm_id)
        if alarm is None:
            return
        change = change_to(condition_of(heard.to_state))
        taken = [each for each in alarm.pending if each.change is change]
        self._book.acknowledge(alarm.alarm_id, taken)

    def _is_known(self, source: EventSource, heard: EventNotification) -> bool:
        """Return whether this was told before, by another way or once more."""
        condition, stamp = condition_of(heard.to_state), heard.time_stamp
        current = self._current(source)
        if not stamp.says_when:
            same = self._book.get(source.alarm_id) is not None and current is condition
            return same and heard.from_state != heard.to_state
        changes = self._latest.get(heard.event_object, {})
        if changes.get(change_to(condition)) != stamp:
            return False
        # A clock that is too coarse gives one time to two events: the one that changes
        # something is another, unless what it would undo came later
        later = any(is_later(each, stamp) for each in changes.values())
        return current is condition or later

    def _current(self, source: EventSource) -> Condition:
        """Return what is wrong as far as we know."""
        alarm = self._book.get(source.alarm_id)
        return Condition.NORMAL if alarm is None else alarm.condition

    def _is_late(self, heard: EventNotification) -> bool:
        """Return whether the device has told newer of the object before."""
        if heard.time_stamp.date is None:
            return False
        changes = self._latest.get(heard.event_object, {}).values()
        return any(is_later(each, heard.time_stamp) for each in changes)

    def _takes(self, event_object: ObjectId) -> bool:
        """Return False for more objects than any device has alarms of."""
        if event_object in self._heard or len(self._heard) < MOST_OBJECTS:
            return True
        if not self._overflowed:
            self._overflowed = True
            _LOGGER.warning(
                "Device %s tells alarms of more than %d objects: the rest is left out",
                self._device_id,
                MOST_OBJECTS,
            )
        return False

    def _close_others(self, said: EventSummaries, began: int) -> None:
        """Close alarms of which the device has nothing to say any more."""
        for alarm in self._open():
            event_object = object_id_of(alarm.point_id.rpartition(":")[2])
            if event_object in said.summaries:
                continue
            if self._heard.get(event_object, 0) <= began:
                self._book.take(closed(alarm, _utc_now()))
                self._book.acknowledge(alarm.alarm_id, alarm.pending)

    async def _texts(
        self, session: DeviceSession, said: EventSummaries
    ) -> dict[ObjectId, tuple[str, str, str]]:
        """Return the message texts of alarms that are news, where a device has them."""
        fresh = [
            event_object
            for event_object in said.summaries
            if self._book.get(self._source(event_object).alarm_id) is None
        ][:MOST_TEXTS]
        refs = [PropertyRef(*each, EVENT_MESSAGE_TEXTS) for each in fresh]
        results = await session.reader.read(refs) if refs else []
        texts: dict[ObjectId, tuple[str, str, str]] = {}
        for event_object, result in zip(fresh, results, strict=True):
            values = [str(each) for each in result.values if isinstance(each, str)]
            if len(values) == len(CHANGES):
                first, second, third = values
                texts[event_object] = first, second, third
        return texts

    def _remember(
        self, event_object: ObjectId, stamps: tuple[TimeStamp | None, ...]
    ) -> None:
        changes = self._latest.setdefault(event_object, {})
        for change, stamp in zip(CHANGES, stamps, strict=True):
            if stamp is not None:
                changes[change] = stamp

    def _source(self, event_object: ObjectId) -> EventSource:
        source = EventSource(device_id=self._device_id, event_object=event_object)
        point = self._points.get(source.alarm_id)
        return EventSource(
            device_id=self._device_id,
            event_object=event_object,
            point=point,
            called=self._names.of(event_object),
        )

    async def _read_names(
        self, session: DeviceSession, event_objects: Iterable[ObjectId]
    ) -> None:
        """Learn what objects are called of which no point of ours says it."""
        asked = [each for each in event_objects if self._source(each).point is None]
        await self._names.read(session, asked)
        self._unnamed.difference_update(asked)

    def _open(self) -> list[Alarm]:
        return [
            alarm
            for alarm in self._book.all_open()
            if alarm.device_id == self._device_id and alarm.origin is AlarmOrigin.DEVICE
        ]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _local_now() -> TimeStamp:
    """Return now as devices tell it: by the clock on the wall."""
    now = datetime.now().astimezone()
    return TimeStamp(
        date=Date(now.year, now.month, now.day, now.isoweekday()),
        time=Time(now.hour, now.minute, now.second, now.microsecond // 10_000),
    )
