"""One device profile as a JSON file: read strictly, so that no typing error is lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from ...errors import ConfigurationError
from ..registers.register_map import RegisterPoint
from .profile import DeviceProfile
from .suggested_alarm import SuggestedAlarm

_profiles = BasicDecoder(DeviceProfile)
_parts: dict[str, tuple[str, BasicDecoder[Any]]] = {
    "points": ("a point", BasicDecoder(RegisterPoint)),
    "alarms": ("an alarm", BasicDecoder(SuggestedAlarm)),
}
_encoder = BasicEncoder(DeviceProfile)


def read_profile(path: Path) -> DeviceProfile:
    """Return the profile in a file, whose name is its id; blocks.

    Raises ConfigurationError saying where in the file and why.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as err:
        raise ConfigurationError(str(err), field="") from err
    profile = profile_from_dict(data)
    if profile.id != path.stem:
        raise ConfigurationError(
            f"id: {profile.id!r} is not the file's name", field="id"
        )
    return profile


def profile_from_dict(data: object) -> DeviceProfile:
    """Return the profile in plain data; ConfigurationError says where and why."""
    if not isinstance(data, dict):
        raise ConfigurationError("a profile is an object", field="")
    try:
        profile = _profiles.decode(data)
    except ConfigurationError:
        raise
    except (MissingField, InvalidFieldValue, TypeError, ValueError) as err:
        place, reason = _culprit(data, err)
        raise ConfigurationError(f"{place}{reason}", field=place.rstrip(": ")) from err
    for fault in _misread(data, _encoder.encode(profile), ""):
        raise ConfigurationError(fault, field=fault.partition(":")[0])
    return profile


def _culprit(data: dict[str, Any], err: Exception) -> tuple[str, str]:
    """Return which point or alarm is wrong, where it is one, and what is wrong."""
    for name, index, part in _listed(data):
        called, decoder = _parts[name]
        if not isinstance(part, dict):
            return f"{name}[{index}]: ", f"{called} is an object"
        try:
            decoder.decode(part)
        except (
            ConfigurationError,
            MissingField,
            InvalidFieldValue,
            TypeError,
            ValueError,
        ) as inner:
            return f"{name}[{index}] {part.get('key', '')}: ", _innermost(inner)
    return "", _innermost(err)


def _listed(data: dict[str, Any]) -> Iterator[tuple[str, int, Any]]:
    for name in _parts:
        found = data.get(name)
        for index, part in enumerate(found if isinstance(found, list) else ()):
            yield name, index, part


def _innermost(err: BaseException) -> str:
    """Return the reason closest to what is wrong, behind the path that leads there."""
    path = []
    while isinstance(err, InvalidFieldValue):
        path.append(err.field_name)
        if not isinstance(
            err.__context__, ConfigurationError | InvalidFieldValue | MissingField
        ):
            shown = str(err.field_value)[:60]
            return f"{'.'.join(path)}: {shown} is not allowed"
        err = err.__context__
    if isinstance(err, MissingField):
        return f"{'.'.join((*path, err.field_name))} is missing"
    return str(err)


def _misread(given: Any, taken: Any, path: str) -> Iterator[str]:
    """Yield what the decoder left out, or took for something else than was written."""
    match given, taken:
        case dict(), dict():
            for key, value in given.items():
                below = f"{path}.{key}" if path else str(key)
                if key in taken:
                    yield from _misread(value, taken[key], below)
                elif below != "$schema":
                    yield f"{below}: there is no such key"
        case list(), list():
            for index, (one, other) in enumerate(zip(given, taken, strict=True)):
                yield from _misread(one, other, f"{path}[{index}]")
        case _:
            if given != taken or isinstance(given, bool) != isinstance(taken, bool):
                yield f"{path}: {given!r} is of the wrong type"
