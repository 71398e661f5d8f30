"""One BACnet device as the engine serves it: found, surveyed, sampled, written."""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import override

from ..difference import compare_points
from ..errors import DeviceError, DeviceOfflineError, NetworkError, StorageError
from ..events import DeviceChanged
from ..models import Device, Point, PointsDifference
from ..polling import Pollable
from ..records import Records
from ..site_config import BacnetDeviceConfig
from ..storage.devices import StoredDevice
from .alarm_service import AlarmService
from .change_of_value import PROCESS_ID
from .description.object_types import object_id_of
from .description.survey import SurveyProgress, survey_device
from .device_reports import DeviceReports
from .learned import Learned
from .liveness import Liveness
from .octets.encoding import ObjectId
from .session import DeviceSession
from .trend_logs.trend_logs import TrendLogs
from .who_is import IAm
from .wire.addresses import BacnetAddress
from .wire.link import Link
from .wire.notifications import CovNotification

_LOGGER = logging.getLogger(__name__)

LOCATE_SECONDS = 3.0
HEARD_SECONDS = 10.0


class BacnetDevice(Pollable):
    """Serves one configured device over one link; a new link makes a new one."""

    def __init__(
        self,
        config: BacnetDeviceConfig,
        link: Link,
        stored: StoredDevice | None,
        records: Records,
        *,
        locate: Callable[[int], None],
        on_address: Callable[
            [BacnetDevice, BacnetAddress | None, BacnetAddress | None], None
        ],
        poll_soon: Callable[[str], None],
    ) -> None:
        """Take what is asked for, the link, and what an earlier survey found.

        locate asks for an instance by Who-Is; on_address hears where the device was
        and is from now on; poll_soon polls a device out of turn.
        """
        self.config = config
        self.device = stored.device if stored else None
        self._surveyed = stored.points if stored else ()
        self._learned = Learned.from_json(stored.learned if stored else "")
        self._link = link
        self._records = records
        self._locate = locate
        self._on_address = on_address
        self._i_am: IAm | None = None
        self._session: DeviceSession | None = None
        self._watched: Collection[str] = ()
        self._heard_at = float("-inf")
        self._reports = DeviceReports(config.device_id, config.instance, records)
        self._liveness = Liveness(config.instance)
        self.alarms = AlarmService(config, link.own, self._learned, records, poll_soon)
        self.trend_logs = TrendLogs(config.device_id, config.instance)
        self._surveying = asyncio.Lock()
        self._located = asyncio.Event()

    @property
    @override
    def device_id(self) -> str:
        return self.config.device_id

    @property
    @override
    def poll_seconds(self) -> float:
        return self.config.poll_seconds

    @property
    def address(self) -> BacnetAddress | None:
        """Return where the device is, None while it is looked for."""
        return self._session.address if self._session else None

    async def start(self) -> None:
        """Show at once what is known from before."""
        self.alarms.start()
        if self.device is not None:
            await self._take_description(self.device, self._surveyed)

    async def withdraw(self) -> None:
        """Let the device tell us of its events no more, if it can be reached."""
        if self._session is not None and self.device and self._reports.online:
            await self.alarms.withdraw(self._session, self.device)

    async def stop(self, *, cancel: bool) -> None:
        """Stop; cancel: give subscriptions back. Calling it twice does no harm."""
        self._reports.closed = True
        session, self._session = self._session, None
        if session is not None:
            self._learned.cov_slots = session.cov.slots
            self._on_address(self, session.address, None)
            await session.close(cancel=cancel and bool(self._reports.online))
        await self._save_learned()

    def cut_off(self, failure: NetworkError) -> None:
        """State that the device cannot be reached for its network's sake."""
        self._reports.failed(failure, self._name, str(self.address or ""))

    def may_have_missed_something(self) -> None:
        """Have subscriptions renewed and alarms asked for with the next poll."""
        if self._session is not None:
            self._session.cov.renew()
        self.alarms.lost_touch()
        self._liveness.check_soon()

    def watch(self, point_ids: Collection[str]) -> bool:
        """Keep these of the device's points fresh; return whether one is new."""
        self._watched = point_ids
        return self._apply_watch()

    async def heard(self, i_am: IAm) -> bool:
        """Take an I-Am of this instance; return whether to poll the device now."""
        if self._reports.closed:
            return False
        address = BacnetAddress.parse(i_am.address)
        home = self.address or self._configured_address
        if home is not None and not home.is_same_device(address):
            if self._reports.online or self.config.address:
                self._reports.doubled(self._name, home, address)
                return False
            if self._reports.online is None:
                # The first who answered is about to be read
                return False
        self._i_am = i_am
        if self._session is None or (self.address != address and self._may_move):
            await self._open_session(self._configured_address or address)
        now = asyncio.get_running_loop().time()
        if self._reports.online and now - self._heard_at < HEARD_SECONDS:
            return False
        self._heard_at = now
        self._liveness.check_soon()
        return True

    @override
    async def poll(self) -> None:
        try:
            await self._found()
            if self.device is None:
                await self.survey()
            # A survey may have opened another session
            await self._check(self.session)
            await self.session.sampler.sample()
            self._report_online(self.session)
            if self.device and await self.alarms.keep_up(self.session, self.device):
                await self._save_learned()
        except DeviceError as err:
            if not self._reports.closed:
                self._report_failed(err)
            raise

    async def survey(
        self, progress: SurveyProgress = lambda _fraction, _text: None
    ) -> PointsDifference:
        """Read the device's objects and return what changed; raises DeviceError."""
        async with self._surveying:
            session = await self._found()
            found = await survey_device(
                session.reader,
                network_id=self.config.network_id,
                instance=self.config.instance,
                address=session.address,
                i_am=self._i_am,
                progress=progress,
            )
            difference = compare_points(self.device_id, self._surveyed, found.points)
            if self.device is not None:
                self._reports.surveyed(self._name, difference)
            if self._reports.closed:
                raise self._offline_error()
            await self._take_max_apdu(session, found.device.max_apdu)
            await self._take_description(found.device, found.points)
            # It may have Notification Classes that it had not before
            self.alarms.lost_touch()
            await self._records.store.save(found.device, found.points)
            await self._save_learned()
            return difference

    def as_stored(self) -> StoredDevice | None:
        """Return what a later link starts from, None before the first survey."""
        if self.device is None:
            return None
        return StoredDevice(
            device=self.device, points=self._surveyed, learned=self._learned.to_json()
        )

    def notified(self, notification: CovNotification) -> bool:
        """Take a COV notification; return whether we subscribed to it."""
        session = self._session
        if session is None or notification.process_id != PROCESS_ID:
            return False
        point = session.cov.notified(notification.object_id)
        if point is None:
            return False
        session.sampler.take_notification(point, notification)
        return True

    def session_for(self, point: Point) -> tuple[DeviceSession, ObjectId]:
        """Return how to reach a point, or raise DeviceOfflineError."""
        if self._session is None:
            raise self._offline_error()
        return self._session, object_id_of(point.reference)

    @property
    def session(self) -> DeviceSession:
        """Return how to reach the device, or raise DeviceOfflineError."""
        if self._session is None:
            raise self._offline_error()
        return self._session

    @property
    def _name(self) -> str:
        return self.device.name if self.device else str(self.config.instance)

    async def _found(self) -> DeviceSession:
        """Return the session, or ask for the device and raise DeviceOfflineError."""
        if self._session is not None:
            return self._session
        if self._reports.closed:
            raise self._offline_error()
        known = self._configured_address
        if known is None and self.device is not None:
            stored = BacnetAddress.parse(self.device.address)
            if stored.is_secure == self._link.address.is_secure:
                known = stored
        if known is not None:
            return await self._open_session(known)
        await self._wait_for_i_am()
        return self.session

    async def _wait_for_i_am(self) -> None:
        """Ask who has the instance; heard() opens the session."""
        self._located.clear()
        self._locate(self.config.instance)
        try:
            async with asyncio.timeout(LOCATE_SECONDS):
                await self._located.wait()
        except TimeoutError as err:
            raise self._offline_error() from err

    @property
    def _may_move(self) -> bool:
        return self._reports.online is False and not self.config.address

    @property
    def _configured_address(self) -> BacnetAddress | None:
        if not self.config.address:
            return None
        return BacnetAddress.parse(self.config.address, self._link.port)

    async def _open_session(self, address: BacnetAddress) -> DeviceSession:
        before = self._session
        if before is not None:
            self._learned.cov_slots = before.cov.slots
        if self._i_am is not None:
            self._learned.limits.take_max_apdu(self._i_am.max_apdu)
        session = self._session = DeviceSession(
            self.device_id,
            self._link,
            address,
            self._learned.limits,
            self._records.points,
            cov_slots=self._learned.cov_slots,
            on_proof=self._report_again,
        )
        self._on_address(self, before.address if before else None, address)
        self._located.set()
        self._apply_watch()
        if before is not None:
            await before.close(cancel=False)
        return session

    async def _take_max_apdu(self, session: DeviceSession, max_apdu: int) -> None:
        """Talk in frames as long as the device says it takes."""
        if session.target.max_apdu != max_apdu:
            self._learned.limits.take_max_apdu(max_apdu)
            await self._open_session(session.address)

    async def _check(self, session: DeviceSession) -> None:
        """Follow what the device says of restarts and of its objects."""
        try:
            sign = await self._liveness.check(
                session, online=bool(self._reports.online)
            )
        except TimeoutError as err:
            raise self._offline_error() from err
        if sign is None:
            return
        if sign.restarted:
            session.cov.restarted()
            self.alarms.lost_touch()
        known = self.device.database_revision if self.device else None
        if self.device and sign.revision is not None and sign.revision != known:
            await self._survey_again()

    async def _survey_again(self) -> None:
        """Survey; a device that refuses is sampled as it was known before."""
        try:
            await self.survey()
        except DeviceOfflineError:
            raise
        except DeviceError as err:
            _LOGGER.info("Device %s changed, and: %s", self.device_id, err)

    async def _take_description(
        self, device: Device, points: tuple[Point, ...]
    ) -> None:
        self.device, self._surveyed = device, points
        self._records.events.publish(DeviceChanged(device=device))
        wanted = self.config.points
        self._records.points.define(
            self.device_id,
            points
            if wanted is None
            else [point for point in points if point.reference in wanted],
        )
        self._apply_watch()

    def _apply_watch(self) -> bool:
        """Tell sampler and subscriptions which points matter; are some new?"""
        session = self._session
        if session is None:
            return True
        mine = [
            (point, object_id_of(point.reference))
            for point in self._records.points.of_device(self.device_id)
            if point.point_id in self._watched
        ]
        if self.config.change_of_value and self._supports_cov:
            session.cov.want(mine)
            session.cov.start()
        return session.sampler.watch(mine)

    @property
    def _supports_cov(self) -> bool:
        return self.device is not None and (
            not self.device.services or "subscribe-cov" in self.device.services
        )

    def _report_online(self, session: DeviceSession) -> None:
        live = len(session.cov.live())
        if self._reports.online is False:
            session.cov.restarted()
            self.alarms.lost_touch()
        self._learned.cov_slots = session.cov.slots
        self._reports.answered(
            cov_points=live,
            polled_points=session.sampler.watched_count - live,
            batch_octets=self._learned.limits.batch_octets,
        )

    def _report_again(self) -> None:
        if self._reports.online and self._session is not None:
            self._report_online(self._session)

    def _report_failed(self, err: DeviceError) -> None:
        if self._session is not None and not self.config.address:
            # It may have moved: an I-Am tells where
            self._locate(self.config.instance)
        self._reports.failed(err, self._name, str(self.address or self.config.address))

    async def _save_learned(self) -> None:
        text = self._learned.to_json()
        if not self._learned.changed(text):
            return
        try:
            await self._records.store.save_learned(self.device_id, text)
        except StorageError as err:
            _LOGGER.warning(
                "Cannot keep what was learned of %s: %s", self.device_id, err
            )
        # Not before: whoever is cancelled meanwhile has it kept when stopping
        self._learned.kept(text)

    def _offline_error(self) -> DeviceOfflineError:
        return DeviceOfflineError(
            f"Device {self._name} ({self.device_id}) does not answer", device=self._name
        )
