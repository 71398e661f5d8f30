"""Modbus lines and devices as Home Assistant keeps them, and back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.dialect import Dialect

from .const import CONF_NETWORK_ID, SUBENTRY_LINE, SUBENTRY_UNIT
from .engine.energy.configuration import MeteringConfig
from .engine.modbus.configuration import ModbusDeviceConfig, ModbusLineConfig


class _Brief(Dialect):
    """What a register map does not say is not kept: a hundred rows stay readable."""

    omit_default = True


_line_decoder: Final = BasicDecoder(ModbusLineConfig)
_line_encoder: Final = BasicEncoder(ModbusLineConfig)
_unit_decoder: Final = BasicDecoder(ModbusDeviceConfig)
_unit_encoder: Final = BasicEncoder(ModbusDeviceConfig, default_dialect=_Brief)
_metering_decoder: Final = BasicDecoder(MeteringConfig)
_metering_encoder: Final = BasicEncoder(MeteringConfig)


def line_config(data: Mapping[str, Any]) -> ModbusLineConfig:
    """Return the line that a subentry's data describe."""
    return _line_decoder.decode(dict(data))


def unit_config(data: Mapping[str, Any]) -> ModbusDeviceConfig:
    """Return the device that a subentry's data describe."""
    return _unit_decoder.decode(dict(data))


def metering_config(data: Mapping[str, Any] | None) -> MeteringConfig:
    """Return which points are meters; None: as the points themselves suggest."""
    return MeteringConfig() if data is None else _metering_decoder.decode(dict(data))


def metering_data(config: MeteringConfig) -> dict[str, Any]:
    """Return plain data that metering_config takes."""
    data: dict[str, Any] = _metering_encoder.encode(config)
    return data


def line_subentry(line: ModbusLineConfig) -> ConfigSubentryData:
    """Return the subentry of a line."""
    return ConfigSubentryData(
        data=_line_encoder.encode(line),
        subentry_type=SUBENTRY_LINE,
        title=line.name,
        unique_id=f"network:{line.network_id}",
    )


def unit_subentry(device: ModbusDeviceConfig) -> ConfigSubentryData:
    """Return the subentry of a device."""
    return ConfigSubentryData(
        data=_unit_encoder.encode(device),
        subentry_type=SUBENTRY_UNIT,
        title=device.name or str(device.unit_id),
        unique_id=f"device:{device.device_id}",
    )


def changed_unit_data(
    before: Mapping[str, Any], device: ModbusDeviceConfig
) -> dict[str, Any]:
    """Return a device's data after a change; what is not the device's own stays."""
    own = {item.name for item in fields(ModbusDeviceConfig)}
    kept = {key: value for key, value in before.items() if key not in own}
    changed: dict[str, Any] = kept | _unit_encoder.encode(device)
    return changed


def lines_of(entry: ConfigEntry) -> list[ModbusLineConfig]:
    """Return the lines configured."""
    return [
        line_config(item.data) for item in entry.get_subentries_of_type(SUBENTRY_LINE)
    ]


def line_of(entry: ConfigEntry, network_id: str) -> ModbusLineConfig | None:
    """Return a line, or None when it is not configured."""
    for item in entry.get_subentries_of_type(SUBENTRY_LINE):
        if item.data[CONF_NETWORK_ID] == network_id:
            return line_config(item.data)
    return None
