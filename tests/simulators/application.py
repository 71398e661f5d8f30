"""A bacpypes3 application that counts what is asked of it and says truthfully what it supports."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, override

from bacpypes3.apdu import APDU
from bacpypes3.app import Application
from bacpypes3.appservice import ABORTED
from bacpypes3.basetypes import ObjectTypesSupported, ServicesSupported
from bacpypes3.comm import ServiceAccessPoint
from bacpypes3.errors import UnrecognizedService
from bacpypes3.local.device import DeviceObject
from bacpypes3.primitivedata import Date, Time

from .log_ranges import answer_read_range
from .trend_logs import SimulatedLog

SERVICES = (
    "subscribeCOV", "readProperty", "readPropertyMultiple", "writeProperty", "writePropertyMultiple",
    "whoIs", "iAm", "whoHas", "iHave",
)  # fmt: skip
OBJECT_TYPES = (
    "analogInput", "analogOutput", "analogValue", "binaryInput", "binaryOutput", "binaryValue", "device", "loop",
    "multiStateInput", "multiStateOutput", "multiStateValue", "accumulator", "characterstringValue", "integerValue",
    "largeAnalogValue", "positiveIntegerValue", "trendLog", "trendLogMultiple",
)  # fmt: skip
MOST_NOTIFICATIONS_OPEN = 32


def _bits(kind: type[Any], names: tuple[str, ...]) -> Any:
    bits = kind([])
    for name in names:
        number = getattr(kind, name)
        while len(bits) <= number:
            bits.append(0)
        bits[number] = 1
    return bits


class SimulatedDeviceObject(DeviceObject):
    """A device object with true protocol bits; bacpypes3's own are wrong."""

    _object_identifier_class = DeviceObject._object_identifier_class
    _property_identifier_class = DeviceObject._property_identifier_class

    @property
    def protocolServicesSupported(self) -> Any:  # noqa: N802
        """Return the services the application answers."""
        if not self._app:
            return _bits(ServicesSupported, SERVICES)
        more = ("readRange",) if self._app.logs else ()
        return _bits(ServicesSupported, self._app.services + more)

    @protocolServicesSupported.setter
    def protocolServicesSupported(self, value: Any) -> None:  # noqa: N802
        """Ignore; it is worked out."""

    @property
    def localDate(self) -> Date:  # noqa: N802
        """Return the date by the device's own clock."""
        now = self._local_now
        return Date((now.year - 1900, now.month, now.day, now.isoweekday()))

    @localDate.setter
    def localDate(self, value: Any) -> None:  # noqa: N802
        """Ignore; it is worked out."""

    @property
    def localTime(self) -> Time:  # noqa: N802
        """Return the time of day by the device's own clock."""
        now = self._local_now
        return Time((now.hour, now.minute, now.second, now.microsecond // 10_000))

    @localTime.setter
    def localTime(self, value: Any) -> None:  # noqa: N802
        """Ignore; it is worked out."""

    @property
    def _local_now(self) -> datetime:
        local_time = self._app.local_time if self._app else datetime.fromtimestamp
        return local_time(time.time())

    @property
    def protocolObjectTypesSupported(self) -> Any:  # noqa: N802
        """Return the object types that occur in the building."""
        return _bits(ObjectTypesSupported, OBJECT_TYPES)

    @protocolObjectTypesSupported.setter
    def protocolObjectTypesSupported(self, value: Any) -> None:  # noqa: N802
        """Ignore; it is worked out."""


class Silence(ServiceAccessPoint):
    """Takes what is still to be sent, and sends nothing."""

    @override
    async def sap_indication(self, *args: Any) -> None:
        """Leave a request."""

    @override
    async def sap_confirmation(self, *args: Any) -> None:
        """Leave an answer."""


class SimulatedApplication(Application):
    """The application of one device; subclasses misbehave."""

    services: tuple[str, ...] = SERVICES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.requests_seen: Counter[str] = Counter()
        self.logs: dict[str, SimulatedLog] = {}
        # What the device's own clock says at a moment
        self.local_time: Callable[[float], datetime] = datetime.fromtimestamp

    async def do_ReadRangeRequest(self, apdu: Any) -> None:  # noqa: N802
        """Give records of a log."""
        if not self.logs:
            raise UnrecognizedService("ReadRange")
        max_apdu = int(self.device_object.maxApduLengthAccepted)
        await self.response(
            answer_read_range(self.logs, apdu, max_apdu, self.local_time)
        )

    @override
    async def indication(self, apdu: APDU) -> None:
        """Count the request, then serve it."""
        self.requests_seen[type(apdu).__name__.removesuffix("Request")] += 1
        await super().indication(apdu)

    def subscriptions(self) -> list[Any]:
        """Return every change-of-value subscription now open."""
        return [
            cov
            for detection in self._cov_detections.values()
            for cov in detection.cov_subscriptions
        ]

    def stop(self) -> None:
        """End every transaction and begin none any more, as a device without power."""
        self.drop_subscriptions()
        self.elementService = Silence()
        for transaction in (
            *self.asap.clientTransactions,
            *self.asap.serverTransactions,
        ):
            transaction.set_state(ABORTED)

    def drop_subscriptions(self) -> None:
        """Forget every subscription, as a restart does."""
        for subscription in self.subscriptions():
            self.cancel_subscription(subscription)

    @override
    def cov_notification(self, cov: Any, apdu: Any) -> None:
        """Send a notification, unless the client leaves too many unanswered (bacpypes3 spins at 256)."""
        if len(self._requests.get(apdu.pduDestination, ())) < MOST_NOTIFICATIONS_OPEN:
            super().cov_notification(cov, apdu)

    @override
    def cov_confirmation(self, cov: Any, future: asyncio.Future[Any]) -> None:
        """Take the client's answer; an error or a time-out ends nothing."""
        if not future.cancelled():
            future.exception()
