"""States of a point as a form's options, and back."""

from collections.abc import Iterable, Mapping, Sequence

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..engine.models import Point, PointKind, PointValue

_MOST_AT_A_GLANCE = 8


def state_options(point: Point | None, switch: tuple[str, str]) -> dict[str, str]:
    """Return a point's states as people read them, by their key; {} if not known.

    switch: off and on in the person's language.
    """
    if point is None:
        return {}
    if point.kind is PointKind.BINARY:
        texts = point.states if len(point.states) == len(switch) else switch
        return {str(n): text or switch[n] for n, text in enumerate(texts)}
    texts = point.states
    doubled = {text for text in texts if texts.count(text) > 1}
    return {
        str(n): f"{text} ({n})" if text in doubled or not text else text
        for n, text in enumerate(texts, start=1)
    }


def state_selector(
    options: Mapping[str, str], chosen: Iterable[str], *, multiple: bool = True
) -> SelectSelector:
    """Offer states; where none are known, any may be entered."""
    known = {**options, **{key: key for key in chosen if key not in options}}
    few = 0 < len(known) <= _MOST_AT_A_GLANCE
    return SelectSelector(
        SelectSelectorConfig(
            options=[SelectOptionDict(value=k, label=v) for k, v in known.items()],
            multiple=multiple,
            custom_value=not options,
            mode=(
                SelectSelectorMode.LIST
                if few and options
                else SelectSelectorMode.DROPDOWN
            ),
        )
    )


def state_key(point: Point | None, value: PointValue) -> str:
    """Return the key of a state given as value or text."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str) and point is not None:
        texts = [text.casefold() for text in point.states]
        if value.casefold() in texts:
            first = 0 if point.kind is PointKind.BINARY else 1
            return str(texts.index(value.casefold()) + first)
    return str(value)


def state_value(point: Point | None, key: str) -> PointValue:
    """Return the value that a key stands for; raises ValueError for none."""
    if point is None or point.kind is PointKind.TEXT:
        return key
    if point.kind is PointKind.BINARY:
        return bool(("0", "1").index(key))
    return int(key)


def state_values(point: Point | None, keys: Sequence[str]) -> tuple[PointValue, ...]:
    """Return the values that keys stand for; raises ValueError for an unknown one."""
    return tuple(state_value(point, key) for key in keys)
