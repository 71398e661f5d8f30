"""Our BACnet device: bacpypes3's application with bounded requests and clear errors."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Self, override

from bacpypes3.apdu import (
    AbortPDU,
    AbortReason,
    ComplexAckPDU,
    ConfirmedRequestPDU,
    ErrorPDU,
    ErrorRejectAbortNack,
    IAmRequest,
    RejectPDU,
    SimpleAckPDU,
    WhoIsRequest,
)
from bacpypes3.app import Application
from bacpypes3.appservice import ABORTED
from bacpypes3.basetypes import Segmentation
from bacpypes3.comm import Server, ServiceAccessPoint
from bacpypes3.errors import ExecutionError, InvalidParameterDatatype
from bacpypes3.local.device import DeviceObject
from bacpypes3.pdu import PDU, Address, GlobalBroadcast, LocalStation
from bacpypes3.pdu import IPv4Address as StackAddress

from ...errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ..local_objects.refusals import (
    REJECT_INVALID_TAG,
    AbortedError,
    Refusal,
    RejectedError,
)
from ..octets.event_notifications import decode_event_notification
from ..octets.tags import MalformedFrameError
from ..reading.confirmed_requests import STACK_INVOKE_IDS
from .addresses import BacnetAddress, vmac_text
from .answer_segments import mend_segments
from .notifications import EventTaker, leave_event
from .routes import Routes

_LOGGER = logging.getLogger(__name__)

MAX_IN_FLIGHT = 32
VENDOR_ID = 999
MODEL_NAME = "Plantroom"
MAX_APDU = 1476
MAX_SEGMENTS = 64
MOST_SEGMENTED_ANSWERS = 32
_FOR_CLIENTS = frozenset((1, 2))
REQUEST_SECONDS = 15.0

type Executor = Callable[[int, int, bytes, str], Awaitable[bytes]]


class _Closed(ServiceAccessPoint):
    """Sends nothing any more."""

    @override
    async def sap_indication(self, *_: Any) -> None:
        """Leave a request."""

    @override
    async def sap_confirmation(self, *_: Any) -> None:
        """Leave an answer."""


class PlantroomApplication(Application):
    """One application a link; every confirmed request bounded per destination.

    bacpypes3's own request() spins for ever once all invoke ids to one address are
    taken, and would take ids that our own requests use.
    """

    _waiting: defaultdict[Address, deque[tuple[ConfirmedRequestPDU, Any]]]
    _unanswered: set[asyncio.Future[Any]]
    _routes: Routes
    _next_id: int
    _answers: set[asyncio.Task[None]]
    take_event: EventTaker
    execute: Executor | None

    @classmethod
    def on_link(
        cls, link: Server[PDU], address: BacnetAddress, instance: int, name: str
    ) -> Self:
        """Return an application with a device object, bound to the link."""
        device = DeviceObject(
            objectIdentifier=("device", instance),
            objectName=name,
            vendorIdentifier=VENDOR_ID,
            vendorName=MODEL_NAME,
            modelName=MODEL_NAME,
            maxApduLengthAccepted=MAX_APDU,
            maxSegmentsAccepted=MAX_SEGMENTS,
            segmentationSupported=Segmentation.segmentedBoth,
        )
        app: Self = cls.from_object_list([device])
        app._waiting = defaultdict(deque)
        app._unanswered = set()
        app._routes = app.nsap.router_info_cache = Routes()
        app._next_id = 0
        app._answers = set()
        app.take_event = leave_event
        app.execute = None
        # A peer may acknowledge whole windows only, the first segment among them
        app.asap.proposedWindowSize = 1
        app.nsap.bind(link, net=None, address=_stack_address(address))
        return app

    @property
    def may_segment(self) -> bool:
        """Return whether there is room for one more answer in segments."""
        return len(self.asap.serverTransactions) < MOST_SEGMENTED_ANSWERS

    def announce(self) -> None:
        """Broadcast our I-Am."""
        device = self.device_object
        self.request(
            IAmRequest(
                iAmDeviceIdentifier=device.objectIdentifier,
                maxAPDULengthAccepted=MAX_APDU,
                segmentationSupported=Segmentation.segmentedBoth,
                vendorID=VENDOR_ID,
                destination=GlobalBroadcast(),
            )
        )

    @override
    async def indication(self, apdu: Any) -> None:
        """Have our own device execute what came in segments, or is answered so."""
        if (
            self.execute is None
            or not isinstance(apdu, ConfirmedRequestPDU)
            or apdu.apduService in _FOR_CLIENTS
        ):
            await super().indication(apdu)
            return
        body = bytes(apdu.encode().pduData)
        try:
            found = await self.execute(
                apdu.apduInvokeID, apdu.apduService, body, _source_text(apdu.pduSource)
            )
        except Refusal as err:
            answer = _turned_down(apdu, err)
        except MalformedFrameError:
            answer = _turned_down(apdu, RejectedError(REJECT_INVALID_TAG))
        else:
            answer = (
                ComplexAckPDU(context=apdu) if found else SimpleAckPDU(context=apdu)
            )
            answer.put_data(found)
        await self.response(answer)

    @override
    async def response(self, apdu: Any) -> None:
        mend_segments(self.asap, apdu)
        await super().response(apdu)

    @override
    def request(self, apdu: Any) -> Any:
        if not isinstance(apdu, ConfirmedRequestPDU):
            return super().request(apdu)
        destination = apdu.pduDestination
        outer = asyncio.get_running_loop().create_future()
        self._unanswered.add(outer)
        outer.add_done_callback(self._unanswered.discard)
        self._waiting[destination].append((apdu, outer))
        self._send_waiting(destination)
        return outer

    async def ask(self, apdu: Any, address: BacnetAddress) -> Any:
        """Send a confirmed request and return its acknowledgement.

        Raises DeviceOfflineError, DeviceRefusedError, MalformedReplyError.
        """
        self._learn_route(address)
        apdu.pduDestination = Address(address.station)
        device = str(address)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await self.request(apdu)
        except TimeoutError as err:
            raise DeviceOfflineError(
                f"{device} does not answer", device=device
            ) from err
        except ErrorRejectAbortNack as err:
            raise _translated(err, device) from err
        except (AttributeError, TypeError, ValueError) as err:
            raise MalformedReplyError(
                f"{device} sent what cannot be decoded: {err}", device=device
            ) from err

    async def send_who_is(
        self, low: int, high: int, destination: BacnetAddress | None = None
    ) -> None:
        """Ask everybody, or one address, who has an instance from low to high."""
        if destination is not None:
            self._learn_route(destination)
        self.request(
            WhoIsRequest(
                deviceInstanceRangeLowLimit=low,
                deviceInstanceRangeHighLimit=high,
                destination=(
                    GlobalBroadcast()
                    if destination is None
                    else Address(destination.station)
                ),
            )
        )

    @override
    def close(self) -> None:
        """Answer what is open with DeviceOfflineError and stop every clock."""
        super().close()
        # Requests that are under way would begin a transaction yet
        self.elementService = _Closed()
        for transaction in (
            *self.asap.clientTransactions,
            *self.asap.serverTransactions,
        ):
            transaction.set_state(ABORTED)
        for outer in tuple(self._unanswered):
            if not outer.done():
                outer.set_exception(DeviceOfflineError("The network is closed"))
                # Nobody may be waiting any more
                outer.exception()

    @override
    async def do_WritePropertyRequest(self, apdu: Any) -> None:
        """Refuse: nobody on the network changes what we are."""
        raise ExecutionError(errorClass="property", errorCode="writeAccessDenied")

    @override
    async def do_WritePropertyMultipleRequest(self, apdu: Any) -> None:
        """Refuse: nobody on the network changes what we are."""
        raise ExecutionError(errorClass="property", errorCode="writeAccessDenied")

    async def do_ConfirmedEventNotificationRequest(self, apdu: Any) -> None:  # noqa: N802
        """Take what came in segments; what nobody wants to hear is refused."""
        try:
            heard = decode_event_notification(bytes(apdu.encode().pduData))
        except MalformedFrameError as err:
            raise InvalidParameterDatatype(str(err)) from err

        def confirm() -> None:
            answer = asyncio.get_running_loop().create_task(
                self.response(SimpleAckPDU(context=apdu))
            )
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)

        if not self.take_event(heard, confirm):
            raise ExecutionError(
                errorClass="services", errorCode="serviceRequestDenied"
            )

    def _learn_route(self, address: BacnetAddress) -> None:
        if address.network is not None:
            self._routes.lead(address.network, _stack_address(address))

    def _send_waiting(self, destination: Address) -> None:
        queue = self._waiting[destination]
        while queue and len(self._requests.get(destination, ())) < MAX_IN_FLIGHT:
            apdu, outer = queue.popleft()
            if outer.done():
                continue
            apdu.apduInvokeID = self._free_invoke_id(destination)
            inner = super().request(apdu)
            inner.add_done_callback(_copying_to(outer))
            outer.add_done_callback(partial(self._drop_cancelled, apdu, inner))
            inner.add_done_callback(lambda _: self._send_waiting(destination))
        if not queue:
            self._waiting.pop(destination, None)

    def _drop_cancelled(
        self,
        apdu: ConfirmedRequestPDU,
        inner: asyncio.Future[Any],
        outer: asyncio.Future[Any],
    ) -> None:
        """End the transaction too, or it would repeat the request for seconds."""
        if not outer.cancelled():
            return
        inner.cancel()
        for transaction in tuple(self.asap.clientTransactions):
            if (transaction.invokeID, transaction.pdu_address) == (
                apdu.apduInvokeID,
                apdu.pduDestination,
            ):
                transaction.set_state(ABORTED)

    def _free_invoke_id(self, destination: Address) -> int:
        used = {apdu.apduInvokeID for apdu, _ in self._requests.get(destination, ())}
        while True:
            candidate = STACK_INVOKE_IDS[self._next_id % len(STACK_INVOKE_IDS)]
            self._next_id += 1
            if candidate not in used:
                return candidate


def _stack_address(address: BacnetAddress) -> Address:
    """Return what bacpypes3 calls the station, or the router, at an endpoint."""
    if address.is_secure:
        return LocalStation(address.octets)
    return StackAddress(address.endpoint)


def _source_text(source: Address) -> str:
    """Return who asked as people write it; bacpypes3 writes a VMAC like a number."""
    if isinstance(source, LocalStation) and not isinstance(source, StackAddress):
        return vmac_text(source.addrAddr)
    return str(source)


def _turned_down(
    apdu: ConfirmedRequestPDU, refusal: Refusal
) -> ErrorPDU | RejectPDU | AbortPDU:
    if isinstance(refusal, RejectedError):
        return RejectPDU(reason=refusal.reason, context=apdu)
    if isinstance(refusal, AbortedError):
        return AbortPDU(srv=True, reason=refusal.reason, context=apdu)
    answer = ErrorPDU(context=apdu)
    answer.put_data(refusal.octets(0, 0)[3:])
    return answer


def _copying_to(outer: asyncio.Future[Any]) -> Callable[[asyncio.Future[Any]], None]:
    def copy(inner: asyncio.Future[Any]) -> None:
        if inner.cancelled():
            outer.cancel()
            return
        error = inner.exception()
        if outer.done():
            return
        if error is not None:
            outer.set_exception(error)
        else:
            outer.set_result(inner.result())

    return copy


def _translated(err: Any, device: str) -> DeviceOfflineError | DeviceRefusedError:
    reason = _reason(err)
    if isinstance(err, AbortPDU) and err.apduAbortRejectReason in (
        AbortReason.noResponse,
        AbortReason.tsmTimeout,
        AbortReason.applicationExceededReplyTime,
    ):
        return DeviceOfflineError(f"{device} does not answer", device=device)
    return DeviceRefusedError(
        f"{device} refused: {reason}", device=device, reason=reason
    )


def _reason(err: Any) -> str:
    if isinstance(err, AbortPDU):
        return f"abort-{AbortReason(err.apduAbortRejectReason)}"
    if isinstance(err, RejectPDU):
        return f"reject-{err.reason}"
    return str(getattr(err, "errorCode", err))
