"""What a point's entity is called."""

import re
from typing import Final

from .engine.models import Point

_SEPARATORS: Final = " ._-:/\\'|"
_MAX_NAME: Final = 200
_BLANKS: Final = re.compile(r"\s+")


def entity_name(point: Point, device_name: str, *, from_description: bool) -> str:
    """Return the name of a point's entity below its device's name.

    "AHU-1.SupplyTemp" on device "AHU-1" is "SupplyTemp": Home Assistant puts the
    device's name before it. A point without any text is called by its reference.
    """
    name = _one_line(point.name)
    description = _one_line(point.description)
    if from_description:
        name = description or name
    elif not name:
        name = description
    return without_prefix(name, _one_line(device_name)) or point.reference


def without_prefix(name: str, prefix: str) -> str:
    """Return a name without its device's, when that ends at a separator.

    "VAV01.Setpoint" on "VAV-01" is "Setpoint": separators and case do not count.
    """
    letters = iter(enumerate(name))
    end = 0
    for wanted in prefix.casefold():
        if wanted in _SEPARATORS:
            continue
        end, found = next(
            ((n + 1, c) for n, c in letters if c not in _SEPARATORS), (0, "")
        )
        if found.casefold() != wanted:
            return name
    rest = name[end:]
    stripped = rest.strip(_SEPARATORS)
    if not end or not stripped or rest[0] not in _SEPARATORS:
        return name
    return stripped


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()[:_MAX_NAME]
