"""What is asked of the engine: networks and devices; pushed by a client or a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Interface

from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from .alarms.configuration import AlarmingConfig
from .audit.configuration import AuditConfig
from .bacnet.wire.addresses import BacnetAddress
from .checks import require
from .energy.configuration import MeteringConfig
from .errors import ConfigurationError
from .gateway.configuration import GatewayConfig
from .leases.configuration import LeaseConfig
from .modbus.configuration import ModbusDeviceConfig, ModbusLineConfig
from .secure_connect.configuration import SecureConnectConfig, SecureNetworkConfig
from .write_rules import RESERVED_PRIORITIES

MAX_INSTANCE = 4194302


@dataclass(frozen=True, slots=True, kw_only=True)
class BacnetNetworkConfig:
    """A BACnet/IP network.

    address: our interface with its prefix, "192.168.1.10/24". bbmd: "" or the
    address[:port] to register with as a foreign device for bbmd_ttl seconds.
    """

    network_id: str
    name: str
    address: str
    port: int = 47808
    instance: int = 4194000
    bbmd: str = ""
    bbmd_ttl: int = 300

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.network_id), "network_id", "must not be empty")
        require(0 < self.port < 65536, "port", "must be 1 to 65535")
        require(
            0 <= self.instance <= MAX_INSTANCE,
            "instance",
            f"must be 0 to {MAX_INSTANCE}",
        )
        require(15 <= self.bbmd_ttl <= 65535, "bbmd_ttl", "must be 15 to 65535")
        _parsed(IPv4Interface, self.address, "address")
        if self.bbmd:
            _parsed(BacnetAddress.parse, self.bbmd, "bbmd")


@dataclass(frozen=True, slots=True, kw_only=True)
class BacnetDeviceConfig:
    """A device on a BACnet network.

    address: "" to find it by Who-Is; on BACnet/SC a VMAC. points: references wanted, None for all.
    writable: references of non-commandable values that may be written. alarms:
    whether its own alarms are ours too. notification_classes: in whose recipient lists
    we put ourselves, so that it tells us; None for all it has.
    """

    network_id: str
    instance: int
    address: str = ""
    poll_seconds: float = 60.0
    priority: int = 8
    change_of_value: bool = True
    points: tuple[str, ...] | None = None
    writable: tuple[str, ...] = ()
    metering: MeteringConfig = field(default_factory=MeteringConfig)
    alarms: bool = True
    notification_classes: tuple[int, ...] | None = ()

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(
            0 <= self.instance <= MAX_INSTANCE,
            "instance",
            f"must be 0 to {MAX_INSTANCE}",
        )
        require(
            all(0 <= each <= MAX_INSTANCE for each in self.notification_classes or ()),
            "notification_classes",
            f"must be 0 to {MAX_INSTANCE}",
        )
        require(1 <= self.poll_seconds <= 86400, "poll_seconds", "must be 1 to 86400")
        require(1 <= self.priority <= 16, "priority", "must be 1 to 16")
        require(
            self.priority not in RESERVED_PRIORITIES,
            "priority",
            f"{self.priority} is reserved: each write has to ask for it",
        )
        if self.address:
            _parsed(BacnetAddress.parse, self.address, "address")
        for name, references in (
            ("points", self.points or ()),
            ("writable", self.writable),
        ):
            require(
                all("," in reference for reference in references),
                name,
                'must be references like "analog-input,1"',
            )

    @property
    def device_id(self) -> str:
        """Return network:instance."""
        return f"{self.network_id}:{self.instance}"


type DeviceConfig = BacnetDeviceConfig | ModbusDeviceConfig
type BacnetConfig = BacnetNetworkConfig | SecureNetworkConfig
type NetworkConfig = BacnetConfig | ModbusLineConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """All networks, devices and alarm rules of a site.

    changed_by: who made it so, for the audit log alone.
    """

    networks: tuple[BacnetNetworkConfig, ...] = ()
    devices: tuple[BacnetDeviceConfig, ...] = field(default_factory=tuple)
    modbus_lines: tuple[ModbusLineConfig, ...] = ()
    modbus_devices: tuple[ModbusDeviceConfig, ...] = ()
    alarming: AlarmingConfig = field(default_factory=AlarmingConfig)
    audit: AuditConfig = field(default_factory=AuditConfig)
    leases: LeaseConfig = field(default_factory=LeaseConfig)
    gateway: GatewayConfig = field(default_factory=GatewayConfig)
    secure_connect: SecureConnectConfig = field(default_factory=SecureConnectConfig)
    changed_by: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Refuse ids used twice and devices of a network that is not there."""
        network_ids = [network.network_id for network in self.all_networks]
        require(
            len(set(network_ids)) == len(network_ids), "networks", "use an id twice"
        )
        device_ids = [device.device_id for device in self.all_devices]
        require(len(set(device_ids)) == len(device_ids), "devices", "use an id twice")
        self._check_homes("devices", self.bacnet_networks, self.devices)
        self._check_homes("modbus_devices", self.modbus_lines, self.modbus_devices)
        self._check_secure_networks()
        self._check_gateway()

    @property
    def bacnet_networks(self) -> tuple[BacnetConfig, ...]:
        """Return the BACnet networks, of either kind."""
        return (*self.networks, *self.secure_connect.networks)

    @property
    def serving_ids(self) -> frozenset[str]:
        """Return the BACnet networks whose own device has objects of its own."""
        shared = {
            each.network_id for each in self.secure_connect.networks if each.objects_of
        }
        return frozenset(each.network_id for each in self.bacnet_networks) - shared

    @property
    def all_networks(self) -> tuple[NetworkConfig, ...]:
        """Return the networks of every protocol."""
        return (*self.bacnet_networks, *self.modbus_lines)

    @property
    def all_devices(self) -> tuple[DeviceConfig, ...]:
        """Return the devices of every protocol."""
        return (*self.devices, *self.modbus_devices)

    def devices_of(self, network_id: str) -> list[DeviceConfig]:
        """Return the devices of one network."""
        return [each for each in self.all_devices if each.network_id == network_id]

    @property
    def device_ids(self) -> frozenset[str]:
        """Return the devices that may have points: ourselves on networks included."""
        ours = (f"{each.network_id}:{each.instance}" for each in self.bacnet_networks)
        return frozenset((*(each.device_id for each in self.all_devices), *ours))

    def _check_secure_networks(self) -> None:
        """Refuse networks that are not there, and devices that cannot be on theirs."""
        secure = {each.network_id for each in self.secure_connect.networks}
        for device in self.devices:
            is_secure = device.network_id in secure
            fits = not device.address or is_secure == _is_secure(device.address)
            kind = "a VMAC" if is_secure else "an IP address"
            require(fits, "address", f"must be {kind} on {device.network_id}")
        plain = {each.network_id for each in self.networks}
        for network in self.secure_connect.networks:
            require(
                not network.objects_of or network.objects_of in plain,
                "objects_of",
                f"names the unknown BACnet/IP network {network.objects_of}",
            )
        instances = {each.network_id: each.instance for each in self.bacnet_networks}
        for routed in self.secure_connect.routed:
            require(
                routed.network_id in instances,
                "routed",
                f"names the unknown BACnet network {routed.network_id}",
            )
        ours = [instances[each.network_id] for each in self.secure_connect.routed]
        require(
            len(set(ours)) == len(ours),
            "instance",
            "must be different on networks between which we route",
        )

    def _check_gateway(self) -> None:
        """Refuse subscriptions to fill objects that no network has of its own."""
        for subscription in self.gateway.subscriptions:
            require(
                subscription.network_id in self.serving_ids,
                "gateway",
                f"names the unknown BACnet network {subscription.network_id}",
            )

    @staticmethod
    def _check_homes(
        name: str, networks: Sequence[NetworkConfig], devices: Sequence[DeviceConfig]
    ) -> None:
        known = {network.network_id for network in networks}
        for device in devices:
            require(
                device.network_id in known,
                name,
                f"name the unknown network {device.network_id}",
            )


