"""Keys and names of SunSpec points, from what the definitions call them; pure."""

import re
from typing import Final

from .definitions import PointDefinition, Symbol
from .layout import Place
from .units import unit_is_lost

LONGEST_KEY: Final = 63
LONGEST_NAME: Final = 60

# What a model's points are headed by where a device has more than one sort of model
TITLES: Final = (
    (range(101, 114), "Inverter"),
    (range(120, 121), "Nameplate"),
    (range(121, 122), "Settings"),
    (range(122, 123), "Status"),
    (range(123, 124), ""),
    (range(124, 125), "Storage"),
    (range(160, 161), ""),
    (range(201, 221), "Meter"),
    (range(401, 405), "Combiner"),
    (range(501, 503), "Module"),
    (range(701, 702), "AC"),
    (range(702, 703), "Rating"),
    (range(704, 705), ""),
    (range(713, 714), "Storage"),
    (range(714, 715), ""),
    (range(801, 810), "Battery"),
)
_GROUP_NAMES: Final = {"module": "MPPT", "Prt": "DC port", "Crv": "Curve"}

# Of inverters (101 to 113) and meters (201 to 214), whose labels are "Amps PhaseA"
_AC_NAMES: Final = {
    "A": "Current",
    "DCA": "DC current",
    "DCV": "DC voltage",
    "DCW": "DC power",
    "Hz": "Frequency",
    "PF": "Power factor",
    "PPV": "Voltage",
    "PhV": "Voltage",
    "TotVAhExp": "Apparent energy exported",
    "TotVAhImp": "Apparent energy imported",
    "TotVArhExpQ3": "Reactive energy exported Q3",
    "TotVArhExpQ4": "Reactive energy exported Q4",
    "TotVArhImpQ1": "Reactive energy imported Q1",
    "TotVArhImpQ2": "Reactive energy imported Q2",
    "TotWhExp": "Energy exported",
    "TotWhImp": "Energy imported",
    "VA": "Apparent power",
    "VAR": "Reactive power",
    "VAr": "Reactive power",
    "W": "Power",
    "WH": "Energy",
}
_PHASES: Final = {
    "A": "L1",
    "B": "L2",
    "C": "L3",
    "AB": "L1-L2",
    "BC": "L2-L3",
    "CA": "L3-L1",
}
_PHASE: Final = re.compile(r"(?P<base>\w+?)[pP]h(?P<phase>AB|BC|CA|A|B|C)")
_NAMES: Final = {
    (123, "Conn"): "Connection",
    (123, "OutPFSet"): "Power factor setpoint",
    (123, "OutPFSet_Ena"): "Power factor setpoint enabled",
    (123, "WMaxLimPct"): "Power limit",
    (123, "WMaxLim_Ena"): "Power limit enabled",
    (124, "ChaSt"): "State",
    (124, "ChaState"): "State of charge",
    (124, "InBatV"): "Battery voltage",
    (124, "InWRte"): "Charge rate limit",
    (124, "MinRsvPct"): "Minimum reserve",
    (124, "OutWRte"): "Discharge rate limit",
    (124, "StorAval"): "Available charge",
    (124, "WChaMax"): "Maximum charge power",
    (701, "LLV"): "Voltage L-L",
    (701, "LNV"): "Voltage L-N",
    (704, "WMaxLimPct"): "Power limit",
    (704, "WMaxLimPctEna"): "Power limit enabled",
}
_ABBREVIATED: Final = re.compile(r"[A-Z][a-z]|[a-z][A-Z_]|_")
_EVENTS: Final = re.compile(r"event|alarm|alrm", re.IGNORECASE)
_NOT_IN_KEYS: Final = re.compile(r"[^a-z0-9]+")
_PREFIXES_OF_SYMBOLS: Final = re.compile(r"^(gg|M_EVENT_)(?=[A-Z])")


def title_of(model_id: int, label: str) -> str:
    """Return what heads a model's points, "" for nothing."""
    for ids, title in TITLES:
        if model_id in ids:
            return title
    return sentence(re.sub(r"\(.*?\)|\bModel\b|\bDER\b", "", label))


def key_of(model_id: int, number: int, places: tuple[Place, ...], name: str) -> str:
    """Return a point's key: "m103_w", "m160_module_1_dcw", "m203_2_hz"."""
    parts = [f"m{model_id}"]
    if number > 1:
        parts.append(str(number))
    for place in places:
        parts.append(place.group.name)
        if place.number is not None:
            parts.append(str(place.number))
    return slug("_".join((*parts, name)))


