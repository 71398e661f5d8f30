"""Try a network before it is configured: open it, and say what stands in the way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from homeassistant.const import CONF_ADDRESS, CONF_PORT

from ..client import EngineClient
from ..engine.errors import PlantroomError
from ..engine.events import EngineEvent, NetworkStatusChanged, ProblemsChanged
from ..engine.models import Health, ProblemCode
from ..engine.site_config import BacnetNetworkConfig
from .engine_place import EnginePlace

# A BBMD gets three registrations of a few seconds each.
SETTLE_SECONDS = 20.0

_FIELDS = {
    ProblemCode.PORT_IN_USE: CONF_PORT,
    ProblemCode.INTERFACE_GONE: CONF_ADDRESS,
}


class NetworkFaultError(Exception):
    """A network cannot be used; field and key are those of the form's error."""

    def __init__(self, field: str, key: str, placeholders: dict[str, str]) -> None:
        """Keep where the error belongs and what its text needs."""
        super().__init__(key)
        self.field = field
        self.key = key
        self.placeholders = placeholders


@asynccontextmanager
async def open_network(
    place: EnginePlace, network: BacnetNetworkConfig
) -> AsyncGenerator[EngineClient]:
    """Yield a client of an engine that runs this network for now.

    Raises NetworkFaultError when the network cannot be used.
    """
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(place.trying(network))
        except PlantroomError as err:
            raise _fault(network, err.code, {"reason": str(err), **err.facts}) from err
        await _settle(client, network)
        yield client


async def _settle(client: EngineClient, network: BacnetNetworkConfig) -> None:
    """Wait until the network is up; raises NetworkFaultError when it is not."""
    changed = asyncio.Event()

    def on_change(event: EngineEvent) -> None:
        if isinstance(event, NetworkStatusChanged | ProblemsChanged):
            changed.set()

    unsubscribe = client.listen_changes(on_change)
    try:
        async with asyncio.timeout(SETTLE_SECONDS):
            while not _is_up(client, network):
                changed.clear()
                await changed.wait()
    except TimeoutError:
        raise _fault(network, "timeout", {}) from None
    finally:
        unsubscribe()


def _is_up(client: EngineClient, network: BacnetNetworkConfig) -> bool:
    for problem in client.mirror.problems:
        if problem.subject == network.network_id:
            raise _fault(network, problem.code, problem.facts)
    status = client.mirror.networks.get(network.network_id)
    if status is None or status.health is Health.STARTING:
        return False
    if status.reason:
        raise _fault(network, status.reason, status.facts)
    return status.health is not Health.DOWN


def _fault(
    network: BacnetNetworkConfig, code: str, facts: dict[str, str]
) -> NetworkFaultError:
    placeholders = {
        "address": network.address,
        "port": str(network.port),
        "bbmd": network.bbmd,
        "owner": "",
        "reason": code,
        **facts,
    }
    if code not in ProblemCode:
        return NetworkFaultError("base", "network_failed", placeholders)
    field = _FIELDS.get(ProblemCode(code), "base")
    return NetworkFaultError(field, _key(code, placeholders), placeholders)


def _key(code: str, facts: dict[str, str]) -> str:
    if code == ProblemCode.PORT_IN_USE and not facts["owner"]:
        return "port_in_use_unknown"
    if code == ProblemCode.BBMD_REFUSED and facts["reason"] == "silent":
        return "bbmd_silent"
    return str(code)
