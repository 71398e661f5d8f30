"""A BACnet device by rusty-bacnet, started and stopped by a test."""

from types import TracebackType
from typing import Any, Self

from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyValue

DEGREES_CELSIUS, PERCENT = 62, 98
INPUT_VALUES = (20.5, 21.5, 22.5)
MODES = 4


class RustyServer:
    """Three analog inputs, and one each of AV, AO, BO, BV and MSV, all commandable."""

    def __init__(
        self,
        *,
        port: int,
        host: str = "127.0.9.1",
        instance: int = 7001,
        name: str = "Rusty peer",
        broadcast: str = "127.255.255.255",
    ) -> None:
        self.port = port
        self.host = host
        self.instance = instance
        self._name = name
        self._broadcast = broadcast
        self._server: Any = None

    @property
    def address(self) -> str:
        """Return "host:port"."""
        return f"{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Build the objects and listen."""
        server = BACnetServer(
            device_instance=self.instance,
            device_name=self._name,
            interface=self.host,
            port=self.port,
            broadcast_address=self._broadcast,
            share_port_by_address=True,
        )
        for number, value in enumerate(INPUT_VALUES, 1):
            server.add_analog_input(number, f"Temp{number}", DEGREES_CELSIUS, value)
        server.add_analog_value(1, "Setpoint", DEGREES_CELSIUS)
        server.add_analog_output(1, "Valve", PERCENT)
        server.add_binary_output(1, "Pump")
        server.add_binary_value(1, "Enable")
        server.add_multistate_value(1, "Mode", MODES)
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Stop listening; idempotent."""
        if self._server is not None:
            await self._server.stop()
            self._server = None

    async def set_input(self, instance: int, value: float) -> None:
        """Change an analog input from inside; subscribers are told."""
        await self._server.set_present_value_local(
            ObjectIdentifier(ObjectType.ANALOG_INPUT, instance),
            PropertyValue.real(value),
        )
