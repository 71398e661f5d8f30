"""Start and stop the parts in order, dispatch commands."""

import asyncio
import logging
from typing import Any, override

from .alarms.alarming import Alarming
from .alarms.commands import AlarmCommands
from .alarms.models import Alarm, AlarmOrigin
from .audit.commands import AuditCommands
from .audit.keeping import AuditKeeping
from .bacnet.ip_access import IpAccess
from .bacnet.network import BacnetNetwork
from .bacnet.network_access import NetworkAccess
from .bacnet.routing.router import Router
from .bacnet.secure_access import SecureAccess
from .bacnet.serving_network import ServingNetwork
from .commands import command, commands_of
from .energy.local_time import LocalTime
from .energy.meter_records import MeterRecordCommands
from .energy.meter_setting import set_meter
from .energy.metering import Metering
from .errors import UnknownCommandError
from .event_bus import EventBus
from .events import NumberedEvent, Progress
from .field import FieldNetwork
from .field_networks import FieldNetworks
from .gateway.commands import GatewayCommands
from .gateway.gatekeeping import Gatekeeping
from .gateway.port import GatewayBuilder
from .health import HealthBoard
from .history.commands import HistoryCommands
from .history.history import History
from .history.log_reading import LogReading
from .host import EngineHost
from .interfaces import InterfaceCommands
from .leases.book import LeaseBook
from .leases.commands import LeaseCommands
from .leases.leasing import Leasing
from .modbus.configuration import ModbusLineConfig
from .modbus.knowledge.profiles import Profiles
from .modbus.network import ModbusNetwork
from .modbus.registers.register_map import RegisterPoint
from .models import FoundDevice, PointsDifference, WriteRequest, WriteResult
from .points import Points
from .polling import PollCounts, Poller
from .problems import Problems
from .records import Records
from .requests import (
    Preview,
    PreviewRequest,
    ProfileSummary,
    PropertyAnswer,
    ReadPropertyRequest,
    ReadRegistersRequest,
    RegistersAnswer,
    ScanRequest,
    SetMeterRequest,
    Snapshot,
    WatchRequest,
)
from .secure_connect.certificate_commands import CertificateCommands
from .secure_connect.certifying import Certifying
from .secure_connect.commands import SecureConnectCommands
from .secure_connect.configuration import SecureNetworkConfig
from .secure_connect.hub_reports import HubReports
from .secure_connect.keeping import SecureKeeping
from .secure_connect.port import SecureConnectBuilder
from .site_config import NetworkConfig, SiteConfig
from .storage.audit_log import AuditLog
from .storage.audited_site import AuditedSite
from .storage.database import Database
from .storage.devices import DeviceStore
from .storage.leases import LeaseStore
from .storage.meters import MeterStore
from .writes import Writes

_LOGGER = logging.getLogger(__name__)


