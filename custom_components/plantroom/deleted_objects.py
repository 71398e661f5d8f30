"""Entities of our own objects that an event deleted."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .client import EngineClient
from .device_adapter import DeviceAdapter
from .engine.events import EngineEvent, PointsChanged, SubscriptionChanged
from .engine.gateway.models import SubscriptionState, SubscriptionStatus
from .gateway_subentries import subscriptions_of

LOOK_SECONDS: Final = 5.0
# Events older than this are of the past, which is being gone through
PRESENT_SECONDS: Final = 60.0
_AT_WORK: Final = frozenset({SubscriptionState.RUNNING, SubscriptionState.STANDBY})


class DeletedObjects:
    """Removes entities whose objects are gone, once all that there are is known.

    While a server starts or goes through its events again, most objects are not there
    yet: nothing is removed until subscriptions were at the present at two looks.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: EngineClient,
        adapter: DeviceAdapter,
    ) -> None:
        """Take what is started."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._adapter = adapter
        self._settled: set[str] = set()
        self._later: CALLBACK_TYPE | None = None
        self._job = HassJob(self._look, cancel_on_shutdown=True)

    @callback
    def start(self) -> Callable[[], None]:
        """Look now and whenever objects go; return what ends it."""
        self._look_later()
        unlistens = (
            self._client.listen_changes(self._follow),
            self._client.listen_connected(lambda _: self._settled.clear()),
        )

        def stop() -> None:
            for unlisten in unlistens:
                unlisten()
            if self._later is not None:
                self._later()
                self._later = None

        return stop

    @callback
    def _follow(self, event: EngineEvent) -> None:
        match event:
            case PointsChanged(device_id=device_id, removed=removed):
                if removed and device_id in self._adapter.own_devices():
                    self._look_later()
            case SubscriptionChanged(status=status) if not _is_settled(status):
                self._settled.discard(self._network_of(status.subscription_id))
                self._look_later()

    @callback
    def _look(self, _now: datetime) -> None:
        self._later = None
        before, self._settled = self._settled, self._settled_networks()
        for device_id in self._adapter.own_devices():
            network_id = device_id.rpartition(":")[0]
            if network_id in before and network_id in self._settled:
                self._adapter.forget_deleted(device_id)
            else:
                self._look_later()

    def _look_later(self) -> None:
        if self._later is None:
            self._later = async_call_later(self._hass, LOOK_SECONDS, self._job)

    def _settled_networks(self) -> set[str]:
        """Return the networks all of whose subscriptions are at the present."""
        if not self._client.connected:
            return set()
        statuses = self._client.mirror.subscriptions
        wanted = subscriptions_of(self._entry)
        late = {
            each.network_id
            for each in wanted
            if (status := statuses.get(each.subscription_id)) is None
            or not _is_settled(status)
        }
        return {each.network_id for each in wanted} - late

    def _network_of(self, subscription_id: str) -> str:
        for each in subscriptions_of(self._entry):
            if each.subscription_id == subscription_id:
                return each.network_id
        return ""


def _is_settled(status: SubscriptionStatus) -> bool:
    """Return whether a subscription shows the present."""
    if status.state not in _AT_WORK:
        return False
    if status.lag_events == 0:
        return True
    return status.lag_seconds is not None and status.lag_seconds < PRESENT_SECONDS
