"""docs/site.schema.json: what an editor, and --site, know of a site in YAML.

Made from the dataclasses that the engine takes, so that the two cannot say different
things.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from inspect import cleandoc
from typing import Any, Final, TypeAliasType, get_args, get_type_hints

from mashumaro.jsonschema import build_json_schema

from custom_components.plantroom.engine.modbus.registers.register_map import KEY
from custom_components.plantroom.engine.secure_connect.configuration import (
    MAX_NETWORK_NUMBER,
)
from custom_components.plantroom.engine.site_config import MAX_INSTANCE, SiteConfig

_LIMITS: Final = (
    ("BacnetNetworkConfig", "port", 1, 65535),
    ("BacnetNetworkConfig", "instance", 0, MAX_INSTANCE),
    ("BacnetNetworkConfig", "bbmd_ttl", 15, 65535),
    ("BacnetDeviceConfig", "instance", 0, MAX_INSTANCE),
    ("BacnetDeviceConfig", "poll_seconds", 1, 86400),
    ("BacnetDeviceConfig", "priority", 1, 16),
    ("ModbusLineConfig", "port", 1, 65535),
    ("ModbusLineConfig", "baudrate", 300, 4_000_000),
    ("ModbusLineConfig", "timeout_seconds", 0.05, 60),
    ("ModbusLineConfig", "spacing_seconds", 0, 5),
    ("ModbusDeviceConfig", "unit_id", 0, 255),
    ("ModbusDeviceConfig", "poll_seconds", 0.1, 86400),
    ("RegisterPoint", "address", 0, 65535),
    ("MqttInletConfig", "port", 1, 65535),
    ("SecureNetworkConfig", "instance", 0, MAX_INSTANCE),
    ("SecureNetworkConfig", "direct_port", 0, 65535),
    ("SecureHubConfig", "port", 1, 65535),
    ("SecureHubConfig", "max_nodes", 1, 10000),
    ("RoutedNetworkConfig", "number", 1, MAX_NETWORK_NUMBER),
)


def site_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a site."""
    built: dict[str, Any] = build_json_schema(
        SiteConfig, all_refs=True, with_dialect_uri=True
    ).to_dict()
    parts = built["$defs"]
    for part in {SiteConfig, *_parts_of(SiteConfig)}:
        parts[part.__name__]["description"] = cleandoc(part.__doc__ or "")
    for part_name, name, least, most in _LIMITS:
        parts[part_name]["properties"][name] |= {"minimum": least, "maximum": most}
    register = parts["RegisterPoint"]["properties"]
    register["key"]["pattern"] = f"^{KEY.pattern}$"
    register["states"]["propertyNames"]["pattern"] = "^-?[0-9]+$"
    register["category"]["enum"] = ["", "diagnostic", "configuration"]
    return built


def _parts_of(shape: Any) -> Iterator[type]:
    """Yield the dataclasses that a type is made of, again and again if need be."""
    if isinstance(shape, TypeAliasType):
        shape = shape.__value__
    for each in get_args(shape):
        yield from _parts_of(each)
    if isinstance(shape, type) and is_dataclass(shape):
        yield shape
        hints = get_type_hints(shape)
        for each in fields(shape):
            yield from _parts_of(hints[each.name])