def slug(text: str) -> str:
    """Return text as a key can hold it."""
    return _NOT_IN_KEYS.sub("_", text.lower()).strip("_")[:LONGEST_KEY].rstrip("_")


def point_name(
    model_id: int, title: str, places: tuple[Place, ...], point: PointDefinition
) -> str:
    """Return a name as a person would say it: "Meter voltage L1", "MPPT 2 DC power"."""
    own = _own_name(model_id, point)
    if unit_is_lost(point.units):
        own = f"{own} ({point.units})"
    return _headed(title, places, own)


def bit_name(
    title: str, places: tuple[Place, ...], point: PointDefinition, symbol: Symbol
) -> str:
    """Return the name of one bit: "MPPT 2 arc detection"; of a status, with its name."""
    text = state_text(symbol)
    label = point.label or point.name
    if not _EVENTS.search(label):
        text = f"{sentence(label)}: {_lower_first(text)}"
    return _headed(title, places, text)


def bit_key(key: str, symbol: Symbol) -> str:
    """Return the key of one bit of the point with a key."""
    name = _PREFIXES_OF_SYMBOLS.sub("", symbol.name)
    return slug(f"{key[: LONGEST_KEY - 24]}_{name}")


def is_reserved(symbol: Symbol) -> bool:
    """Return whether a symbol only keeps a place for a later standard."""
    return "RESERVED" in symbol.name.upper()


def _headed(title: str, places: tuple[Place, ...], own: str) -> str:
    """Return a name behind its title, which is not said twice."""
    if (
        title
        and own.split(maxsplit=1)[0].casefold() == title.split(maxsplit=1)[0].casefold()
    ):
        title = ""
    heads = [title, *(_place_name(place) for place in places)]
    head = " ".join(filter(None, heads))
    if head:
        own = f"{head} {_lower_first(own)}"
    return own[:LONGEST_NAME].rstrip()


def sentence(text: str) -> str:
    """Return a title as a sentence: "Cabinet Temperature" → "Cabinet temperature"."""
    words = text.split()
    return " ".join(
        word if number == 0 else _lower_first(word) for number, word in enumerate(words)
    )


def state_text(symbol: Symbol) -> str:
    """Return a symbol as a person reads it: "SHUTTING_DOWN" → "Shutting down"."""
    if symbol.label:
        return sentence(symbol.label)
    words = _PREFIXES_OF_SYMBOLS.sub("", symbol.name).replace("_", " ").split()
    text = " ".join(word if word in _ACRONYMS else word.lower() for word in words)
    return text[:1].upper() + text[1:]


_ACRONYMS: Final = frozenset(
    {"AC", "CT", "DC", "EV", "GFDI", "HW", "LV", "HV", "MPPT", "PF", "PV", "SOC", "VA"}
)


def _own_name(model_id: int, point: PointDefinition) -> str:
    known = _NAMES.get((model_id, point.name))
    if known is not None:
        return known
    if model_id in range(101, 114) or model_id in range(201, 215):
        spoken = _ac_name(point.name)
        if spoken:
            return spoken
    label = point.label or point.name
    if label != point.name or not _ABBREVIATED.search(label):
        return sentence(label)
    first = point.description.split(". ")[0].rstrip(".")
    if 0 < len(first) <= LONGEST_NAME - 20:
        return sentence(first)
    return label


def _ac_name(name: str) -> str:
    """Return the name of an AC measurement of the whole or of a phase, or ""."""
    if name in ("PhV", "PPV"):
        return "Voltage L-N" if name == "PhV" else "Voltage L-L"
    if name in _AC_NAMES:
        return _AC_NAMES[name]
    match = _PHASE.fullmatch(name)
    if match is None or match["base"] not in _AC_NAMES:
        return ""
    return f"{_AC_NAMES[match['base']]} {_PHASES[match['phase']]}"


def _place_name(place: Place) -> str:
    group = place.group
    name = _GROUP_NAMES.get(group.name) or sentence(group.label or group.name)
    return name if place.number is None else f"{name} {place.number}"


def _lower_first(word: str) -> str:
    """Return a word with a small first letter, unless it is an abbreviation."""
    first, _, rest = word.partition(" ")
    if len(first) > 1 and first[0].isupper() and first[1:].islower():
        first = first.lower()
    return f"{first} {rest}" if rest else first
