"""The dashboard's page of the alarms: what is open, who is quiet, what happened."""

from tests.home_assistant.plantroom import Entities, Entity

from .cards import Card, heading, rows, section, tile, view

SEVERITIES = (
    ("critical", "red", "mdi:alert-octagram"),
    ("high", "deep-orange", "mdi:alert"),
    ("medium", "amber", "mdi:alert-circle"),
    ("low", "light-blue", "mdi:information"),
)
TOLD_HOURS = 24
# What has alarms of its own or of a rule
WATCHED = (
    *((1001, f"binary-input,{number}") for number in (1, 3, 4, 5)),
    (1001, "analog-input,8"),
    *((instance, "analog-input,1") for instance in range(2001, 2013)),
    (3001, "binary-input,4"),
    (3002, "analog-input,1"),
)


def alarm_view(entities: Entities, names: dict[str, str]) -> Card:
    """Return the page; names are those of devices by their id."""
    return view(
        "Alarms",
        "alarms",
        "mdi:bell-ring",
        list_section(entities),
        device_section(entities, names),
        section(*told_cards(entities), *maintenance_cards(entities, names)),
    )


def list_section(entities: Entities) -> Card:
    """Return how many alarms there are, and the list that staff tick off."""
    todo = next(e.entity_id for e in entities.all if e.platform == "todo")
    return section(
        heading("Open alarms", "mdi:bell-ring"),
        *(
            tile(_only(entities, f"-{key}_alarms"), key.title(), color=color, icon=icon)
            for key, color, icon in SEVERITIES
        ),
        {"type": "todo-list", "entity": todo, "grid_options": {"columns": "full"}},
    )


def device_section(entities: Entities, names: dict[str, str]) -> Card:
    """Return which devices have alarms; those without are left out."""
    return section(
        heading("Devices with alarms", "mdi:alert"),
        {
            "type": "entity-filter",
            "entities": _rows(entities, names, "alarm"),
            "conditions": [{"condition": "state", "state": "on"}],
            "card": {"type": "entities", "show_header_toggle": False},
            "grid_options": {"columns": "full"},
        },
    )


def told_cards(entities: Entities) -> list[Card]:
    """Return what happened, as the logbook tells it: by the point that it was about."""
    points = [entities.of_point(*point) for point in WATCHED]
    return [
        heading("What happened", "mdi:format-list-bulleted"),
        {
            "type": "logbook",
            "target": {"entity_id": points},
            "hours_to_show": TOLD_HOURS,
            "grid_options": {"columns": "full", "rows": 6},
        },
    ]


def maintenance_cards(entities: Entities, names: dict[str, str]) -> list[Card]:
    """Return the switches that keep the alarms of networks and the site quiet."""
    return [
        heading("Maintenance: alarms call nobody", "mdi:wrench-clock"),
        rows(_rows(entities, names, "maintenance_mode", of_devices=False)),
    ]


def _name(entity: Entity, names: dict[str, str]) -> str:
    """Return what the row of an entity is called; the site's is called after the entry."""
    name = names[entity.device_id or ""]
    return "Everything" if name.startswith("Plantroom") else name


def _rows(
    entities: Entities, names: dict[str, str], key: str, *, of_devices: bool = True
) -> list[dict[str, str]]:
    found = [
        {"entity": e.entity_id, "name": _name(e, names)}
        for e in entities.with_key(f"-{key}")
        if e.device_id in names and of_devices is _is_of_device(e)
    ]
    return sorted(found, key=lambda row: row["name"])


def _is_of_device(entity: Entity) -> bool:
    """Return whether an alarm entity is a device's: network, device and key."""
    return entity.unique_id.count(":") > 1


def _only(entities: Entities, key: str) -> str:
    return entities.with_key(key)[0].entity_id
