"""A device by rusty-bacnet: a server in Rust, filled from Python."""

from typing import Any

from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyValue

from tests.bench.asked import measure_asked

DEGREES_CELSIUS = 62


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what reads and notifications cost."""
    host, port = settings["own"].split(":")
    server: Any = BACnetServer(
        device_instance=1,
        device_name="Bench",
        interface=host,
        port=int(port),
        broadcast_address="127.255.255.255",
        share_port_by_address=True,
    )
    for number in range(settings["objects"]):
        server.add_analog_input(number, f"Measurement {number}", DEGREES_CELSIUS, 0.0)
    ids = [
        ObjectIdentifier(ObjectType.ANALOG_INPUT, number)
        for number in range(settings["objects"])
    ]

    async def change(number: int, value: float) -> None:
        await server.set_present_value_local(ids[number], PropertyValue.real(value))

    await server.start()
    try:
        return await measure_asked(settings, change)
    finally:
        await server.stop()
