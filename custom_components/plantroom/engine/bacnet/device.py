"""One BACnet device as the engine serves it: found, surveyed, sampled, written."""

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import override

from ..errors import DeviceOfflineError, StorageError
from ..events import DeviceChanged
from ..models import Device, DeviceStatus, Point, PointsDifference, ProblemCode
from ..polling import Pollable
from ..registers import Registers
from ..site_config import BacnetDeviceConfig
from ..storage.devices import StoredDevice
from .addresses import BacnetAddress
from .difference import compare_points
from .encoding import ObjectId, Primitive
from .learned import Learned
from .link import Link
from .notifications import CovNotification
from .object_types import object_id_of
from .rpm import PropertyRef
from .session import DeviceSession
from .survey import SurveyProgress, survey_device
from .who_is import IAm

_LOGGER = logging.getLogger(__name__)

DEVICE_TYPE = 8
DATABASE_REVISION = 155
TIME_OF_DEVICE_RESTART = 203
PROBE_SECONDS = 6.0
LOCATE_SECONDS = 3.0
VANISHED_SECONDS = 3600.0
CHECK_SECONDS = 600.0
HEARD_SECONDS = 10.0


class BacnetDevice(Pollable):
    """Serves one configured device over one link; a new link makes a new one."""

    def __init__(
        self,
        config: BacnetDeviceConfig,
        link: Link,
        stored: StoredDevice | None,
        registers: Registers,
        *,
        locate: Callable[[int], None],
        on_address: Callable[[BacnetAddress, BacnetDevice], None],
    ) -> None:
        """Take what is asked for, the link, and what an earlier survey found.

        locate asks for an instance by Who-Is; on_address hears where the device is.
        """
        self.config = config
        self.device = stored.device if stored else None
        self._surveyed = stored.points if stored else ()
        self._learned = Learned.from_json(stored.learned if stored else "")
        self._link = link
        self._registers = registers
        self._locate = locate
        self._on_address = on_address
        self._i_am: IAm | None = None
        self._session: DeviceSession | None = None
        self._watched: Collection[str] = ()
        self._online: bool | None = None
        self._failures = 0
        self._offline_since = 0.0
        self._checked_at = float("-inf")
        self._heard_at = float("-inf")
        self._restarted_at: tuple[Primitive, ...] | None = None
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
        if self.device is not None:
            await self._take_description(self.device, self._surveyed)

    async def stop(self, *, cancel: bool) -> None:
        """Stop; cancel: give subscriptions back. Calling it twice does no harm."""
        session, self._session = self._session, None
        if session is not None:
            await session.close(cancel=cancel and bool(self._online))
        await self._save_learned()

    def watch(self, point_ids: Collection[str]) -> bool:
        """Keep these of the device's points fresh; return whether one is new."""
        self._watched = point_ids
        return self._apply_watch()

    async def heard(self, i_am: IAm) -> bool:
        """Take an I-Am of this instance; return whether to poll the device now."""
        self._i_am = i_am
        address = BacnetAddress.parse(i_am.address)
        known = self.address
        if known is None and not self.config.address:
            await self._open_session(address)
        elif known is not None and known != address:
            if self._online or self.config.address:
                self._report_double(known, address)
                return False
            await self._open_session(address)
        now = asyncio.get_running_loop().time()
        if self._online and now - self._heard_at < HEARD_SECONDS:
            return False
        self._heard_at = now
        self._checked_at = float("-inf")
        return True

    @override
    async def poll(self) -> None:
        try:
            session = await self._found()
            if self.device is None:
                await self.survey()
            await self._check(session)
            await session.sampler.sample()
        except DeviceOfflineError:
            self._failures += 1
            self._report_offline()
            raise
        self._report_online(session)

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
                self._report_gone(difference)
            await self._take_max_apdu(session, found.device.max_apdu)
            await self._take_description(found.device, found.points)
            await self._registers.store.save(found.device, found.points)
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
        if session is None:
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
        if self.config.address:
            return await self._open_session(
                BacnetAddress.parse(self.config.address, self._link.port)
            )
        if self.device is not None:
            return await self._open_session(BacnetAddress.parse(self.device.address))
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

    async def _open_session(self, address: BacnetAddress) -> DeviceSession:
        if self._session is not None:
            await self._session.close(cancel=False)
        if self._i_am is not None:
            self._learned.limits.take_max_apdu(self._i_am.max_apdu)
        session = self._session = DeviceSession(
            self.device_id,
            self._link,
            address,
            self._learned.limits,
            self._registers.points,
            cov_slots=self._learned.cov_slots,
            on_proof=self._report_again,
        )
        self._on_address(address, self)
        self._located.set()
        self._apply_watch()
        return session

    async def _take_max_apdu(self, session: DeviceSession, max_apdu: int) -> None:
        """Talk in frames as long as the device says it takes."""
        if session.target.max_apdu != max_apdu:
            self._learned.limits.take_max_apdu(max_apdu)
            await self._open_session(session.address)

    async def _check(self, session: DeviceSession) -> None:
        """Ask whether it lives, restarted or changed: now and then, and after an I-Am.

        Every time for a device that is not polled, where silence proves nothing.
        """
        now = asyncio.get_running_loop().time()
        waits = CHECK_SECONDS if session.sampler.polls else 0.0
        if self._online and now - self._checked_at < waits:
            return
        refs = [
            PropertyRef(DEVICE_TYPE, self.config.instance, property_id)
            for property_id in (DATABASE_REVISION, TIME_OF_DEVICE_RESTART)
        ]
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                revision, restart = await session.reader.read(refs)
        except TimeoutError as err:
            raise self._offline_error() from err
        self._checked_at = now
        if self._restarted_at is not None and (
            restart.error or restart.values != self._restarted_at
        ):
            session.cov.restarted()
        self._restarted_at = restart.values
        number = revision.values[0] if revision.values else None
        if (
            self.device
            and number != self.device.database_revision
            and number is not None
        ):
            await self.survey()

    async def _take_description(
        self, device: Device, points: tuple[Point, ...]
    ) -> None:
        self.device, self._surveyed = device, points
        self._registers.events.publish(DeviceChanged(device=device))
        wanted = self.config.points
        self._registers.points.define(
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
            for point in self._registers.points.of_device(self.device_id)
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
        if self._online is False:
            session.cov.restarted()
        self._online = True
        self._failures = 0
        self._learned.cov_slots = session.cov.slots
        self._registers.problems.solve(self.device_id, ProblemCode.DEVICE_VANISHED)
        self._registers.health.device(
            DeviceStatus(
                device_id=self.device_id,
                online=True,
                since=datetime.now(UTC),
                cov_points=live,
                polled_points=session.sampler.watched_count - live,
                batch_octets=self._learned.limits.batch_octets,
            )
        )

    def _report_again(self) -> None:
        if self._online and self._session is not None:
            self._report_online(self._session)

    def _report_offline(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._online is not False:
            self._online = False
            self._offline_since = now
        if self._session is not None and not self.config.address:
            # It may have moved: an I-Am tells where
            self._locate(self.config.instance)
        self._registers.health.device(
            DeviceStatus(
                device_id=self.device_id,
                online=False,
                since=datetime.now(UTC),
                reason=DeviceOfflineError.code,
                failures=self._failures,
            )
        )
        if now - self._offline_since >= VANISHED_SECONDS:
            self._registers.problems.report(
                ProblemCode.DEVICE_VANISHED,
                self.device_id,
                name=self._name,
                instance=str(self.config.instance),
                address=str(self.address or self.config.address),
            )

    def _report_double(self, known: BacnetAddress, other: BacnetAddress) -> None:
        self._registers.problems.report(
            ProblemCode.DUPLICATE_INSTANCE,
            self.device_id,
            instance=str(self.config.instance),
            name=self._name,
            first=str(known),
            second=str(other),
        )

    def _report_gone(self, difference: PointsDifference) -> None:
        if difference.removed:
            self._registers.problems.report(
                ProblemCode.POINTS_GONE,
                self.device_id,
                name=self._name,
                count=str(len(difference.removed)),
                points=", ".join(difference.removed[:20]),
            )
        else:
            self._registers.problems.solve(self.device_id, ProblemCode.POINTS_GONE)

    async def _save_learned(self) -> None:
        text = self._learned.to_json()
        if not self._learned.changed(text):
            return
        try:
            await self._registers.store.save_learned(self.device_id, text)
        except StorageError as err:
            _LOGGER.warning(
                "Cannot keep what was learned of %s: %s", self.device_id, err
            )

    def _offline_error(self) -> DeviceOfflineError:
        return DeviceOfflineError(
            f"Device {self._name} ({self.device_id}) does not answer", device=self._name
        )
