"""The floors and rooms of the office, made before Plantroom so that it can suggest areas."""

from tests.home_assistant.api import HomeAssistantApi

ROOMS = tuple(f"Room 1.{number:02}" for number in range(1, 13))
FLOORS: tuple[tuple[str, int, str, tuple[str, ...]], ...] = (
    ("Basement", -1, "mdi:home-floor-b", ("Basement",)),
    ("Floor 1", 1, "mdi:home-floor-1", ROOMS),
    ("Roof", 2, "mdi:home-roof", ("Roof",)),
)
ICONS = {"Basement": "mdi:water-boiler", "Roof": "mdi:hvac"}


async def make_floors(api: HomeAssistantApi) -> None:
    """Make floors and areas, unless they are there."""
    known = {area["name"] for area in await api.command("config/area_registry/list")}
    if known.issuperset(ROOMS):
        return
    for name, level, icon, areas in FLOORS:
        floor = await api.command(
            "config/floor_registry/create", name=name, level=level, icon=icon
        )
        for area in areas:
            if area in known:
                continue
            await api.command(
                "config/area_registry/create",
                name=area,
                floor_id=floor["floor_id"],
                icon=ICONS.get(area, "mdi:door"),
            )
