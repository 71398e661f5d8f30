"""The few cards that the demo's dashboard is made of, as Lovelace's JSON."""

from typing import Any

type Card = dict[str, Any]

COLUMNS = 12


def heading(text: str, icon: str, *, badges: tuple[str, ...] = ()) -> Card:
    """Return the heading of a section; badges are entities shown beside it."""
    return {
        "type": "heading",
        "heading": text,
        "icon": icon,
        "badges": [{"type": "entity", "entity": entity} for entity in badges],
    }


def tile(
    entity: str, name: str, *, color: str = "", icon: str = "", columns: int = 6
) -> Card:
    """Return a tile that shows an entity."""
    card: Card = {
        "type": "tile",
        "entity": entity,
        "name": name,
        "grid_options": {"columns": columns, "rows": 1},
    }
    if color:
        card["color"] = color
    if icon:
        card["icon"] = icon
    return card


def control(
    entity: str, name: str, feature: Card, *, color: str = "", icon: str = ""
) -> Card:
    """Return a tile with a control on its right side: a setpoint, a mode, a switch."""
    card = tile(entity, name, color=color, icon=icon, columns=COLUMNS)
    return card | {"features": [feature], "features_position": "inline"}


def setpoint(entity: str, name: str, *, icon: str = "mdi:thermometer-check") -> Card:
    """Return a tile whose number a person moves with two buttons."""
    feature = {"type": "numeric-input", "style": "buttons"}
    return control(entity, name, feature, color="teal", icon=icon)


def mode(entity: str, name: str) -> Card:
    """Return a tile that a person chooses an option on."""
    return control(entity, name, {"type": "select-options"}, icon="mdi:cog-outline")


def history(entities: dict[str, str], *, hours: float) -> Card:
    """Return a trend; entities are names by entity id."""
    return {
        "type": "history-graph",
        "hours_to_show": hours,
        "entities": [{"entity": e, "name": name} for e, name in entities.items()],
        "grid_options": {"columns": "full"},
    }


def past(entities: dict[str, str], *, days: int) -> Card:
    """Return the hourly means of some days; entities are names by entity id."""
    return {
        "type": "statistics-graph",
        "days_to_show": days,
        "period": "hour",
        "stat_types": ["mean"],
        "entities": [{"entity": e, "name": name} for e, name in entities.items()],
        "grid_options": {"columns": "full"},
    }


def rows(entities: list[dict[str, str]], *, title: str = "") -> Card:
    """Return a list of entities, each with "entity" and "name"."""
    card: Card = {
        "type": "entities",
        "entities": entities,
        "grid_options": {"columns": "full"},
    }
    return card | ({"title": title} if title else {})


def section(*cards: Card, column_span: int = 1) -> Card:
    """Return a group of cards."""
    return {"type": "grid", "column_span": column_span, "cards": list(cards)}


def view(title: str, path: str, icon: str, *sections: Card, columns: int = 3) -> Card:
    """Return a page of the dashboard."""
    return {
        "type": "sections",
        "title": title,
        "path": path,
        "icon": icon,
        "max_columns": columns,
        "sections": list(sections),
    }
