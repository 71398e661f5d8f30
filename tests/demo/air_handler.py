"""The air handler on the dashboard: its schematic with live values, controls and trends."""

from pathlib import Path

from tests.home_assistant.plantroom import Entities

from .cards import (
    COLUMNS,
    Card,
    control,
    heading,
    history,
    mode,
    section,
    setpoint,
    tile,
)

AIR_HANDLER = 1001
PICTURE = Path(__file__).parent / "pictures" / "air_handler.svg"
TREND_HOURS = 0.2

# Where the values stand on the picture, in percent of its width and height.
LABELS: tuple[tuple[str, float, float], ...] = (
    ("analog-input,4", 11, 68),
    ("analog-output,3", 17, 47),
    ("analog-input,3", 28.1, 68),
    ("analog-input,8", 35.3, 47),
    ("analog-output,4", 45.7, 47),
    ("analog-output,5", 57.3, 47),
    ("analog-input,10", 67.2, 47),
    ("analog-input,5", 77.5, 68),
    ("analog-input,1", 88.5, 68),
    ("analog-input,11", 53.5, 25),
    ("analog-input,9", 75.2, 25),
    ("analog-input,2", 87.5, 25),
)


def air_handler_section(entities: Entities) -> Card:
    """Return the air handler: what runs, what it is told, what it does."""

    def point(reference: str) -> str:
        return entities.of_point(AIR_HANDLER, reference)

    toggle: Card = {"type": "toggle"}
    return section(
        heading("Air handler AHU-1", "mdi:hvac"),
        schematic(entities),
        mode(point("multi-state-value,1"), "Mode"),
        setpoint(point("analog-value,1"), "Supply air"),
        setpoint(point("analog-value,2"), "Duct pressure", icon="mdi:gauge"),
        control(point("binary-value,1"), "Enable", toggle, icon="mdi:power"),
        tile(point("multi-state-input,1"), "State", icon="mdi:state-machine"),
        tile(point("analog-input,7"), "Supply flow", icon="mdi:weather-windy"),
        tile(point("binary-input,3"), "Filter", icon="mdi:air-filter"),
        tile(point("binary-input,4"), "Frost", icon="mdi:snowflake-alert"),
        column_span=2,
    )


def schematic(entities: Entities) -> Card:
    """Return the picture of the air handler with live values on it."""
    labels = [
        {
            "type": "state-label",
            "entity": entities.of_point(AIR_HANDLER, reference),
            "style": _label_style(left, top),
        }
        for reference, left, top in LABELS
    ]
    return {
        "type": "picture-elements",
        "image": f"/local/{PICTURE.name}",
        "elements": labels,
        "grid_options": {"columns": COLUMNS * 2},
    }


def temperature_section(entities: Entities) -> Card:
    """Return the trends of the air handler's temperatures."""
    names = {
        "analog-input,1": "Supply",
        "analog-value,1": "Setpoint",
        "analog-input,2": "Return",
        "analog-input,3": "Mixed",
        "analog-input,4": "Outdoor",
    }
    trend = {entities.of_point(AIR_HANDLER, ref): name for ref, name in names.items()}
    return section(
        heading("Air temperatures", "mdi:chart-line"),
        history(trend, hours=TREND_HOURS),
    )


def _label_style(left: float, top: float) -> dict[str, str]:
    return {
        "left": f"{left}%",
        "top": f"{top}%",
        "color": "#1c2b36",
        "background": "rgba(255, 255, 255, 0.85)",
        "border-radius": "6px",
        "font-size": "clamp(7px, 0.95vw, 12px)",
        "font-weight": "500",
        "white-space": "nowrap",
    }
