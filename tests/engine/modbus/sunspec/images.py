"""Register images of SunSpec devices, encoded by pysunspec2 and by nothing of ours."""

import json
import random
from importlib.resources import files
from typing import Any

from sunspec2 import device, mb

BASE = 40000
END = b"\xff\xff\x00\x00"
MODELS = files("sunspec2") / "models" / "json"
CAPTURES = ("device_1547", "inverter_123")

type Definition = dict[str, Any]


def words_of(octets: bytes) -> list[int]:
    return [int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets) & ~1, 2)]


def image_of(*models: dict[str, Any]) -> list[int]:
    """Return the words of models given by their values, from the marker to the end."""
    built = device.Device()
    built._set_dict({"name": "image", "models": list(models)})
    return words_of(b"SunS" + built.get_mb() + END)


def captured(name: str) -> list[int]:
    """Return the image of a device that pysunspec2 has among its test data."""
    path = files("sunspec2") / "tests" / "test_data" / f"{name}.json"
    return image_of(*json.loads(path.read_text())["models"])


def model_ids() -> list[int]:
    """Return every model that SunSpec has published, but the common one."""
    numbers = [
        int(path.name.removeprefix("model_").removesuffix(".json"))
        for path in MODELS.iterdir()
        if path.name.startswith("model_")
    ]
    return sorted(number for number in numbers if number != 1)


def common(maker: str = "Acme", model: str = "Sun 10") -> dict[str, Any]:
    return {
        "ID": 1,
        "Mn": maker,
        "Md": model,
        "Vr": "1.2.3",
        "SN": "A-0815",
        "DA": 1,
    }


def invented(model_id: int, seed: int = 1) -> dict[str, Any]:
    """Return random values for every point of a model, two of each repeating group."""
    definition = json.loads((MODELS / f"model_{model_id}.json").read_text())["group"]
    counts = _counts(definition)
    values = _group(definition, counts, random.Random(f"{model_id} {seed}"))
    return {**values, "ID": model_id}


def _counts(group: Definition) -> set[str]:
    names = {group["count"]} if isinstance(group.get("count"), str) else set()
    return names.union(*(_counts(below) for below in group.get("groups", ())))


def _group(
    group: Definition, counts: set[str], numbers: random.Random
) -> dict[str, Any]:
    values = {
        point["name"]: 2 if point["name"] in counts else _value(point, numbers)
        for point in group["points"]
        if point["name"] not in ("ID", "L")
    }
    for below in group.get("groups", ()):
        if below.get("count") is None:
            values[below["name"]] = _group(below, counts, numbers)
        else:
            values[below["name"]] = [_group(below, counts, numbers) for _ in range(2)]
    return values


def _value(point: Definition, numbers: random.Random) -> Any:
    """Return a value that fits, now and then none."""
    kind = point["type"]
    if kind == "sunssf":
        return numbers.randint(-4, 3)
    if kind == "pad" or (kind != "string" and numbers.random() < 0.15):
        return None if kind != "pad" else 0
    if point.get("symbols") and kind.startswith("enum"):
        return numbers.choice(point["symbols"])["value"]
    bits = 16 * point["size"]
    match kind:
        case "string":
            return "".join(numbers.choices("SunSpec 123", k=2 * point["size"]))
        case "float32":
            return round(numbers.uniform(-1e4, 1e4), 2)
        case "ipaddr" | "eui48" | "ipv6addr":
            return None
        case "int16" | "int32" | "int64":
            return numbers.randint(-(1 << bits - 1) + 1, (1 << bits - 1) - 1)
    return numbers.randint(1, (1 << min(bits, 48)) - 2)


def not_implemented(kind: str) -> int:
    """Return what pysunspec2 writes where there is no value."""
    return int(mb.unimpl_value[kind])
