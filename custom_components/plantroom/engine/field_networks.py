"""The networks of a site, of every protocol, each started once a configuration."""

import asyncio
from collections.abc import Callable
from typing import Any

from .errors import UnknownTargetError
from .field import FieldNetwork
from .modbus.network import ModbusNetwork
from .models import Point
from .records import Records
from .site_config import NetworkConfig, SiteConfig
from .write_command import PointWriter

type NetworkBuilder = Callable[[NetworkConfig], FieldNetwork[Any]]


class FieldNetworks:
    """Starts and stops networks as a site has them; what is unchanged goes on."""

    def __init__(self, build: NetworkBuilder, records: Records) -> None:
        """Take who makes a network, and where is told that one is gone."""
        self._build = build
        self._records = records
        self._running: dict[str, FieldNetwork[Any]] = {}

    def all(self) -> tuple[FieldNetwork[Any], ...]:
        """Return the networks that run."""
        return tuple(self._running.values())

    def find(self, network_id: str) -> FieldNetwork[Any]:
        """Return a network; raises UnknownTargetError."""
        network = self._running.get(network_id)
        if network is None:
            raise UnknownTargetError(
                f"There is no network {network_id}", target=network_id
            )
        return network

    def of_device(self, device_id: str) -> FieldNetwork[Any]:
        """Return the network of a device; raises UnknownTargetError."""
        return self.find(device_id.rpartition(":")[0])

    def writer_of(self, point: Point) -> PointWriter:
        """Return who writes a point; raises UnknownTargetError."""
        return self.of_device(point.device_id)

    def line(self, network_id: str) -> ModbusNetwork:
        """Return a Modbus line; raises UnknownTargetError."""
        network = self.find(network_id)
        if not isinstance(network, ModbusNetwork):
            raise UnknownTargetError(
                f"{network_id} is no Modbus line", target=network_id
            )
        return network

    def name_of_device(self, device_id: str) -> str:
        """Return what a device calls itself, else its id."""
        for network in self.all():
            for device in network.devices():
                if device.device_id == device_id:
                    return device.name
        return device_id

    async def drop_devices(self, before: SiteConfig, after: SiteConfig) -> None:
        """Let each network remove its devices while it is there to do so."""
        wanted = {device.device_id for device in after.all_devices}
        for network_id, network in self._running.items():
            devices = before.devices_of(network_id)
            await network.serve([d for d in devices if d.device_id in wanted])

    async def change(self, before: SiteConfig, after: SiteConfig) -> None:
        """Stop what is gone or different, and start what is new or different."""
        old = {network.network_id: network for network in before.all_networks}
        new = {network.network_id: network for network in after.all_networks}
        for network_id in self._running.keys() - new.keys():
            await self._stop(network_id)
            self._records.health.forget_network(network_id)
        for network_id, config in new.items():
            if network_id not in self._running or old.get(network_id) != config:
                await self._stop(network_id)
                self._running[network_id] = await self._started(config)

    async def serve(self, site: SiteConfig) -> None:
        """Have each network serve exactly its devices of a site."""
        for network_id, network in self._running.items():
            await network.serve(site.devices_of(network_id))

    async def stop(self) -> None:
        """Stop every network; calling it twice does no harm."""
        await asyncio.gather(*map(self._stop, [*self._running]))

    async def _started(self, config: NetworkConfig) -> FieldNetwork[Any]:
        network = self._build(config)
        try:
            await network.start()
        except BaseException:
            await network.stop()
            raise
        return network

    async def _stop(self, network_id: str) -> None:
        network = self._running.pop(network_id, None)
        if network is not None:
            await network.stop()
            self._records.problems.solve(network_id)
