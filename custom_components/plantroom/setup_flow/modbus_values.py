"""Live values as a person reads them in a dialogue: a table in Markdown."""

from collections.abc import Iterable, Sequence
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..engine.models import Point, PointKind, PointValue, Reading
from ..point_values import option_of, shown_number, shown_switch, state_options
from ..unit_table import unit_row

_TEXTS: Final = f"component.{DOMAIN}.selector.values_table.options."
MOST_ROWS: Final = 40

type Row = tuple[Point, Reading]


async def values_table(
    hass: HomeAssistant, points: Sequence[Row], most: int = MOST_ROWS
) -> str:
    """Return the values as a table, those that people look at daily first."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    daily_first = sorted(points, key=lambda row: row[0].enabled is False)
    table = markdown_table(
        (texts[_TEXTS + "point"], texts[_TEXTS + "value"]),
        (
            (point.name, value_text(point, reading))
            for point, reading in daily_first[:most]
        ),
    )
    rest = len(points) - most
    if rest <= 0:
        return table
    return f"{table}\n\n{texts[_TEXTS + 'more'].format(count=rest)}"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; all but the first column are aligned to the right."""
    columns = [":---", *("---:" for _ in header[1:])]
    lines = [[*header], columns, *([_cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def value_text(point: Point, reading: Reading) -> str:
    """Return a value with its unit, or why there is none."""
    if reading.error:
        return f"— ({reading.error})"
    return plain_value(point, reading.value)


def plain_value(point: Point, value: PointValue) -> str:
    """Return a value with its unit, or the device's own word for it."""
    if value is None:
        return "—"
    if point.kind is PointKind.MULTI_STATE:
        options = state_options(point.states, point.maximum)
        return option_of(value, options) or str(value)
    if point.kind is PointKind.BINARY:
        return _switch_text(point, value)
    number = shown_number(value)
    if number is None:
        return str(value)
    unit = unit_row(point.unit).unit
    # Small ones whole: they may be what the wrong order of words makes of a value
    text = f"{round(number, 3) if abs(number) >= 1 else number:.10g}"
    return f"{text} {unit}" if unit else text


def _switch_text(point: Point, value: PointValue) -> str:
    active = shown_switch(value)
    if active is None:
        return str(value)
    texts = point.states if len(point.states) == 2 else ("0", "1")
    return texts[active]


def _cell(text: str) -> str:
    """Return a text that cannot end its cell, its row or be taken for a tag."""
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
