"""What the engine expects of a network of any protocol."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from .alarms.configuration import AlarmRule
from .models import Device, FoundDevice, PointsDifference
from .requests import PropertyAnswer, ReadPropertyRequest, ScanRequest
from .write_command import PointWriter

type ProgressListener = Callable[[float, str], None]


class FieldNetwork[C](PointWriter, Protocol):
    """One network with its devices; it starts, recovers and reports by itself."""

    @abstractmethod
    async def start(self) -> None:
        """Begin; what stands in the way becomes a problem and is tried again."""

    @abstractmethod
    async def stop(self) -> None:
        """Let go of devices and sockets; calling it twice does no harm."""

    @abstractmethod
    async def serve(self, devices: Sequence[C]) -> None:
        """Serve exactly these devices from now on."""

    @abstractmethod
    def watch(self, point_ids: Collection[str]) -> None:
        """Keep exactly these points fresh; those of other networks are ignored."""

    @abstractmethod
    async def scan(
        self, request: ScanRequest, progress: ProgressListener
    ) -> tuple[FoundDevice, ...]:
        """Look for devices; raises NetworkError when the network is down."""

    @abstractmethod
    async def survey(self, device_id: str) -> PointsDifference:
        """Read a device's objects again; raises UnknownTargetError, DeviceError."""

    @abstractmethod
    async def read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        """Read a property; raises UnknownTargetError, DeviceError."""

    @abstractmethod
    async def alarm_suggestions(self, device_id: str) -> tuple[AlarmRule, ...]:
        """Return rules that suit a device; raises UnknownTargetError, DeviceError."""

    @abstractmethod
    def devices(self) -> tuple[Device, ...]:
        """Return the devices served that have ever described themselves."""
