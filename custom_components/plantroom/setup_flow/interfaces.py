"""The network interfaces that Home Assistant may use."""

from dataclasses import dataclass

from homeassistant.components.network import async_get_adapters
from homeassistant.components.network.models import Adapter
from homeassistant.core import HomeAssistant

LOOPBACK = "127.0.0.1/8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """An IPv4 address of this machine with its prefix, "192.168.1.10/24"."""

    name: str
    address: str
    default: bool


async def ipv4_interfaces(hass: HomeAssistant) -> list[Interface]:
    """Return the interfaces enabled in Home Assistant, the default one first.

    Without any, loopback is what is left.
    """
    found = [
        interface
        for adapter in await async_get_adapters(hass)
        if adapter["enabled"]
        for interface in _of_adapter(adapter)
    ]
    found.sort(key=lambda interface: not interface.default)
    return found or [Interface(name="lo", address=LOOPBACK, default=True)]


def _of_adapter(adapter: Adapter) -> list[Interface]:
    return [
        Interface(
            name=adapter["name"],
            address=f"{address['address']}/{address['network_prefix']}",
            default=adapter["default"],
        )
        for address in adapter["ipv4"]
    ]
