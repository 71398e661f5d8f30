"""What Home Assistant's system information says of us."""

from typing import Any, Final

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback

from .const import CONNECTION, DOMAIN, SERVER
from .engine.gateway.models import SubscriptionState
from .engine.models import Health, NetworkStatus, ProblemCode
from .mirror import Mirror
from .runtime import PlantroomConfigEntry

_OF_LINES: Final = frozenset({ProblemCode.LINE_IN_USE, ProblemCode.LINE_UNREACHABLE})


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return networks, devices and points of all entries that are loaded."""
    entries: list[PlantroomConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    clients = [entry.runtime_data.client for entry in entries]
    mirrors = [client.mirror for client in clients]
    networks = [item for mirror in mirrors for item in mirror.networks.values()]
    online = sum(s.online for mirror in mirrors for s in mirror.statuses.values())
    return {
        "engine": _said(bool(clients) and all(c.connected for c in clients), "stopped"),
        "engine_runs": ", ".join(map(_place, entries)) or "-",
        "port": _said(not _ports_taken(mirrors), ProblemCode.PORT_IN_USE.value),
        "modbus": _said(not (fault := _line_fault(mirrors)), fault),
        "networks_up": f"{sum(map(_is_up, networks))} / {len(networks)}",
        "devices_online": f"{online} / {sum(len(m.statuses) for m in mirrors)}",
        "subscriptions_running": _subscriptions(mirrors),
        "points": sum(len(mirror.points) for mirror in mirrors),
        "points_read": sum(len(mirror.readings) for mirror in mirrors),
    }


def _place(entry: PlantroomConfigEntry) -> str:
    """Return where an entry's engine runs."""
    if entry.data[CONNECTION] != SERVER:
        return "Home Assistant"
    version = entry.runtime_data.client.server_version
    return f"{entry.data[CONF_HOST]}:{entry.data[CONF_PORT]} ({version})"


def _is_up(status: NetworkStatus) -> bool:
    return status.health in {Health.HEALTHY, Health.DEGRADED}


def _ports_taken(mirrors: list[Mirror]) -> bool:
    return any(
        problem.code is ProblemCode.PORT_IN_USE
        for mirror in mirrors
        for problem in mirror.problems
    )


def _line_fault(mirrors: list[Mirror]) -> str:
    """Return why a Modbus line is down, "" when none is."""
    return next(
        (
            problem.code.value
            for mirror in mirrors
            for problem in mirror.problems
            if problem.code in _OF_LINES
        ),
        "",
    )


def _subscriptions(mirrors: list[Mirror]) -> str:
    """Return how many event subscriptions have their store, of how many."""
    states = [s.state for mirror in mirrors for s in mirror.subscriptions.values()]
    well = {SubscriptionState.RUNNING, SubscriptionState.STANDBY}
    return f"{sum(state in well for state in states)} / {len(states)}"


def _said(well: bool, error: str) -> str | dict[str, str]:
    """Return "ok", or the error in the form that the page paints red."""
    return "ok" if well else {"type": "failed", "error": error}