def _is_secure(address: str) -> bool:
    return BacnetAddress.parse(address).is_secure


def _parsed(parse: Callable[[str], object], text: str, name: str) -> None:
    try:
        parse(text)
    except ValueError as err:
        raise ConfigurationError(f"{name}: {err}", field=name) from err


_decoder = BasicDecoder(SiteConfig)
_encoder = BasicEncoder(SiteConfig)


def site_config_from_dict(data: dict[str, object]) -> SiteConfig:
    """Return the configuration in plain data, or raise ConfigurationError."""
    try:
        return _decoder.decode(data)
    except (MissingField, InvalidFieldValue, ValueError) as err:
        raise _configuration_error(err) from err


def site_config_to_dict(config: SiteConfig) -> dict[str, object]:
    """Return the configuration as plain data."""
    encoded: dict[str, object] = _encoder.encode(config)
    return encoded


def _configuration_error(err: BaseException) -> ConfigurationError:
    """Return the innermost reason, which is the one that names a single field."""
    while err.__context__ is not None:
        inner = err.__context__
        if isinstance(inner, ConfigurationError):
            return ConfigurationError(str(inner), **inner.facts)
        if not isinstance(inner, MissingField | InvalidFieldValue):
            break
        err = inner
    name = err.field_name if isinstance(err, MissingField | InvalidFieldValue) else ""
    return ConfigurationError(str(err), field=name)
