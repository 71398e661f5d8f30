"""The steps that set up a new network, in a new entry or an existing one."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, ClassVar, override

from homeassistant.const import CONF_PORT
from homeassistant.data_entry_flow import FlowContext, FlowResult

from ..client import EngineClient
from ..engine.site_config import BacnetNetworkConfig
from .device_search import DeviceSearch
from .engine_place import EnginePlace, interfaces_of
from .interfaces import LOOPBACK
from .network_check import NetworkFaultError, open_network
from .network_form import (
    NetworkFormError,
    fresh_network,
    host_of,
    network_from_form,
    network_schema,
)


class NetworkSteps[C: FlowContext, R: FlowResult[Any, Any], H](DeviceSearch[C, R, H]):
    """Ask for a network, try it, and search it for devices."""

    _ways_on: ClassVar[list[str]] = ["discovering", "by_address", "without_devices"]
    _may_choose_none = True

    def __init__(self) -> None:
        """Start with a network nobody was asked for."""
        super().__init__()
        self._asked_network = fresh_network(LOOPBACK)

    @abstractmethod
    def _place(self) -> EnginePlace:
        """Return where the engine is that tries the network."""

    @abstractmethod
    def _other_networks(self) -> list[BacnetNetworkConfig]:
        """Return the networks that are configured already."""

    @override
    def _network(self) -> BacnetNetworkConfig:
        return self._asked_network

    @override
    def _engine(self) -> AbstractAsyncContextManager[EngineClient]:
        return open_network(self._place(), self._network())

    @override
    def _known(self) -> set[str | None]:
        return set()

    async def _ask_network(self, step: str, user_input: dict[str, Any] | None) -> R:
        """Show the form of a step until a network works, then search it."""
        interfaces = await interfaces_of(self._place())
        shown = replace(self._asked_network, address=interfaces[0].address)
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                shown = network_from_form(shown.network_id, user_input)
                self._asked_network = shown
                await self._try_network(shown)
            except NetworkFormError as err:
                errors[err.field] = err.key
            except NetworkFaultError as err:
                errors[err.field] = err.key
                placeholders = err.placeholders
            else:
                return await self.async_step_discovering()
        schema = network_schema(interfaces, shown)
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _try_network(self, network: BacnetNetworkConfig) -> None:
        refuse_taken_port(network, self._other_networks())
        async with open_network(self._place(), network):
            pass


def refuse_taken_port(
    network: BacnetNetworkConfig, others: list[BacnetNetworkConfig]
) -> None:
    """Raise NetworkFaultError when one of our own networks has address and port."""
    for other in others:
        if other.network_id == network.network_id:
            continue
        if other.port == network.port and host_of(other) == host_of(network):
            raise NetworkFaultError(
                CONF_PORT,
                "network_exists",
                {"network": other.name, "port": str(network.port)},
            )
