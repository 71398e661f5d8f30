"""What is asked of Modbus: lines and the devices on them."""

from dataclasses import dataclass, field
from enum import StrEnum

from ..checks import require
from ..energy.configuration import MeteringConfig
from .registers.register_map import RegisterPoint


class ModbusTransport(StrEnum):
    """How frames travel (Modbus Messaging on TCP/IP, over Serial Line, Security)."""

    TCP = "tcp"
    RTU_OVER_TCP = "rtu_over_tcp"
    TLS = "tls"
    SERIAL = "serial"


class Parity(StrEnum):
    """Parity of a serial line, by its letter."""

    NONE = "N"
    EVEN = "E"
    ODD = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusLineConfig:
    """One endpoint: a TCP host, a gateway to a serial line, or a serial port here.

    host, port: of the TCP transports. device: the serial port's path or URL.
    ca_file, certificate_file, key_file: PEM paths for TLS, "" for the system's
    authorities and no certificate of our own. spacing_seconds: silence between
    requests. timeout_seconds: how long a unit may take to answer.
    """

    network_id: str
    name: str
    transport: ModbusTransport = ModbusTransport.TCP
    host: str = ""
    port: int = 502
    device: str = ""
    baudrate: int = 9600
    parity: Parity = Parity.NONE
    stopbits: int = 1
    bytesize: int = 8
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    timeout_seconds: float = 3.0
    spacing_seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.network_id), "network_id", "must not be empty")
        if self.transport is ModbusTransport.SERIAL:
            require(bool(self.device), "device", "must name the serial port")
        else:
            require(bool(self.host.strip()), "host", "must not be empty")
        require(0 < self.port < 65536, "port", "must be 1 to 65535")
        require(300 <= self.baudrate <= 4_000_000, "baudrate", "must be 300 to 4000000")
        require(self.stopbits in (1, 2), "stopbits", "must be 1 or 2")
        require(self.bytesize in (7, 8), "bytesize", "must be 7 or 8")
        require(
            0.05 <= self.timeout_seconds <= 60, "timeout_seconds", "must be 0.05 to 60"
        )
        require(0 <= self.spacing_seconds <= 5, "spacing_seconds", "must be 0 to 5")
        require(
            bool(self.certificate_file) == bool(self.key_file),
            "key_file",
            "and certificate_file go together",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusDeviceConfig:
    """A unit on a line.

    unit_id: 0 to 255 (1 to 247 on a serial line). profile: the id of a device
    profile, "sunspec", or "" with a register map of one's own in registers.
    points: keys wanted, all of them enabled then; None for all, each as the map says.
    swap_words: the device has the other word order than its profile says.
    poll_seconds: for points that say nothing themselves.
    """

    network_id: str
    unit_id: int
    name: str = ""
    profile: str = ""
    registers: tuple[RegisterPoint, ...] = ()
    swap_words: bool = False
    poll_seconds: float = 10.0
    points: tuple[str, ...] | None = None
    writable: bool = True
    metering: MeteringConfig = field(default_factory=MeteringConfig)

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(0 <= self.unit_id <= 255, "unit_id", "must be 0 to 255")
        require(
            0.1 <= self.poll_seconds <= 86400, "poll_seconds", "must be 0.1 to 86400"
        )
        require(
            bool(self.profile) != bool(self.registers),
            "profile",
            "or registers must be given, and not both",
        )
        keys = [point.key for point in self.registers]
        require(len(set(keys)) == len(keys), "registers", "use a key twice")

    @property
    def device_id(self) -> str:
        """Return network:unit id."""
        return f"{self.network_id}:{self.unit_id}"
