"""Offer devices that announce themselves; Home Assistant shows them as discovered."""

from collections.abc import Callable

from homeassistant.config_entries import (
    SOURCE_INTEGRATION_DISCOVERY,
    ConfigEntry,
    ConfigFlowContext,
    signal_discovered_config_entry_removed,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.discovery_flow import DiscoveryKey, async_create_flow
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .client import EngineClient
from .const import DOMAIN
from .engine.events import DeviceSeen, EngineEvent
from .engine.models import FoundDevice
from .site import device_unique_id
from .subentries import configured_ids, declined_ids, network_of

OFFER_DEVICE = "found"
OFFER_ENTRY = "entry_id"

_VERSION = 1


class DeviceOffers:
    """One offer a device, until it is configured; what nobody wanted stays quiet."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Offer nothing yet."""
        self._hass = hass
        self._entry = entry
        self._seen: dict[str, FoundDevice] = {}

    @callback
    def start(self, client: EngineClient) -> Callable[[], None]:
        """Offer what the client's engine sees; return what ends it."""
        unlisten = client.listen_changes(self._on_change)
        disconnect = async_dispatcher_connect(
            self._hass, signal_discovered_config_entry_removed(DOMAIN), self._on_removed
        )

        def stop() -> None:
            unlisten()
            disconnect()

        return stop

    @callback
    def _on_change(self, event: EngineEvent) -> None:
        if not isinstance(event, DeviceSeen):
            return
        found = event.found
        unique_id = device_unique_id(found.network_id, found.instance)
        if unique_id in self._seen or unique_id in declined_ids(self._entry):
            return
        if unique_id in configured_ids(self._entry):
            return
        self._seen[unique_id] = found
        self._offer(unique_id, found)

    @callback
    def _on_removed(self, removed: ConfigEntry) -> None:
        """Offer again what a person ignored and now does not ignore any more."""
        for key in removed.discovery_keys.get(DOMAIN, ()):
            unique_id = str(key.key)
            if unique_id in self._seen:
                self._offer(unique_id, self._seen[unique_id])

    def _offer(self, unique_id: str, found: FoundDevice) -> None:
        async_create_flow(
            self._hass,
            DOMAIN,
            context=ConfigFlowContext(source=SOURCE_INTEGRATION_DISCOVERY),
            data={OFFER_ENTRY: self._entry.entry_id, OFFER_DEVICE: found},
            discovery_key=DiscoveryKey(domain=DOMAIN, key=unique_id, version=_VERSION),
        )


@callback
def withdraw_offers(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """End the offers of devices that are configured now, or whose network is gone."""
    configured = configured_ids(entry)

    def is_void(data: dict[str, object]) -> bool:
        found = data.get(OFFER_DEVICE)
        if data.get(OFFER_ENTRY) != entry.entry_id or not isinstance(
            found, FoundDevice
        ):
            return False
        return (
            device_unique_id(found.network_id, found.instance) in configured
            or network_of(entry, found.network_id) is None
        )

    for flow in hass.config_entries.flow.async_progress_by_init_data_type(
        dict, is_void, include_uninitialized=True
    ):
        hass.config_entries.flow.async_abort(flow["flow_id"])
