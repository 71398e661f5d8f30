"""The dashboard that a building manager opens in the morning."""

import shutil
from pathlib import Path

from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.plantroom import Entities

from .air_handler import AIR_HANDLER, PICTURE, air_handler_section, temperature_section
from .alarm_view import alarm_view
from .cards import (
    Card,
    control,
    heading,
    history,
    past,
    rows,
    section,
    setpoint,
    tile,
    view,
)
from .energy_view import energy_view

PATH = "plant-room"
BOILER, CHILLER, WEATHER = 3001, 3002, 4001
ROOMS = tuple(range(2001, 2013))
TREND_HOURS = 0.2
PAST_NOTE = (
    "Read from the controllers' own logs when they were added. It is here within ten "
    "minutes: first Home Assistant has to make a statistic of its own."
)


async def make_dashboard(api: HomeAssistantApi, folder: Path) -> None:
    """Make the dashboard, or renew it, and the page that a person sees first."""
    entities = await Entities.load(api)
    shutil.copy(PICTURE, folder / "www")
    known = await api.command("lovelace/dashboards/list")
    if PATH not in {item["url_path"] for item in known}:
        await api.command(
            "lovelace/dashboards/create",
            url_path=PATH,
            title="Plant room",
            icon="mdi:office-building-cog",
            mode="storage",
            require_admin=False,
            show_in_sidebar=True,
        )
    devices = await api.command("config/device_registry/list")
    names = {d["id"]: d["name_by_user"] or d["name"] for d in devices}
    await api.command(
        "lovelace/config/save",
        url_path=PATH,
        config={"views": views(entities, names)},
    )
    await api.command(
        "frontend/set_user_data", key="core", value={"default_panel": PATH}
    )


def views(entities: Entities, names: dict[str, str]) -> list[Card]:
    """Return the pages; names are those of devices by their id."""
    return [
        view(
            "Building",
            "building",
            "mdi:office-building",
            air_handler_section(entities),
            section(
                *weather_section(entities)["cards"],
                *temperature_section(entities)["cards"],
            ),
            past_section(entities),
        ),
        view(
            "Rooms",
            "rooms",
            "mdi:door",
            *(room_section(entities, instance) for instance in ROOMS),
            columns=4,
        ),
        view(
            "Plant",
            "plant",
            "mdi:water-boiler",
            boiler_section(entities),
            chiller_section(entities),
            water_section(entities),
        ),
        energy_view(entities),
        alarm_view(entities, names),
        view(
            "Health",
            "health",
            "mdi:heart-pulse",
            connection_section(entities, names),
            override_section(entities, names),
            contact_section(entities),
        ),
    ]


def weather_section(entities: Entities) -> Card:
    """Return the weather on the roof."""
    shown = (
        ("analog-input,1", "Temperature", ""),
        ("analog-input,2", "Humidity", ""),
        ("analog-input,3", "Wind", ""),
        ("analog-input,5", "Sun", "mdi:white-balance-sunny"),
    )
    return section(
        heading("Outdoors", "mdi:weather-partly-cloudy"),
        *(
            tile(entities.of_point(WEATHER, ref), name, icon=icon)
            for ref, name, icon in shown
        ),
    )


def past_section(entities: Entities) -> Card:
    """Return what controllers kept in Trend Logs before Plantroom came."""
    return section(
        heading("Before Plantroom: from Trend Logs", "mdi:history"),
        past(
            {
                entities.of_point(AIR_HANDLER, "analog-input,1"): "Supply air",
                entities.of_point(AIR_HANDLER, "analog-input,2"): "Return air",
                entities.of_point(WEATHER, "analog-input,1"): "Outdoors",
            },
            days=14,
        ),
        {
            "type": "markdown",
            "content": PAST_NOTE,
            "grid_options": {"columns": "full"},
        },
        column_span=2,
    )


def room_section(entities: Entities, instance: int) -> Card:
    """Return one room: what it is, what it should be, and what its box does."""
    number = instance - 2000

    def point(reference: str) -> str:
        return entities.of_point(instance, reference)

    return section(
        heading(
            f"Room 1.{number:02}",
            "mdi:door",
            badges=(point("binary-input,1"), point("analog-input,4")),
        ),
        tile(point("analog-input,1"), "Temperature", color="orange"),
        tile(point("analog-output,2"), "Reheat", icon="mdi:radiator", color="red"),
        setpoint(point("analog-value,1"), "Setpoint"),
    )


