"""Our own device on a network: served while its link is open and it is ours to be."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Protocol

from ...errors import DeviceRefusedError, UnknownTargetError
from ...models import Device
from ...requests import PropertyAnswer, ReadPropertyRequest
from ..description.object_types import object_id_of
from ..description.property_text import readable_property
from ..names.error_names import error_name
from ..names.property_ids import property_name, property_number
from ..octets.encoding import decode_values
from ..octets.network_layer import Endpoint
from ..octets.rpm import PropertyRef
from ..reading.confirmed_requests import ConfirmedRequests
from .accepted_writes import AcceptedWrites, WriteId
from .answering import Answering
from .cov_server import CovServer
from .device_object import (
    EXECUTED_SERVICES,
    MAKER,
    MAX_APDU,
    VENDOR_ID,
    VERSION,
    DeviceIdentity,
)
from .introductions import Introductions
from .objects import LocalObjects
from .read_requests import Reading
from .refusals import ABORT_OUT_OF_RESOURCES, AbortedError, RefusedError
from .served_device import ServedDevice
from .services import Services
from .writing import Done, Writing


class Broadcaster(Protocol):
    """What bacpypes3's application does for us."""

    @property
    def may_segment(self) -> bool:
        """Return whether there is room for one more answer in segments."""

    def announce(self) -> None:
        """Broadcast our I-Am."""


class OwnDevice:
    """Everything that answers for us, over any number of links one after another."""

    def __init__(self, identity: DeviceIdentity, objects: LocalObjects) -> None:
        """Take who we are and what we show."""
        self.objects = objects
        self._served = ServedDevice(identity, objects, self._subscriptions)
        self._cov = CovServer(self._served, objects)
        self._services = Services(
            Reading(self._served), Writing(self._served, objects), self._cov
        )
        self._accepted = AcceptedWrites(objects)
        self._answering = Answering(
            self._services,
            Introductions(self._served),
            self._accepted,
            lambda: objects.live,
        )
        self._broadcaster: Broadcaster | None = None
        self._unlisten: Callable[[], None] | None = None
        self.take = self._answering.take

    @property
    def subscriptions(self) -> int:
        """Return how many subscriptions clients have."""
        return len(self._cov)

    def start(self) -> None:
        """Follow the objects."""
        self._served.start()
        self._cov.start()
        self._unlisten = self.objects.listen_device(self._turned)

    async def stop(self) -> None:
        """Follow them no more; calling it twice does no harm."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        self.close()
        await self._answering.stop()
        self._cov.stop()
        self._served.stop()

    def open(
        self,
        send: Callable[[bytes, Endpoint], None],
        requests: ConfirmedRequests,
        broadcaster: Broadcaster,
    ) -> None:
        """Answer over these sockets from now on, and say that we are there."""
        self._broadcaster = broadcaster
        self._answering.open(send, lambda: broadcaster.may_segment)
        self._cov.open(send, requests)
        self._announce()

    def close(self) -> None:
        """Answer nobody until the next link is open."""
        self._broadcaster = None
        self._answering.close()
        self._cov.close()

    async def execute(
        self, invoke_id: int, service: int, body: bytes, source: str
    ) -> bytes:
        """Return the acknowledgement of what came or goes in segments.

        Raises Refusal, MalformedFrameError.
        """
        if not self.objects.live:
            raise AbortedError(ABORT_OUT_OF_RESOURCES)
        # As long as 64 segments: its digest is enough to know it again
        request = WriteId(source, invoke_id, service, sha256(body).digest())
        if self._accepted.answer(request) is not None:
            return b""
        done: Done = {}
        found = await self._services.execute(service, body, source, done)
        self._accepted.remember(request, found, done)
        return found

    def read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        """Return any property of ours as JSON has it.

        Raises UnknownTargetError, DeviceRefusedError.
        """
        object_id = object_id_of(request.reference)
        property_id = property_number(request.property_name)
        if property_id is None:
            raise UnknownTargetError(
                f"{request.property_name!r} names no property",
                target=request.property_name,
            )
        try:
            readable = self._served.find(object_id)
            if request.index is None:
                octets = readable.value(property_id)
            else:
                octets = readable.element(property_id, request.index)
        except RefusedError as err:
            raise DeviceRefusedError(
                f"Our own device has no {request.property_name} of {request.reference}",
                device=request.device_id,
                reason=error_name(*err.reason),
            ) from err
        ref = PropertyRef(*object_id, property_id, request.index)
        return PropertyAnswer(
            device_id=request.device_id,
            reference=request.reference,
            property_name=property_name(property_id),
            value=readable_property(ref, decode_values(octets, 0, len(octets))),
        )

    def describe(self, network_id: str, address: str) -> Device:
        """Return our device as a client of it would see it."""
        device = self._served.device
        facts = device.facts
        return Device(
            device_id=f"{network_id}:{device.object_id.instance}",
            network_id=network_id,
            instance=device.object_id.instance,
            name=device.name,
            address=address,
            vendor=facts.vendor or MAKER,
            vendor_id=VENDOR_ID,
            model=facts.model or MAKER,
            firmware=VERSION,
            software=facts.software or VERSION,
            description=facts.description,
            location=facts.location,
            max_apdu=MAX_APDU,
            segmentation=True,
            services=EXECUTED_SERVICES,
        )

    def _subscriptions(self) -> bytes:
        return self._cov.encoded()

    def _turned(self, _: Any) -> None:
        """Say that we are there now, or drop all who thought that we were."""
        if self.objects.live:
            self._announce()
        else:
            self._cov.forget_all()

    def _announce(self) -> None:
        """Broadcast our I-Am where there is something to be read of us."""
        if self._broadcaster is not None and self.objects.live and len(self._served):
            asyncio.get_running_loop().call_soon(self._broadcaster.announce)
