"""What to attach to a bug report."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .alarm_summary import SITE
from .client import EngineClient
from .const import DOMAIN
from .engine.models import Device, Point
from .engine.requests import AuditQuery
from .mirror import Mirror
from .runtime import PlantroomConfigEntry

# Addresses are private ones of the building's network and what most faults are about
TO_REDACT: Final = frozenset(
    {
        "certificate",
        "client_certificate",
        "client_key",
        "http_token",
        "password",
        "passphrase",
        "redis_url",
        "request",
        "routes",
        "serial_number",
        "token",
        "uri",
        "user",
    }
)
_AUDIT_ROWS: Final = 25
_PARKED_ROWS: Final = 100


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PlantroomConfigEntry
) -> dict[str, Any]:
    """Return configuration, health, devices and how their points became entities."""
    client, adapter = entry.runtime_data.client, entry.runtime_data.adapter
    mirror = client.mirror
    diagnostics: dict[str, Any] = {
        "entry": entry.as_dict(),
        "connected": client.connected,
        "may_configure": client.may_configure,
        "server_version": client.server_version,
        "networks": [asdict(status) for status in mirror.networks.values()],
        "modbus_connections": [
            {"endpoint": info.endpoint, "connected": info.connected}
            for info in async_get_connection_info(hass)
            if entry.entry_id in info.units
        ],
        "secure_networks": [asdict(each) for each in mirror.secure_networks.values()],
        "secure_hubs": [asdict(each) for each in mirror.secure_hubs.values()],
        "certificates": _certificates(mirror),
        "problems": [asdict(problem) for problem in mirror.problems],
        "subscriptions": [asdict(item) for item in mirror.subscriptions.values()],
        "alarms": {
            **_alarms(entry, SITE),
            "told": entry.runtime_data.alarm_feed.told,
            "journal": mirror.alarm_cursor,
            "flood": None if mirror.flood is None else asdict(mirror.flood),
            "maintenance": [asdict(item) for item in mirror.maintenance],
        },
        "devices": [
            _device(mirror, device, len(adapter.planned(device.device_id)))
            for device in mirror.devices.values()
        ],
    }
    redacted: dict[str, Any] = async_redact_data(diagnostics, TO_REDACT)
    return redacted


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: PlantroomConfigEntry, device: dr.AnyDeviceEntry
) -> dict[str, Any]:
    """Return a network's status, or a device with all its points and last writes."""
    client = entry.runtime_data.client
    mirror = client.mirror
    subject = next(item for domain, item in device.identifiers if domain == DOMAIN)
    if subject in entry.runtime_data.adapter.networks:
        status = mirror.networks.get(subject)
        node = mirror.secure_networks.get(subject)
        return {
            "network": None if status is None else asdict(status),
            "node": None if node is None else asdict(node),
            "alarms": _alarms(entry, subject),
        }
    for hub in entry.runtime_data.adapter.secure_hubs:
        if hub.registry_device.id == device.id:
            return await _hub(client, hub.subject)
    for link in entry.runtime_data.adapter.subscriptions.values():
        if link.registry_device.id == device.id:
            return await _subscription(client, link.subscription_id)
    planned = entry.runtime_data.adapter.planned(subject)
    known = mirror.devices.get(subject)
    writes = [
        asdict(row)
        for row in await client.audit_log(AuditQuery(limit=1000))
        if row.point_id.startswith(f"{subject}:")
    ]
    diagnostics: dict[str, Any] = {
        "device": None if known is None else _device(mirror, known, len(planned)),
        "points": [
            _point(mirror, point, point.point_id in planned)
            for point in mirror.points_of(subject)
        ],
        "alarms": _alarms(entry, subject),
        "writes": writes[:_AUDIT_ROWS],
    }
    redacted: dict[str, Any] = async_redact_data(diagnostics, TO_REDACT)
    return redacted


async def _subscription(client: EngineClient, subscription_id: str) -> dict[str, Any]:
    """Return how a subscription is doing, and why events were put aside.

    What the events say is the building's, and stays out.
    """
    status = client.mirror.subscriptions.get(subscription_id)
    parked = await client.parked_events(subscription_id)
    return {
        "subscription": None if status is None else asdict(status),
        "parked": [
            {"type": each.event_type, "reason": each.reason, "at": each.at}
            for each in parked[:_PARKED_ROWS]
        ],
    }


def _alarms(entry: PlantroomConfigEntry, subject: str) -> dict[str, Any]:
    """Return how many alarms a device, a network or the site has."""
    return entry.runtime_data.adapter.alarm_board.summary(subject).as_dict()


async def _hub(client: EngineClient, hub_id: str) -> dict[str, Any]:
    """Return how a hub of ours is doing, and who is connected to it."""
    status = client.mirror.secure_hubs.get(hub_id)
    if status is None:
        return {"hub": None, "nodes": []}
    nodes = await client.secure_hub_nodes(hub_id)
    return {"hub": asdict(status), "nodes": [asdict(each) for each in nodes]}


def _certificates(mirror: Mirror) -> dict[str, Any]:
    """Return what is kept, in lists: redaction looks into no tuples."""
    stock = mirror.certificates
    return {
        "credentials": [
            {**asdict(each), "authorities": [asdict(one) for one in each.authorities]}
            for each in stock.credentials
        ],
        "authorities": [asdict(each) for each in stock.authorities],
    }


def _device(mirror: Mirror, device: Device, entities: int) -> dict[str, Any]:
    status = mirror.statuses.get(device.device_id)
    points = mirror.points_of(device.device_id)
    return {
        **asdict(device),
        "status": None if status is None else asdict(status),
        "points": len(points),
        "points_read": sum(point.point_id in mirror.readings for point in points),
        "entities": entities,
    }


def _point(mirror: Mirror, point: Point, has_entity: bool) -> dict[str, Any]:
    reading = mirror.readings.get(point.point_id)
    return {
        **asdict(point),
        "has_entity": has_entity,
        "reading": None if reading is None else asdict(reading),
    }
