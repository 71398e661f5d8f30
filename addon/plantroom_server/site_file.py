"""A site in YAML, read strictly; every fault is told with its line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast, get_args, get_type_hints

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from mashumaro.codecs.basic import BasicDecoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.site_config import SiteConfig

from .site_schema import site_schema

type Place = tuple[str | int, ...]

MOST_FAULTS: Final = 20
LONGEST_FILE: Final = 16 * 1024 * 1024


class SiteFileError(ValueError):
    """The file cannot be served; each line of the message names one of its lines."""


def read_site_file(path: Path) -> SiteConfig:
    """Return the site in a file, or raise SiteFileError; blocks."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise SiteFileError(f"{path}: is too long")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        raise SiteFileError(f"{path}: {err}") from err
    try:
        return read_site(text)
    except SiteFaultsError as err:
        faults = sorted(err.faults)[:MOST_FAULTS]
        raise SiteFileError(
            "\n".join(f"{path}:{line}: {fault}" for line, fault in faults)
        ) from err


class SiteFaultsError(Exception):
    """What is wrong with a site, as (line from 1, fault)."""

    def __init__(self, faults: Iterable[tuple[int, str]]) -> None:
        """Keep the faults."""
        super().__init__("the site is wrong")
        self.faults = tuple(faults)


def read_site(text: str) -> SiteConfig:
    """Return the site in YAML, or raise SiteFaultsError."""
    lines: dict[Place, int] = {(): 1}
    try:
        data = _parsed(text, lines)
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        line = 1 if mark is None else mark.line + 1
        raise SiteFaultsError([(line, f"{err.problem or err.context}")]) from err
    except (yaml.YAMLError, RecursionError, ValueError) as err:
        raise SiteFaultsError([(1, str(err))]) from err
    data = {} if data is None else data
    faults = [
        (_line(lines, place), f"{_shown(place)}{fault}")
        for place, fault in _faults(data)
    ]
    if faults:
        raise SiteFaultsError(faults)
    site: SiteConfig = _decoder(SiteConfig).decode(data)
    return site


def _parsed(text: str, lines: dict[Place, int]) -> Any:
    """Return the data in YAML and note on which line each part begins."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _built(loader, node, (), lines)
    finally:
        loader.dispose()


def _built(
    loader: yaml.SafeLoader, node: yaml.Node, place: Place, lines: dict[Place, int]
) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    match node:
        case yaml.MappingNode():
            _refuse_twice(node)
            loader.flatten_mapping(node)
            return _built_map(loader, node, place, lines)
        case yaml.SequenceNode():
            return [
                _built(loader, each, (*place, index), lines)
                for index, each in enumerate(node.value)
            ]
    return loader.construct_object(node)


def _built_map(
    loader: yaml.SafeLoader,
    node: yaml.MappingNode,
    place: Place,
    lines: dict[Place, int],
) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        lines[(*place, key)] = key_node.start_mark.line + 1
        built[key] = _built(loader, value_node, (*place, key), lines)
    return built


def _refuse_twice(node: yaml.MappingNode) -> None:
    keys: set[str] = set()
    for key_node, _ in node.value:
        if key_node.value in keys:
            raise yaml.MarkedYAMLError(
                problem=f"{key_node.value} is given twice",
                problem_mark=key_node.start_mark,
            )
        keys.add(str(key_node.value))


def _faults(data: Any) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong: of the form first, only then of what the form means."""
    wrong_form = [*_wrong_form(data)]
    yield from wrong_form
    if not wrong_form:
        yield from _cannot_work(SiteConfig, data, ())


def _wrong_form(data: Any) -> Iterator[tuple[Place, str]]:
    for error in _validator().iter_errors(data):
        closest = _closest(error)
        place = tuple(closest.absolute_path)
        if closest.validator == "additionalProperties":
            known = cast("Mapping[str, Any]", closest.schema)["properties"]
            given = cast("Mapping[str, Any]", closest.instance)
            for key in given.keys() - known.keys():
                yield (*place, key), "there is no such key"
        else:
            yield place, _told(closest, place)


def _told(error: ValidationError, place: Place) -> str:
    """Return the fault without what may be a password."""
    secret = isinstance(error.instance, dict | list) or place[:1] == ("gateway",)
    if secret and error.validator == "type":
        return f"is not of type {error.validator_value!r}"
    return error.message


def _closest(error: ValidationError) -> ValidationError:
    """Return the fault that an alternative of the schema is nearest to fit but for."""
    while error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))
    return error


def _cannot_work(kind: Any, data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield what a dataclass refuses, what is in it before itself."""
    inside = [
        fault
        for name, part in _parts(kind)
        for fault in _cannot_work_below(part, data.get(name), (*place, name))
    ]
    if inside:
        yield from inside
        return
    try:
        _decoder(kind).decode(data)
    except ConfigurationError as err:
        name = err.facts.get("field", "")
        yield (*place, name) if name in data else place, str(err)
    except (InvalidFieldValue, MissingField, ValueError) as err:
        yield place, str(err)


def _cannot_work_below(
    part: Any, data: Any, place: Place
) -> Iterator[tuple[Place, str]]:
    if isinstance(data, Mapping):
        yield from _cannot_work(part, data, place)
    elif isinstance(data, list):
        for index, each in enumerate(data):
            yield from _cannot_work(part, each, (*place, index))


@cache
def _parts(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a dataclass that hold one or more dataclasses, and which."""
    hints = get_type_hints(kind)
    return tuple(
        (each.name, part)
        for each in fields(kind)
        for part in (hints[each.name], *get_args(hints[each.name]))
        if is_dataclass(part)
    )


@cache
def _decoder(kind: Any) -> BasicDecoder[Any]:
    return BasicDecoder(kind)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(site_schema())


def _line(lines: Mapping[Place, int], place: Place) -> int:
    while place not in lines:
        place = place[:-1]
    return lines[place]


def _shown(place: Place) -> str:
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return f"{text.removeprefix('.')}: " if text else ""
