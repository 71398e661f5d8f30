"""Makes the engine's networks, devices and points Home Assistant's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm_board import AlarmBoard
from .change_router import ChangeRouter
from .client import EngineClient
from .const import CONF_NETWORK_ID, SUBENTRY_SUBSCRIPTION
from .device_registration import (
    link_to_parent,
    register_device,
    register_network,
    register_site,
    register_subscription,
    router_of,
)
from .engine.events import DeviceChanged, EngineEvent, PointsChanged
from .engine.models import Device, Point, Protocol
from .entity_table import EntityRow, entity_row
from .gateway_subentries import subscription
from .gone_points import point_entities
from .links import DeviceLink, NetworkLink, SiteLink, SubscriptionLink
from .overrides import OverrideBook
from .point_names import entity_name
from .point_selection import select_points
from .secure_adapter import SecureAdapter
from .secure_entities import SecureLinkHere
from .site import device_id_of_subentry
from .subentries import device_subentries, network_subentries


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformEntities:
    """What a platform makes of all that there is, and of each point that fits.

    bacnet_device: what only devices with priority arrays have.
    """

    platform: Platform
    site: tuple[Callable[[SiteLink], Entity], ...] = ()
    subscription: tuple[Callable[[SubscriptionLink], Entity], ...] = ()
    network: tuple[Callable[[NetworkLink], Entity], ...] = ()
    secure_network: tuple[Callable[[SecureLinkHere], Entity], ...] = ()
    secure_hub: tuple[Callable[[SecureLinkHere], Entity], ...] = ()
    device: tuple[Callable[[DeviceLink], Entity], ...] = ()
    bacnet_device: tuple[Callable[[DeviceLink], Entity], ...] = ()
    point: Callable[[DeviceLink, Point, EntityRow], Entity] | None = None

    def of_device(self, link: DeviceLink) -> tuple[Callable[[DeviceLink], Entity], ...]:
        """Return what is made of a device."""
        bacnet = link.protocol is Protocol.BACNET
        return self.device + self.bacnet_device if bacnet else self.device


@dataclass(slots=True, kw_only=True)
class _Attached:
    """A platform that is set up, and the points it was handed."""

    entities: PlatformEntities
    add: AddConfigEntryEntitiesCallback
    point_ids: set[str] = field(default_factory=set)


class DeviceAdapter:
    """The only writer of our devices, and the source of our entities.

    Nothing is deleted because it went silent: what a device no longer has becomes
    unavailable and a repair. Entities go when a person deselects their points, when
    a point now belongs to another platform, or when an event deleted what is ours.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
    ) -> None:
        """Take a client that is started; nothing is registered yet."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._changes = ChangeRouter(client)
        self._overrides = OverrideBook(self._changes)
        self.alarm_board = AlarmBoard(client, self._changes)
        self._platforms: dict[Platform, _Attached] = {}
        self._rows: dict[str, dict[str, EntityRow]] = {}
        self.site: SiteLink | None = None
        self.networks: dict[str, NetworkLink] = {}
        self.subscriptions: dict[str, SubscriptionLink] = {}
        self.secure_networks: list[SecureLinkHere] = []
        self.secure_hubs: list[SecureLinkHere] = []
        self.devices: dict[str, DeviceLink] = {}

    @callback
    def start(self) -> Callable[[], None]:
        """Register site, networks and devices, follow the engine; return what ends it.

        To be called before the platforms are set up.
        """
        self._register_site()
        self._register_networks()
        self._register_subscriptions()
        self._register_secure_connect()
        self._register_devices()
        for device_id in self.devices:
            self._plan(device_id)
        self._changes.start()
        self.alarm_board.start()
        unlisten = self._client.listen_changes(self._follow)

        def stop() -> None:
            unlisten()
            self.alarm_board.stop()
            self._changes.stop()

        return stop

    @callback
    def attach(
        self, entities: PlatformEntities, add: AddConfigEntryEntitiesCallback
    ) -> None:
        """Hand a platform all there is for it, and from now on what comes."""
        attached = _Attached(entities=entities, add=add)
        self._platforms[entities.platform] = attached
        if self.site is not None:
            site = self.site
            add([make(site) for make in entities.site])
        for network in self.networks.values():
            add(
                [make(network) for make in entities.network],
                config_subentry_id=network.subentry_id,
            )
        for link in self.subscriptions.values():
            add(
                [make(link) for make in entities.subscription],
                config_subentry_id=link.subentry_id,
            )
        for links, makers in (
            (self.secure_networks, entities.secure_network),
            (self.secure_hubs, entities.secure_hub),
        ):
            for each in links:
                made = [make(each) for make in makers]
                add(made, config_subentry_id=each.subentry_id)
        for device in self.devices.values():
            add(
                [
                    *(make(device) for make in entities.of_device(device)),
                    *self._new_points(attached, device),
                ],
                config_subentry_id=device.subentry_id,
            )

    def planned(self, device_id: str) -> Mapping[str, EntityRow]:
        """Return the rows of a device's points that have an entity, by point id."""
        return self._rows.get(device_id, {})

    def own_devices(self) -> list[str]:
        """Return the devices that are Plantroom itself, with what events made."""
        return [device_id for device_id, link in self.devices.items() if link.is_own]

    @callback
    def forget_deleted(self, device_id: str) -> None:
        """Remove the entities of points that a device has not, if it has any."""
        if not self._client.mirror.points_of(device_id):
            return
        known = self._point_entities(self.devices[device_id])
        for point_id, entity in known.items():
            if point_id not in self._client.mirror.points:
                self._forget(entity)

    def _register_site(self) -> None:
        self.site = SiteLink(
            client=self._client,
            changes=self._changes,
            entry_id=self._entry.entry_id,
            registry_device=register_site(self._hass, self._entry),
        )

    def _register_networks(self) -> None:
        for subentry, protocol in network_subentries(self._entry):
            network_id = subentry.data[CONF_NETWORK_ID]
            self.networks[network_id] = NetworkLink(
                client=self._client,
                changes=self._changes,
                network_id=network_id,
                subentry_id=subentry.subentry_id,
                registry_device=register_network(self._hass, self._entry, subentry),
                protocol=protocol,
            )

    def _register_subscriptions(self) -> None:
        for item in self._entry.get_subentries_of_type(SUBENTRY_SUBSCRIPTION):
            subscription_id = subscription(item.data).subscription_id
            self.subscriptions[subscription_id] = SubscriptionLink(
                client=self._client,
                changes=self._changes,
                subscription_id=subscription_id,
                subentry_id=item.subentry_id,
                registry_device=register_subscription(self._hass, self._entry, item),
            )

    def _register_secure_connect(self) -> None:
        secure = SecureAdapter(self._hass, self._entry, self._client, self._changes)
        self.secure_networks = secure.register_networks()
        self.secure_hubs = secure.register_hubs()

    def _register_devices(self) -> None:
        """Register every device, then link them: a router may come after its own."""
        known = self._client.mirror.devices
        for subentry, protocol in device_subentries(self._entry):
            device_id = device_id_of_subentry(subentry)
            self.devices[device_id] = DeviceLink(
                client=self._client,
                changes=self._changes,
                overrides=self._overrides,
                entry=self._entry,
                subentry_id=subentry.subentry_id,
                device_id=device_id,
                registry_device=register_device(
                    self._hass, self._entry, subentry, known.get(device_id)
                ),
                protocol=protocol,
            )
        for device_id in self.devices:
            self._link_to_parent(device_id)

    def _link_to_parent(self, device_id: str) -> None:
        link = self.devices[device_id]
        known = self._client.mirror.devices
        device = known.get(device_id)
        router = None if device is None else router_of(device, known.values())
        behind = None if router is None else self.devices.get(router.device_id)
        network = self.networks.get(device_id.rpartition(":")[0])
        registry_device = link_to_parent(
            self._hass,
            link.registry_device,
            None if network is None else network.registry_device,
            None if behind is None else behind.registry_device,
        )
        self.devices[device_id] = replace(link, registry_device=registry_device)

    def _plan(self, device_id: str) -> None:
        """Decide which points of a device have which entity; tidy what has not."""
        link = self.devices[device_id]
        points = {p.point_id: p for p in self._client.mirror.points_of(device_id)}
        known = self._point_entities(link)
        chosen = select_points(points.values(), link.wanted, known)
        self._rows[device_id] = {
            point_id: replace(
                entity_row(point, writable=link.is_writable(point)),
                enabled=chosen[point_id],
            )
            for point_id, point in points.items()
            if point_id in chosen
        }
        for point_id, entity in known.items():
            row = self._rows[device_id].get(point_id)
            moved = row is not None and row.platform != entity.domain
            reference = point_id.removeprefix(f"{device_id}:")
            if moved or not link.is_wanted(reference):
                self._forget(entity)

    def _point_entities(self, link: DeviceLink) -> dict[str, er.RegistryEntry]:
        return point_entities(self._hass, link.registry_device.id, link.device_id)

    def _forget(self, entity: er.RegistryEntry) -> None:
        attached = self._platforms.get(Platform(entity.domain))
        if attached is not None:
            attached.point_ids.discard(entity.unique_id)
        er.async_get(self._hass).async_remove(entity.entity_id)

    def _new_points(self, attached: _Attached, link: DeviceLink) -> list[Entity]:
        """Return the entities of the points that a platform does not have yet."""
        make = attached.entities.point
        if make is None:
            return []
        rows = {
            point_id: row
            for point_id, row in self._rows[link.device_id].items()
            if row.platform is attached.entities.platform
            and point_id not in attached.point_ids
        }
        attached.point_ids.update(rows)
        points = self._client.mirror.points
        return [make(link, points[point_id], row) for point_id, row in rows.items()]

    @callback
    def _follow(self, event: EngineEvent) -> None:
        match event:
            case DeviceChanged(device=device) if device.device_id in self.devices:
                self._follow_device(device)
            case PointsChanged(device_id=device_id) if device_id in self.devices:
                self._follow_points(event)

    def _follow_device(self, device: Device) -> None:
        link = self.devices[device.device_id]
        subentry = self._entry.subentries.get(link.subentry_id)
        if subentry is None:
            return
        registered = register_device(self._hass, self._entry, subentry, device)
        renamed = registered.name != link.registry_device.name
        self.devices[device.device_id] = replace(link, registry_device=registered)
        self._link_to_parent(device.device_id)
        if renamed:
            points = self._client.mirror.points_of(device.device_id)
            self._rename_disabled(link, points)
            for point in points:
                self._changes.tell(point.point_id)

    def _follow_points(self, event: PointsChanged) -> None:
        link = self.devices[event.device_id]
        known = self._point_entities(link)
        for attached in self._platforms.values():
            # A point that comes back gets a new entity if its old one was removed
            attached.point_ids.difference_update(
                p.point_id for p in event.added if p.point_id not in known
            )
        self._plan(event.device_id)
        self._rename_disabled(link, event.changed)
        for attached in self._platforms.values():
            if entities := self._new_points(attached, link):
                attached.add(entities, config_subentry_id=link.subentry_id)

    def _rename_disabled(
        self, link: DeviceLink, points: tuple[Point, ...] | list[Point]
    ) -> None:
        """Rename the entities that do not run; the others do it themselves."""
        registry = er.async_get(self._hass)
        known = self._point_entities(link)
        for point in points:
            entity = known.get(point.point_id)
            if entity is None or not entity.disabled:
                continue
            name = entity_name(point, link.name, from_description=link.from_description)
            registry.async_update_entity(entity.entity_id, original_name=name)