class Engine(
    AlarmCommands,
    AuditCommands,
    CertificateCommands,
    GatewayCommands,
    HistoryCommands,
    InterfaceCommands,
    LeaseCommands,
    MeterRecordCommands,
    SecureConnectCommands,
):
    """All field work of one process."""

    def __init__(
        self,
        host: EngineHost,
        build_gateway: GatewayBuilder | None = None,
        build_secure_connect: SecureConnectBuilder | None = None,
    ) -> None:
        """Take what the process lends; nothing is opened yet.

        build_gateway: of a process that can turn events into objects.
        build_secure_connect: of one that can do BACnet/SC.
        """
        self.events = EventBus()
        self._gatekeeping = Gatekeeping(self.events, build_gateway)
        self._secure = SecureKeeping(self.events, build_secure_connect)
        self._host = host
        self._database = Database(host.data_folder)
        self._store = DeviceStore(self._database)
        self._audit = AuditLog(self._database)
        self._auditing = AuditKeeping(self._audit, AuditedSite(self._database))
        self._points = Points(self.events)
        self._alarming = Alarming(
            self.events, self._points, self._database, self._audit, self._ask_device
        )
        self._problems = Problems(self.events)
        self._certifying = Certifying(
            self.events, self._problems, self._secure.certificates, self._audit
        )
        self._hub_reports = HubReports(self._problems)
        self.events.listen(self._hub_reports.hear)
        self._health = HealthBoard(self.events)
        self._records = Records(
            events=self.events,
            points=self._points,
            health=self._health,
            problems=self._problems,
            store=self._store,
            alarms=self._alarming.book,
        )
        self._router = Router()
        self._networks = FieldNetworks(self._built, self._records)
        self._metering = Metering(
            self._points,
            self._problems,
            MeterStore(self._database),
            LocalTime(lambda: host.time_zone),
            rewatch=self._apply_watch,
        )
        self._points.derive_with(self._metering)
        self.events.listen(self._metering.hear)
        self._history = History(
            self.events,
            self._points,
            self._problems,
            host.data_folder,
            LogReading(
                self.events,
                self._networks.of_device,
                self._metering.shift_of,
                LocalTime(lambda: host.time_zone),
            ),
        )
        self._poller = Poller()
        lease_store = LeaseStore(self._database)
        leases = LeaseBook(self.events, lease_store)
        self._writes = Writes(
            self.events, self._points, self._audit, self._networks.writer_of, leases
        )
        self._leasing = Leasing(
            leases,
            lease_store,
            self._writes,
            self._points,
            self._problems,
            self._networks.name_of_device,
        )
        self.events.listen(self._leasing.hear)
        self._profiles = Profiles(host.data_folder)
        self._site = SiteConfig()
        self._watched: dict[str, tuple[str, ...]] = {}
        self._configuring = asyncio.Lock()
        self._commands = commands_of(type(self))

    @property
    def polls(self) -> PollCounts:
        """Return how often devices were read since the start."""
        return self._poller.counts

    async def start(self) -> None:
        """Open the database and begin to poll; raises StorageError."""
        await self._database.start()
        await self._profiles.load()
        await self._metering.start()
        await self._alarming.start()
        await self._auditing.start()
        await self._leasing.start()
        await self._history.start()
        await self._secure.start()
        self._certifying.start()
        await self._gatekeeping.start()
        await self._poller.start()

    async def stop(self) -> None:
        """Stop everything, last started first; calling it twice does no harm."""
        async with self._configuring:
            await self._gatekeeping.stop()
            await self._leasing.stop()
            await self._writes.stop()
            await self._poller.stop()
            await self._networks.stop()
            await self._certifying.stop()
            await self._secure.stop()
            await self._metering.stop()
            await self._history.stop()
            await self._alarming.stop()
            await self._auditing.stop()
            self._forget_site()
            await self._database.stop()

    async def call(self, name: str, request: Any = None) -> Any:
        """Run a command; raises UnknownCommandError or the command's own errors."""
        found = self._commands.get(name)
        if found is None:
            raise UnknownCommandError(f"There is no command {name}", command=name)
        method = getattr(self, found.method)
        return await (method() if found.request is None else method(request))

    @command("snapshot")
    async def snapshot(self) -> Snapshot:
        """Return all that clients mirror, as of the latest event."""
        return Snapshot(
            cursor=self.events.cursor,
            networks=self._health.networks(),
            devices=tuple(
                device
                for network in self._networks.all()
                for device in network.devices()
            ),
            statuses=self._health.devices(),
            points=self._points.all(),
            readings=self._points.readings(),
            problems=self._problems.all(),
            alarms=self._alarming.book.of_clients(),
            alarm_cursor=self._alarming.book.last_told,
            maintenance=self._alarming.maintenance,
            flood=self._alarming.flood,
            leases=self._leasing.book.all(),
            subscriptions=self._gatekeeping.statuses,
            secure_networks=self._secure.networks,
            secure_hubs=self._secure.hubs,
            certificates=self._certifying.told,
        )

    @command("events_since")
    async def events_since(self, cursor: int) -> tuple[NumberedEvent, ...] | None:
        """Return the events after cursor; None: too long ago, take a snapshot."""
        return self.events.since(cursor)

    @command("configure")
    async def configure(self, site: SiteConfig) -> None:
        """Serve exactly these networks and devices; what is unchanged goes on."""
        self._gatekeeping.check(site.gateway)
        self._secure.check(site.secure_connect)
        async with self._configuring:
            await self._auditing.configure(site)
            await self._leasing.keep_only(site.device_ids)
            self._gatekeeping.hush(site.gateway)
            await self._networks.drop_devices(self._site, site)
            await self._metering.configure(site.all_devices)
            # Nodes of ours may be waiting for a hub of ours
            self._hub_reports.configure(site.secure_connect)
            await self._secure.configure(site.secure_connect)
            await self._networks.change(self._site, site)
            self._router.configure(site.secure_connect.routed)
            self._site = site
            await self._gatekeeping.configure(site)
            device_ids = [device.device_id for device in site.all_devices]
            network_ids = [network.network_id for network in site.all_networks]
            self._alarming.configure(site.alarming, device_ids, network_ids)
            await self._networks.serve(site)
            await self._store.keep_only(site.device_ids)
            self._apply_watch()
            await self._leasing.configure(site.leases)

    @command("site")
    async def site(self) -> SiteConfig:
        """Return the networks and devices that are asked for now."""
        return self._site

    @command("watch")
    async def watch(self, request: WatchRequest) -> None:
        """Keep these points fresh for a client, and no others of that client."""
        self._watched[request.client_id] = request.point_ids
        if not request.point_ids:
            del self._watched[request.client_id]
        self._apply_watch()

    @command("scan")
    async def scan(self, request: ScanRequest) -> tuple[FoundDevice, ...]:
        """Look for devices on a network, with Progress events of the task id."""

        def progress(fraction: float, text: str) -> None:
            self.events.publish(
                Progress(task_id=request.task_id, fraction=fraction, text=text)
            )

        network = self._networks.find(request.network_id)
        return await network.scan(request, progress)

    @command("survey")
    async def survey(self, device_id: str) -> PointsDifference:
        """Read a device's objects again and return what changed."""
        return await self._network_of(device_id).survey(device_id)

    @command("write")
    async def write(self, request: WriteRequest) -> WriteResult:
        """Write or release a point and return the verdict."""
        return await self._writes.write(request)

    @command("read_property")
    async def read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        """Read any property of any object of a configured device."""
        return await self._network_of(request.device_id).read_property(request)

    @command("set_meter")
    async def set_meter(self, request: SetMeterRequest) -> None:
        """Set what a counter shows, or let it go on with another meter."""
        await set_meter(self._metering, self._audit, request)

    @command("read_registers")
    async def read_registers(self, request: ReadRegistersRequest) -> RegistersAnswer:
        """Read addresses of a unit on a line, configured or not."""
        return await self._networks.line(request.network_id).inspection.read_registers(
            request
        )

    @command("preview")
    async def preview(self, request: PreviewRequest) -> Preview:
        """Read points of a unit that need not be configured."""
        return await self._networks.line(request.network_id).inspection.preview(request)

    @command("register_map")
    async def register_map(self, request: PreviewRequest) -> tuple[RegisterPoint, ...]:
        """Return the registers that a preview would read, words not swapped."""
        return await self._networks.line(request.network_id).inspection.register_map(
            request
        )

    @command("modbus_profiles")
    async def modbus_profiles(self) -> tuple[ProfileSummary, ...]:
        """Return the device profiles there are, users' own read anew."""
        await self._profiles.load()
        return self._profiles.summaries()

    def _built(self, config: NetworkConfig) -> FieldNetwork[Any]:
        if isinstance(config, ModbusLineConfig):
            return ModbusNetwork(
                config, self._records, self._host.modbus_link, self._profiles
            )
        shared = ""
        access: NetworkAccess
        if isinstance(config, SecureNetworkConfig):
            shared = config.objects_of
            node = self._secure.link(config)
            publish = self._secure.publish_network
            access = SecureAccess(config, node, publish, self._records)
        else:
            access = IpAccess(config, self._records)
        objects = self._gatekeeping.objects_of(shared or config.network_id)
        return ServingNetwork(
            config,
            access,
            self._records,
            self._poller,
            objects,
            self._router,
            has_points=not shared,
        )

    def _forget_site(self) -> None:
        """Know nothing, so that a next start shows nothing that is not so."""
        site, self._site = self._site, SiteConfig()
        for device in site.all_devices:
            self._points.forget_device(device.device_id)
            self._problems.solve(device.device_id)
            self._health.forget_device(device.device_id)
        for network in site.all_networks:
            self._health.forget_network(network.network_id)
        self._watched.clear()

    def _apply_watch(self) -> None:
        wanted = frozenset(point for each in self._watched.values() for point in each)
        watched = self._metering.watch(wanted.union(self._alarming.reads))
        self._history.watch(watched)
        for network in self._networks.all():
            network.watch(watched)

    @override
    def _network_of(self, device_id: str) -> FieldNetwork[Any]:
        return self._networks.of_device(device_id)

    async def _ask_device(self, alarm: Alarm, actor: str) -> None:
        """Have a device take note of its own alarm; a rule's is ours alone."""
        network = self._network_of(alarm.device_id)
        if alarm.origin is AlarmOrigin.DEVICE and isinstance(network, BacnetNetwork):
            await network.acknowledge_alarm(alarm, actor)
