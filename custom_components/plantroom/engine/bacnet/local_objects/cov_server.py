"""Who is told of which change of ours, and the telling (clause 13.1)."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

from ...errors import DeviceOfflineError, DeviceRefusedError
from ..octets.network_layer import Endpoint
from ..reading.confirmed_requests import ConfirmedRequests, Reply
from ..wire.addresses import BacnetAddress
from .cov_requests import PLAIN, CovRequest
from .cov_subscription import CovSubscription, SubscriptionKey, encode_subscriptions
from .encoding import object_octets
from .models import ObjectKey
from .objects import LocalObjects
from .refusals import NO_COV_OF_OBJECT, NO_SPACE_FOR_SUBSCRIPTION, RefusedError
from .served_device import ServedDevice

_LOGGER = logging.getLogger(__name__)

MOST_SUBSCRIPTIONS: Final = 25_000
MOST_OF_ONE_CLIENT: Final = 12_500
NOTIFICATIONS_A_TURN: Final = 200
SWEEP_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 10.0
GIVE_UP_SECONDS: Final = 300.0
CONFIRMED_COV: Final = 1
_UNWANTED: Final = frozenset(("unknown-subscription", "service-request-denied"))

type Sender = Callable[[bytes, Endpoint], None]


class CovServer:
    """Keeps subscriptions and tells subscribers, no faster than the loop can bear."""

    def __init__(self, device: ServedDevice, objects: LocalObjects) -> None:
        """Take what is told of."""
        self._device = device
        self._objects = objects
        self._subscriptions: dict[SubscriptionKey, CovSubscription] = {}
        self._by_object: dict[ObjectKey, dict[CovSubscription, None]] = {}
        self._of_client: Counter[BacnetAddress] = Counter()
        self._pending: dict[CovSubscription, None] = {}
        self._budget = NOTIFICATIONS_A_TURN
        self._send: Sender | None = None
        self._requests: ConfirmedRequests | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._is_draining = False
        self._unlisten: tuple[Callable[[], None], ...] = ()

    def __len__(self) -> int:
        """Return how many subscriptions there are."""
        return len(self._subscriptions)

    def start(self) -> None:
        """Hear of every change, after those who encode it."""
        self._unlisten = (
            self._objects.listen_changes(self._changed),
            self._objects.listen_definitions(self._defined),
        )

    def open(self, send: Sender, requests: ConfirmedRequests) -> None:
        """Tell by these sockets from now on."""
        self._send, self._requests = send, requests
        for subscription in self._subscriptions.values():
            subscription.forget_told()
            self._offer(subscription)

    def close(self) -> None:
        """Tell nobody until the sockets are open again."""
        self._send = self._requests = None
        self._pending.clear()

    def stop(self) -> None:
        """Forget everybody; calling it twice does no harm."""
        for unlisten in self._unlisten:
            unlisten()
        self._unlisten = ()
        self.close()
        self.forget_all()

    def forget_all(self) -> None:
        """Drop every subscription: another one is this device."""
        self._subscriptions.clear()
        self._by_object.clear()
        self._of_client.clear()
        self._pending.clear()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None

    def encoded(self) -> bytes:
        """Return Active_COV_Subscriptions."""
        return encode_subscriptions(self._subscriptions.values(), _now())

    def subscribe(self, request: CovRequest, address: BacnetAddress) -> None:
        """Subscribe, renew or cancel; raises RefusedError.

        The first notification follows in the loop's next turn, so that it comes after
        the acknowledgement.
        """
        key = SubscriptionKey(
            address,
            request.process_id,
            request.object_id,
            request.property_id,
            request.array_index,
        )
        if request.lifetime_seconds is None:
            self._drop(self._subscriptions.get(key))
            return
        subject = self._subject_of(request)
        self._make_room(key)
        self._drop(self._subscriptions.get(key))
        self._add(key, request, subject, request.lifetime_seconds)

    def _add(
        self,
        key: SubscriptionKey,
        request: CovRequest,
        subject: ObjectKey,
        lifetime_seconds: int,
    ) -> None:
        subscription = CovSubscription(
            key,
            request,
            subject,
            self._device.device.object_id,
            _now() + lifetime_seconds if lifetime_seconds else None,
        )
        self._subscriptions[key] = subscription
        self._by_object.setdefault(subject, {})[subscription] = None
        self._of_client[key.address] += 1
        loop = asyncio.get_running_loop()
        loop.call_soon(self._offer, subscription)
        if self._sweeping is None:
            self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep)

    def _subject_of(self, request: CovRequest) -> ObjectKey:
        """Return the object that a request is about, or raise RefusedError."""
        readable = self._device.find(request.object_id)
        subject = self._device.keys.get(object_octets(request.object_id))
        if subject is None:
            raise RefusedError(NO_COV_OF_OBJECT)
        if request.array_index is not None:
            readable.element(request.property_id, request.array_index)
        elif request.property_id != PLAIN:
            readable.value(request.property_id)
        return subject

    def _make_room(self, key: SubscriptionKey) -> None:
        if key in self._subscriptions:
            return
        if (
            len(self._subscriptions) >= MOST_SUBSCRIPTIONS
            or self._of_client[key.address] >= MOST_OF_ONE_CLIENT
        ):
            raise RefusedError(NO_SPACE_FOR_SUBSCRIPTION)

    def _changed(self, key: ObjectKey) -> None:
        interested = self._by_object.get(key)
        if interested:
            for subscription in tuple(interested):
                self._offer(subscription)

    def _defined(self, key: ObjectKey) -> None:
        if self._objects.definition(key) is None:
            for subscription in tuple(self._by_object.get(key, ())):
                self._drop(subscription)

    def _offer(self, subscription: CovSubscription) -> None:
        """Tell a subscriber if there is news, now or as soon as the loop has room."""
        if subscription.is_sending or self._send is None or not self._objects.live:
            return
        if self._budget <= 0:
            self._pending[subscription] = None
            return
        served = self._device.served(subscription.subject)
        if served is None or self._subscriptions.get(subscription.key) is not (
            subscription
        ):
            return
        try:
            if not subscription.is_news(served):
                return
            data = subscription.tell(served, _now())
        except RefusedError:
            # The object was made without the property
            self._drop(subscription)
            return
        self._budget -= 1
        self._refill_soon()
        if subscription.request.confirmed:
            self._confirm(subscription, data)
        else:
            self._send(subscription.frame(data), subscription.target.addr)

    def _refill_soon(self) -> None:
        if not self._is_draining:
            self._is_draining = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        self._is_draining = False
        self._budget = NOTIFICATIONS_A_TURN
        while self._pending and self._budget > 0:
            subscription = next(iter(self._pending))
            del self._pending[subscription]
            self._offer(subscription)

    def _confirm(self, subscription: CovSubscription, data: bytes) -> None:
        if self._requests is None:
            return
        subscription.is_sending = True
        reply = self._requests.submit(subscription.target, CONFIRMED_COV, data)
        reply.add_done_callback(partial(self._confirmed, subscription))

    def _confirmed(
        self, subscription: CovSubscription, reply: asyncio.Future[Reply]
    ) -> None:
        """Take what became of a notification, and tell what changed meanwhile."""
        subscription.is_sending = False
        if reply.cancelled() or self._subscriptions.get(subscription.key) is not (
            subscription
        ):
            return
        answer = reply.result()
        if isinstance(answer, DeviceOfflineError):
            self._take_silence(subscription)
            return
        subscription.silent_since = None
        if isinstance(answer, DeviceRefusedError) and answer.reason in _UNWANTED:
            self._drop(subscription)
            return
        self._offer(subscription)

    def _take_silence(self, subscription: CovSubscription) -> None:
        """Try again later, or take a client that is silent for long as gone."""
        subscription.forget_told()
        now = _now()
        if subscription.silent_since is None:
            subscription.silent_since = now
        if now - subscription.silent_since >= GIVE_UP_SECONDS:
            _LOGGER.info(
                "%s confirms no changes of %s,%s: it is told of none any more",
                subscription.key.address,
                *subscription.subject,
            )
            self._drop(subscription)
            return

        def again() -> None:
            self._timers.discard(timer)
            self._offer(subscription)

        timer = asyncio.get_running_loop().call_later(AGAIN_SECONDS, again)
        self._timers.add(timer)

    def _drop(self, subscription: CovSubscription | None) -> None:
        if subscription is None:
            return
        key = subscription.key
        if self._subscriptions.get(key) is not subscription:
            return
        del self._subscriptions[key]
        self._pending.pop(subscription, None)
        self._of_client[key.address] -= 1
        if self._of_client[key.address] <= 0:
            del self._of_client[key.address]
        interested = self._by_object[subscription.subject]
        del interested[subscription]
        if not interested:
            del self._by_object[subscription.subject]

    def _sweep(self) -> None:
        """Drop what has expired; runs while there is any subscription."""
        now = _now()
        for subscription in tuple(self._subscriptions.values()):
            expires_at = subscription.expires_at
            if expires_at is not None and expires_at <= now:
                self._drop(subscription)
        self._sweeping = None
        if self._subscriptions:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep)


def _now() -> float:
    return asyncio.get_running_loop().time()
