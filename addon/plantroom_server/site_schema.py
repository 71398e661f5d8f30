"""docs/site.schema.json: what an editor, and --site, know of a site in YAML.

Made from the dataclasses that the engine takes, so that the two cannot say different
things.
"""

from inspect import cleandoc
from typing import Any, Final

from mashumaro.jsonschema import build_json_schema

from custom_components.plantroom.engine.energy.configuration import (
    CounterConfig,
    MeteringConfig,
)
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
)
from custom_components.plantroom.engine.modbus.register_map import KEY, RegisterPoint
from custom_components.plantroom.engine.site_config import (
    MAX_INSTANCE,
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    SiteConfig,
)

PARTS: Final = (
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    CounterConfig,
    MeteringConfig,
    ModbusDeviceConfig,
    ModbusLineConfig,
    RegisterPoint,
    SiteConfig,
)
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
)


def site_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a site."""
    built: dict[str, Any] = build_json_schema(
        SiteConfig, all_refs=True, with_dialect_uri=True
    ).to_dict()
    parts = built["$defs"]
    for part in PARTS:
        parts[part.__name__]["description"] = cleandoc(part.__doc__ or "")
    for part_name, name, least, most in _LIMITS:
        parts[part_name]["properties"][name] |= {"minimum": least, "maximum": most}
    register = parts["RegisterPoint"]["properties"]
    register["key"]["pattern"] = f"^{KEY.pattern}$"
    register["states"]["propertyNames"]["pattern"] = "^-?[0-9]+$"
    register["category"]["enum"] = ["", "diagnostic", "configuration"]
    return built
