"""A device by rusty-bacnet that reports alarms of its own: one analog input with limits."""

from types import TracebackType
from typing import Any, Self

from rusty_bacnet import (
    BACnetServer,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

DEGREES_CELSIUS = 62
LOW, HIGH, DEADBAND = 10.0, 26.0, 1.0
_BOTH_LIMITS = PropertyValue.bit_string(6, b"\xc0")
_ALL_CHANGES = PropertyValue.bit_string(5, b"\xe0")


class RustyAlarms:
    """Tells the recipients of its Notification Class 1 when its input leaves the limits.

    told: instance and address of who may be a recipient.
    """

    def __init__(
        self,
        *,
        port: int,
        told: tuple[int, str],
        host: str = "127.0.9.2",
        instance: int = 7002,
    ) -> None:
        self.instance = instance
        self._port = port
        self._host = host
        self._told = told
        self._input = ObjectIdentifier(ObjectType.ANALOG_INPUT, 1)
        self._server: Any = None

    async def __aenter__(self) -> Self:
        server = BACnetServer(
            device_instance=self.instance,
            device_name="Rusty alarms",
            interface=self._host,
            port=self._port,
            broadcast_address="127.255.255.255",
            share_port_by_address=True,
        )
        server.add_analog_input(1, "Cold room", DEGREES_CELSIUS, 20.0)
        server.add_notification_class(1, "Alarms", 1)
        server.add_device_binding(*self._told)
        await server.start()
        self._server = server
        await self._set_up()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.stop()

    async def _set_up(self) -> None:
        for name, value in {
            "NOTIFICATION_CLASS": PropertyValue.unsigned(1),
            "LOW_LIMIT": PropertyValue.real(LOW),
            "HIGH_LIMIT": PropertyValue.real(HIGH),
            "DEADBAND": PropertyValue.real(DEADBAND),
            "LIMIT_ENABLE": _BOTH_LIMITS,
            "EVENT_ENABLE": _ALL_CHANGES,
        }.items():
            await self._write(self._input, name, value)

    async def _write(self, target: Any, name: str, value: Any) -> None:
        await self._server.write_property_local(
            target,
            getattr(PropertyIdentifier, name),
            value,
            source_object=ObjectIdentifier(ObjectType.DEVICE, self.instance),
        )

    async def set_input(self, value: float) -> None:
        """Change the input from inside."""
        await self._server.set_present_value_local(
            self._input, PropertyValue.real(value)
        )

    async def read(self, name: str) -> Any:
        """Return a property of the input as the server has it."""
        return await self._server.read_property(
            self._input, getattr(PropertyIdentifier, name)
        )

    async def recipients(self) -> Any:
        """Return the recipient list as the server has it."""
        alarms = ObjectIdentifier(ObjectType.NOTIFICATION_CLASS, 1)
        return await self._server.read_property(
            alarms, PropertyIdentifier.RECIPIENT_LIST
        )
