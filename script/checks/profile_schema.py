"""docs/device-profile.schema.json: what an editor knows of a device profile.

Made from the dataclasses that read profiles, so that the two cannot say different things.
"""

import json
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

from mashumaro.jsonschema import build_json_schema

from custom_components.plantroom.engine.modbus.knowledge.profile import (
    KINDS,
    PROFILE_ID,
    DeviceProfile,
    Identification,
    ProfileSource,
    RegisterSign,
    RequestLimits,
    SerialDefaults,
    TestVector,
)
from custom_components.plantroom.engine.modbus.knowledge.suggested_alarm import (
    SuggestedAlarm,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    KEY,
    RegisterPoint,
)

PATH = Path("docs") / "device-profile.schema.json"
PARTS = (
    DeviceProfile,
    Identification,
    ProfileSource,
    RegisterPoint,
    RegisterSign,
    RequestLimits,
    SerialDefaults,
    SuggestedAlarm,
    TestVector,
)


def check(root: Path) -> Iterator[str]:
    """Yield the fault of a schema that is out of date."""
    path = root / PATH
    if not path.exists() or path.read_text(encoding="utf-8") != text():
        yield f"{PATH} is out of date: run script/write_docs.py"


def text() -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a device profile."""
    built: dict[str, Any] = build_json_schema(
        DeviceProfile, all_refs=True, with_dialect_uri=True
    ).to_dict()
    parts = built["$defs"]
    for part in PARTS:
        parts[part.__name__]["description"] = cleandoc(part.__doc__ or "")
    profile = parts["DeviceProfile"]["properties"]
    profile["$schema"] = {"type": "string"}
    profile["id"]["pattern"] = f"^{PROFILE_ID.pattern}$"
    profile["kind"]["enum"] = list(KINDS)
    profile["points"]["minItems"] = 1
    point = parts["RegisterPoint"]["properties"]
    point["key"]["pattern"] = f"^{KEY.pattern}$"
    point["address"] |= {"minimum": 0, "maximum": 65535}
    point["states"]["propertyNames"]["pattern"] = "^-?[0-9]+$"
    point["category"]["enum"] = ["", "diagnostic", "configuration"]
    parts["SuggestedAlarm"]["properties"]["key"]["pattern"] = f"^{KEY.pattern}$"
    return built