def boiler_section(entities: Entities) -> Card:
    """Return the boiler plant."""

    def point(reference: str) -> str:
        return entities.of_point(BOILER, reference)

    return section(
        heading("Boilers", "mdi:water-boiler"),
        tile(point("analog-input,1"), "Supply water", color="red"),
        tile(point("analog-input,2"), "Return water", color="blue"),
        setpoint(point("analog-value,1"), "Supply setpoint"),
        control(
            point("binary-value,1"), "Enable", {"type": "toggle"}, icon="mdi:power"
        ),
        tile(point("multi-state-input,1"), "Burner", icon="mdi:fire"),
        tile(point("analog-output,1"), "Modulation", icon="mdi:fire-circle"),
        tile(point("analog-input,5"), "Pressure"),
        tile(point("large-analog-value,1"), "Heat delivered"),
    )


def chiller_section(entities: Entities) -> Card:
    """Return the chiller plant."""

    def point(reference: str) -> str:
        return entities.of_point(CHILLER, reference)

    return section(
        heading("Chiller", "mdi:snowflake"),
        tile(point("analog-input,1"), "Supply water", color="blue"),
        tile(point("analog-input,2"), "Return water", color="red"),
        setpoint(point("analog-value,1"), "Supply setpoint"),
        control(
            point("binary-value,1"), "Enable", {"type": "toggle"}, icon="mdi:power"
        ),
        tile(point("multi-state-input,1"), "State", icon="mdi:state-machine"),
        tile(point("analog-output,1"), "Capacity", icon="mdi:percent"),
        tile(point("analog-input,5"), "Electrical power"),
        tile(point("accumulator,1"), "Electricity"),
    )


def water_section(entities: Entities) -> Card:
    """Return the trends of the water temperatures and of the power."""
    return section(
        heading("Water temperatures and power", "mdi:chart-line"),
        history(
            {
                entities.of_point(BOILER, "analog-input,1"): "Hot water",
                entities.of_point(BOILER, "analog-input,2"): "Hot water return",
                entities.of_point(CHILLER, "analog-input,1"): "Chilled water",
                entities.of_point(CHILLER, "analog-input,2"): "Chilled water return",
            },
            hours=TREND_HOURS,
        ),
        history(
            {entities.of_point(CHILLER, "analog-input,5"): "Chiller"}, hours=TREND_HOURS
        ),
    )


def connection_section(entities: Entities, names: dict[str, str]) -> Card:
    """Return how networks and lines are, and whether each device answers."""
    network = [
        {**row, "name": f"{row['name']}{what}"}
        for key, what in (("network_health", ""), ("devices_online", ", online"))
        for row in by_device(entities, names, key)
    ]
    return section(
        heading("Devices", "mdi:lan"),
        rows(network),
        rows(by_device(entities, names, "connectivity")),
    )


def override_section(entities: Entities, names: dict[str, str]) -> Card:
    """Return which devices have points that somebody stronger commands."""
    return section(
        heading("Points overridden by others", "mdi:hand-back-right"),
        rows(by_device(entities, names, "overridden_points")),
    )


def contact_section(entities: Entities) -> Card:
    """Return the devices' own alarm contacts."""
    contacts = (
        (1001, "binary-input,3", "Filter loaded"),
        (1001, "binary-input,4", "Frost protection"),
        (1001, "binary-input,5", "Smoke in the supply duct"),
        (BOILER, "binary-input,4", "Low water in the boiler"),
        (CHILLER, "binary-input,4", "Chiller high pressure"),
    )
    return section(
        heading("Alarm contacts", "mdi:bell-outline"),
        *(
            tile(entities.of_point(d, ref), name, columns=12)
            for d, ref, name in contacts
        ),
    )


def by_device(
    entities: Entities, names: dict[str, str], key: str
) -> list[dict[str, str]]:
    """Return one row a device, called after the device."""
    found = [
        {"entity": e.entity_id, "name": names[e.device_id]}
        for e in entities.with_key(key)
        if e.device_id in names
    ]
    return sorted(found, key=lambda row: row["name"])
