"""Reading with rusty-bacnet through a hub."""

from pathlib import Path
from typing import Any

from rusty_bacnet import BACnetClient

from tests.bench.reading import ReadingTask
from tests.bench.workers.rusty import read_with

VMAC = bytes.fromhex("02770000beef")
DEVICE_UUID = bytes(range(16))


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return points read and the CPU seconds that took."""
    task = ReadingTask.of(settings)
    async with secure_client(settings) as client:
        return await read_with(client, [vmac for vmac, _ in task.devices], task)


def secure_client(settings: dict[str, Any]) -> BACnetClient:
    """Return a client that is a node on the hub of the bench."""
    folder = Path(settings["credentials"])
    return BACnetClient(
        transport="sc",
        sc_hub=settings["uri"],
        sc_vmac=VMAC,
        sc_device_uuid=DEVICE_UUID,
        sc_ca_cert=str(folder / "authorities.pem"),
        sc_client_cert=str(folder / "certificate.pem"),
        sc_client_key=str(folder / "key.pem"),
    )
