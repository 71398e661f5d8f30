"""The addresses at which the machine that the engine runs on can listen."""

import asyncio
from dataclasses import dataclass
from ipaddress import IPv4Interface

import ifaddr

from .commands import command


@dataclass(frozen=True, slots=True, kw_only=True)
class HostInterface:
    """An IPv4 address of the machine with its prefix, "192.168.1.10/24"."""

    name: str
    address: str


class InterfaceCommands:
    """What clients ask about the machine."""

    @command("interfaces")
    async def interfaces(self) -> tuple[HostInterface, ...]:
        """Return the IPv4 addresses of the machine, loopback last."""
        return await asyncio.to_thread(_interfaces)


def _interfaces() -> tuple[HostInterface, ...]:
    found = [
        HostInterface(
            name=str(adapter.nice_name), address=f"{each.ip}/{each.network_prefix}"
        )
        for adapter in ifaddr.get_adapters()
        for each in adapter.ips
        if each.is_IPv4
    ]
    return tuple(
        sorted(found, key=lambda each: IPv4Interface(each.address).ip.is_loopback)
    )
