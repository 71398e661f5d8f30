"""What rusty-bacnet reads of our device: names and present values of all objects."""

from typing import Any

from tests.peers.rusty_client import RustyClient


async def opinions(
    host: str, port: int, names: list[str]
) -> dict[str, tuple[str, Any]]:
    """Return name and present value by "analog-input,1"."""
    found = {}
    async with RustyClient(host=host.removesuffix("1") + "8", port=port) as client:
        for name in names:
            found[name] = (
                await client.read(f"{host}:{port}", name, "object-name"),
                await client.read(f"{host}:{port}", name, "present-value"),
            )
    return found
