"""Standing in a device's recipient lists, so that it tells us of its events."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Final

from ..errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ..models import ProblemCode
from ..problems import Problems
from .change_of_value import PROCESS_ID
from .lost_places import LOSSES, LostPlaces
from .octets.destinations import (
    Destination,
    decode_destinations,
    encode_destinations,
    own_destination,
)
from .octets.encoding import ObjectId, encode_context
from .octets.rpm import PropertyRef
from .octets.tags import MalformedFrameError, encode_brackets
from .session import DeviceSession

_LOGGER = logging.getLogger(__name__)

CHECK_SECONDS: Final = 900.0
ADD_LIST_ELEMENT: Final = 8
REMOVE_LIST_ELEMENT: Final = 9
WRITE_PROPERTY: Final = 15
NOTIFICATION_CLASS: Final = 15
RECIPIENT_LIST: Final = 102
DEVICE: Final = 8
OBJECT_LIST: Final = 76
_ELEMENTS_TAG: Final = 3


class RecipientLists:
    """Our place in the Notification Classes of one device (clause 12.21)."""

    def __init__(
        self,
        device_id: str,
        instance: int,
        own: ObjectId,
        wanted: tuple[int, ...] | None,
        joined: Collection[int],
        problems: Problems,
    ) -> None:
        """Take the device, who we are, and the classes wanted; None: all it has.

        joined: where we stood before.
        """
        self._device_id = device_id
        self._instance = instance
        self._own = own_destination(own, PROCESS_ID)
        self._wanted = wanted
        self._problems = problems
        self._due_at = float("-inf")
        self._refused: dict[int, str] = {}
        self._joined = set(joined)
        self._lost = LostPlaces()
        self._found: tuple[int, ...] | None = None

    @property
    def joined(self) -> tuple[int, ...]:
        """Return the classes in which we stand, or may stand."""
        return tuple(sorted(self._joined))

    def check_soon(self) -> None:
        """Look at the lists again at the next opportunity, and for new ones."""
        self._due_at = float("-inf")
        self._found = None

    async def keep_up(
        self, session: DeviceSession, name: str, services: Collection[str]
    ) -> None:
        """Stand where it is wanted, and nowhere else; raises DeviceOfflineError.

        name: what people call the device.
        """
        now = asyncio.get_running_loop().time()
        if self._wanted == () and not self._joined:
            self._problems.solve(
                self._device_id,
                ProblemCode.ALARMS_REFUSED,
                ProblemCode.RECIPIENTS_OVERWRITTEN,
            )
            return
        if now < self._due_at:
            return
        self._due_at = now + CHECK_SECONDS
        try:
            wanted = await self._classes(session)
            for number in self._joined.difference(wanted):
                await self._leave(session, number, services)
            for number in wanted:
                await self._join(session, number, services)
        except DeviceOfflineError:
            self.check_soon()
            raise
        self._report(name)
        self._report_losses(name, now)

    async def leave_all(
        self, session: DeviceSession, services: Collection[str]
    ) -> None:
        """Withdraw from every list, as far as the device answers."""
        for each in self.joined:
            try:
                await self._leave(session, each, services)
            except DeviceOfflineError as err:
                _LOGGER.warning(
                    "Device %s keeps us in its recipient lists: %s",
                    self._device_id,
                    err,
                )
                return

    async def _classes(self, session: DeviceSession) -> tuple[int, ...]:
        """Return the instances wanted, by looking for all there are if need be."""
        if self._wanted is not None:
            return self._wanted
        if self._found is not None:
            return self._found
        try:
            objects = await session.reader.read_array(
                DEVICE, self._instance, OBJECT_LIST
            )
        except (DeviceRefusedError, MalformedReplyError) as err:
            _LOGGER.debug("Device %s lists no objects: %s", self._device_id, err)
            return ()
        self._found = tuple(
            each.instance
            for each in objects
            if isinstance(each, ObjectId) and each.object_type == NOTIFICATION_CLASS
        )
        return self._found

    async def _join(
        self, session: DeviceSession, number: int, services: Collection[str]
    ) -> None:
        """Stand in a list that may not have had us before."""
        try:
            known = await self._read(session, number)
            ours = [each for each in known if self._is_ours(each)]
            if len(ours) == 1 and ours[0].tells_all:
                self._take_place(number)
                return
            if number in self._joined and not ours:
                self._lost.note(number, asyncio.get_running_loop().time())
            # Stays so when we are stopped before the answer: the device may have us
            self._joined.add(number)
            if not ours and "add-list-element" in services:
                await self._send(session, ADD_LIST_ELEMENT, number, [self._own])
            else:
                others = [each for each in known if not self._is_ours(each)]
                await self._send(session, WRITE_PROPERTY, number, [*others, self._own])
            after = await self._read(session, number)
        except (DeviceRefusedError, MalformedReplyError) as err:
            self._refuse(number, getattr(err, "reason", err.code))
            return
        if not any(self._is_ours(each) for each in after):
            self._refuse(number, "value-not-taken")
            return
        self._take_place(number)
        _LOGGER.info(
            "Device %s tells us of its events of class %d", self._device_id, number
        )

    async def _leave(
        self, session: DeviceSession, number: int, services: Collection[str]
    ) -> None:
        """Stand in a list no more; what the device has against it, is tried again."""
        self._refused.pop(number, None)
        self._lost.forget(number)
        try:
            known = await self._read(session, number)
            ours = [each for each in known if self._is_ours(each)]
            if ours and "remove-list-element" in services:
                await self._send(session, REMOVE_LIST_ELEMENT, number, ours)
            elif ours:
                others = [each for each in known if not self._is_ours(each)]
                await self._send(session, WRITE_PROPERTY, number, others)
        except DeviceRefusedError as err:
            if err.reason not in ("unknown-object", "unknown-property"):
                return
            # A class that is there no more tells nobody
        except MalformedReplyError:
            return
        self._joined.discard(number)

    def _take_place(self, number: int) -> None:
        self._joined.add(number)
        self._refused.pop(number, None)

    def _refuse(self, number: int, reason: str) -> None:
        self._joined.discard(number)
        self._refused[number] = reason

    async def _read(
        self, session: DeviceSession, number: int
    ) -> tuple[Destination, ...]:
        ref = PropertyRef(NOTIFICATION_CLASS, number, RECIPIENT_LIST)
        (result,) = await session.reader.read([ref])
        if result.error:
            raise DeviceRefusedError(
                f"{self._device_id} does not show its recipients: {result.error}",
                device=self._device_id,
                reason=result.error,
            )
        try:
            return decode_destinations(result.values)
        except MalformedFrameError as err:
            raise MalformedReplyError(
                f"{self._device_id} has recipients that cannot be decoded: {err}",
                device=self._device_id,
            ) from err

    async def _send(
        self,
        session: DeviceSession,
        service: int,
        number: int,
        destinations: Sequence[Destination],
    ) -> None:
        opening, closing = encode_brackets(_ELEMENTS_TAG)
        data = (
            encode_context(0, ObjectId(NOTIFICATION_CLASS, number))
            + encode_context(1, RECIPIENT_LIST)
            + opening
            + encode_destinations(destinations)
            + closing
        )
        await session.request(service, data)

    def _is_ours(self, destination: Destination) -> bool:
        return (
            destination.device == self._own.device
            and destination.process_id == PROCESS_ID
        )

    def _report(self, name: str) -> None:
        if not self._refused:
            self._problems.solve(self._device_id, ProblemCode.ALARMS_REFUSED)
            return
        number, reason = next(iter(self._refused.items()))
        self._problems.report(
            ProblemCode.ALARMS_REFUSED,
            self._device_id,
            name=name,
            instance=str(number),
            reason=reason,
        )

    def _report_losses(self, name: str, now: float) -> None:
        number = self._lost.lost_again_and_again(now)
        if number is None:
            self._problems.solve(self._device_id, ProblemCode.RECIPIENTS_OVERWRITTEN)
            return
        self._problems.report(
            ProblemCode.RECIPIENTS_OVERWRITTEN,
            self._device_id,
            name=name,
            instance=str(number),
            count=str(LOSSES),
        )
