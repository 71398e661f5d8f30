"""Config entries as the flows make them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import CONNECTION, DIRECT, DOMAIN, TITLE
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
)
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from custom_components.plantroom.modbus_subentries import line_subentry, unit_subentry
from custom_components.plantroom.site import device_subentry, network_subentry

NETWORK = BacnetNetworkConfig(
    network_id="cafe0001", name="Building", address="10.10.10.10/24"
)
AIR_HANDLER = FoundDevice(
    network_id="cafe0001",
    instance=1001,
    address="10.10.10.20",
    name="AHU-1",
    vendor="Vendor",
    model="Model",
    points=35,
)
BOILER = replace(
    AIR_HANDLER, instance=1002, address="10.10.10.21", name="Boiler", points=None
)


def plantroom_entry(
    hass: HomeAssistant,
    *,
    networks: Iterable[BacnetNetworkConfig] = (NETWORK,),
    devices: Iterable[FoundDevice] = (),
    lines: Iterable[ModbusLineConfig] = (),
    units: Iterable[ModbusDeviceConfig] = (),
    unique_id: str = DIRECT,
    entry_id: str | None = None,
) -> MockConfigEntry:
    """Return an entry, added and not set up, with these networks and devices."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=TITLE,
        data={CONNECTION: DIRECT},
        unique_id=unique_id,
        entry_id=entry_id,
        subentries_data=[
            *(network_subentry(network) for network in networks),
            *(device_subentry(device) for device in devices),
            *(line_subentry(line) for line in lines),
            *(unit_subentry(unit) for unit in units),
        ],
    )
    entry.add_to_hass(hass)
    return entry


def subentry(entry: ConfigEntry, unique_id: str) -> ConfigSubentry:
    """Return the subentry of a unique id."""
    return next(i for i in entry.subentries.values() if i.unique_id == unique_id)


def data_of(entry: ConfigEntry, unique_id: str) -> dict[str, Any]:
    """Return the data of the subentry of a unique id."""
    return dict(subentry(entry, unique_id).data)
