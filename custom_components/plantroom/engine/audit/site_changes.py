"""What another configuration changes, as a person would tell it; pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..models import PointValue

LONGEST_VALUE: Final = 200
# A change of more options than this is one row: a register map that was replaced
MOST_OPTIONS: Final = 40

_NETWORKS: Final = ("networks", "modbus_lines")
_DEVICES: Final = ("devices", "modbus_devices")
# What tells the items of a list apart, wherever the list is
_IDENTITIES: Final = (
    "rule_id",
    "key",
    "reference",
    "severity",
    "hub_id",
    "store_id",
    "subscription_id",
)
# That these changed is told, and not what they are
_NEVER_SHOWN: Final = frozenset(
    {"client_key", "http_token", "password", "private_key", "redis_url"}
)
_HIDDEN: Final = "(secret)"
_UNSAID: Final = frozenset({"changed_by"})

type _Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChange:
    """One change; subject: a network's or device's id, a rule's alarm id, "" the site.

    option: what of it changed, with dots between its parts; "" for all of it.
    """

    action: str
    subject: str
    option: str = ""
    old: PointValue = None
    new: PointValue = None


def site_changes(old: _Plain, new: _Plain) -> list[SiteChange]:
    """Return what differs between two sites as plain data, networks first."""
    return [
        *_of_items("network", _networks(old), _networks(new)),
        *_of_items("device", _devices(old), _devices(new)),
        *_of_items("alarm_rule", _rules(old), _rules(new)),
        *_options("", _rest(old), _rest(new)),
    ]


def _of_items(
    kind: str, old: dict[str, _Plain], new: dict[str, _Plain]
) -> Iterator[SiteChange]:
    for key, item in old.items():
        if key not in new:
            yield SiteChange(action=f"remove_{kind}", subject=key, old=_named(item))
    for key, item in new.items():
        if key not in old:
            yield SiteChange(action=f"add_{kind}", subject=key, new=_named(item))
        else:
            yield from _options(key, old[key], item)


def _options(subject: str, old: _Plain, new: _Plain) -> Iterator[SiteChange]:
    before, after = dict(_leaves(old)), dict(_leaves(new))
    changed = [
        option
        for option in dict.fromkeys([*before, *after])
        if before.get(option) != after.get(option)
    ]
    if len(changed) > MOST_OPTIONS:
        yield SiteChange(
            action="configure",
            subject=subject,
            option=f"{len(changed)} options: {changed[0]}, …",
            old=_shown(_without_secrets(before)),
            new=_shown(_without_secrets(after)),
        )
        return
    before, after = _without_secrets(before), _without_secrets(after)
    for option in changed:
        yield SiteChange(
            action="configure",
            subject=subject,
            option=option,
            old=_shown(before.get(option)),
            new=_shown(after.get(option)),
        )


def _without_secrets(options: _Plain) -> dict[str, Any]:
    """Return options with a word for each secret there is."""
    return {
        option: _HIDDEN
        if value and option.rpartition(".")[2] in _NEVER_SHOWN
        else value
        for option, value in options.items()
    }


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every option in a value with its name; a list of plain values is one."""
    parts: list[tuple[str, Any]]
    if isinstance(value, Mapping):
        parts = [*value.items()]
    elif key := _identity(value):
        parts = [(str(item[key]), item) for item in value]
    else:
        yield path, value
        return
    for name, part in parts:
        yield from _leaves(part, f"{path}.{name}" if path else str(name))


def _identity(value: Any) -> str:
    """Return what tells a list's items apart, "" where nothing does."""
    if not isinstance(value, list) or not value:
        return ""
    for name in _IDENTITIES:
        if all(isinstance(item, Mapping) and name in item for item in value):
            return name
    return ""


def _networks(site: _Plain) -> dict[str, _Plain]:
    secure = site.get("secure_connect", {}).get("networks", ())
    plain = (item for name in _NETWORKS for item in site.get(name, ()))
    return {item["network_id"]: item for item in (*plain, *secure)}


def _devices(site: _Plain) -> dict[str, _Plain]:
    return {
        f"{item['network_id']}:{item.get('instance', item.get('unit_id'))}": item
        for name in _DEVICES
        for item in site.get(name, ())
    }


def _rules(site: _Plain) -> dict[str, _Plain]:
    rules = site.get("alarming", {}).get("rules", ())
    return {f"rule:{item['rule_id']}": item for item in rules}


def _rest(site: _Plain) -> _Plain:
    told = {*_NETWORKS, *_DEVICES, *_UNSAID}
    rest = {name: value for name, value in site.items() if name not in told}
    alarming = rest.get("alarming", {})
    others = {
        name: value
        for name, value in alarming.items()
        if name not in ("rules", "words")
    }
    secure = rest.get("secure_connect", {})
    shared = {name: value for name, value in secure.items() if name != "networks"}
    return rest | {"alarming": others, "secure_connect": shared}


def _named(item: _Plain) -> PointValue:
    """Return what a person knows an item by, before all that is said of it."""
    first = {name: item[name] for name in ("name", "profile", "kind") if item.get(name)}
    return _shown(first | {name: each for name, each in item.items() if each})


def _shown(value: Any) -> PointValue:
    """Return a value as a row can hold it; of a long one the beginning and a digest."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= LONGEST_VALUE:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return f"{text[:LONGEST_VALUE]}… (SHA-256 {digest[:16]})"
