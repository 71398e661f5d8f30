"""Hands every change but readings to those whom it concerns."""

from collections.abc import Callable, Iterable
from typing import Final

from .client import EngineClient
from .engine.events import (
    CertificatesChanged,
    DeviceChanged,
    DeviceRemoved,
    DeviceStatusChanged,
    EngineEvent,
    LeaseChanged,
    LeaseEnded,
    NetworkStatusChanged,
    PointsChanged,
    SecureHubChanged,
    SecureHubRemoved,
    SecureNetworkChanged,
    SecureNetworkRemoved,
    SubscriptionChanged,
    SubscriptionRemoved,
)
from .engine.gateway.models import SubscriptionStatus
from .engine.models import Device

# Of what is about certificates, whichever
CERTIFICATES_SUBJECT: Final = "certificates"

type Listener = Callable[[], None]


class ChangeRouter:
    """One listener of the client for any number of networks, devices and points.

    A listener is told that something about its subject changed, a network, device or
    point id, and looks up what in the mirror: 5,000 entities cost a change nothing.
    """

    def __init__(self, client: EngineClient) -> None:
        """Take the client whose changes are routed."""
        self._client = client
        self._listeners: dict[str, dict[object, Listener]] = {}
        self._unsubscribes: list[Listener] = []

    def start(self) -> None:
        """Follow the client."""
        self._unsubscribes = [
            self._client.listen_changes(self._route),
            self._client.listen_connected(self._tell_everybody),
        ]

    def stop(self) -> None:
        """Leave the client; calling it twice does no harm."""
        while self._unsubscribes:
            self._unsubscribes.pop()()

    def listen(self, subject: str, listener: Listener) -> Callable[[], None]:
        """Call listener when something about the subject changes; return the undo."""
        key = object()
        self._listeners.setdefault(subject, {})[key] = listener

        def unsubscribe() -> None:
            listeners = self._listeners.get(subject, {})
            listeners.pop(key, None)
            if not listeners:
                self._listeners.pop(subject, None)

        return unsubscribe

    def tell(self, subject: str) -> None:
        """Tell the listeners of a subject that it changed."""
        listeners = self._listeners.get(subject)
        if listeners:
            for listener in tuple(listeners.values()):
                listener()

    def _route(self, event: EngineEvent) -> None:
        for subject in _subjects(event):
            self.tell(subject)

    def _tell_everybody(self, _connected: bool) -> None:
        for subject in tuple(self._listeners):
            self.tell(subject)


def _subjects(event: EngineEvent) -> Iterable[str]:
    match event:
        case DeviceStatusChanged(status=status):
            return (status.device_id,)
        case (
            DeviceChanged(device=Device(device_id=device_id))
            | DeviceRemoved(device_id=device_id)
        ):
            return (device_id,)
        case LeaseChanged(lease=lease) | LeaseEnded(lease=lease):
            return (lease.point_id,)
        case NetworkStatusChanged(status=network):
            return (network.network_id,)
        case (
            SubscriptionChanged(status=SubscriptionStatus(subscription_id=subscription))
            | SubscriptionRemoved(subscription_id=subscription)
        ):
            return (subscription,)
        case PointsChanged(added=added, changed=changed, removed=removed):
            # A point that comes back may still have its entity
            return (*(point.point_id for point in (*added, *changed)), *removed)
    return _secure_subjects(event)


def _secure_subjects(event: EngineEvent) -> Iterable[str]:
    match event:
        case CertificatesChanged():
            return (CERTIFICATES_SUBJECT,)
        case SecureNetworkChanged(status=network):
            return (network.network_id,)
        case SecureNetworkRemoved(network_id=network_id):
            return (network_id,)
        case SecureHubChanged(status=hub):
            return (hub.hub_id,)
        case SecureHubRemoved(hub_id=hub_id):
            return (hub_id,)
    return ()
