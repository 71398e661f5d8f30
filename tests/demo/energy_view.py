"""The dashboard's page of the meters, with a word on what nobody measured."""

from tests.home_assistant.plantroom import Entities

from .cards import Card, heading, history, mode, section, setpoint, tile, view
from .energy_history import DAYS

MAIN, LIGHTING, VENTILATION, COOLING = 1, 2, 3, 4
INVERTER = 1
ROOMS = {1: "Reception", 2: "Board room"}
POWER, ENERGY = "active_power", "active_energy_imported"
SOLAR_POWER, SOLAR_ENERGY = "m103_w", "m103_wh"
SUB_METERS = (
    (LIGHTING, "Lighting", "mdi:lightbulb"),
    (VENTILATION, "Ventilation", "mdi:fan"),
    (COOLING, "Cooling", "mdi:snowflake"),
)
TREND_HOURS = 0.2
# Lovelace breaks lines where the text does
NOTE = (
    "What the meters say here is read over Modbus from the simulated building.\n\n"
    f"**The history is seeded.** The {DAYS} days before this demo began, on the Energy "
    "dashboard and in the statistics, were computed by the demo and **measured by "
    "nobody**. From its start on the meters are counted.\n\n"
    "Demand is known when a quarter of an hour is over.\n\n"
    "[Open the Energy dashboard](/energy)"
)


def energy_view(entities: Entities) -> Card:
    """Return the page."""
    return view(
        "Energy",
        "energy",
        "mdi:lightning-bolt",
        meter_section(entities),
        demand_section(entities),
        section(
            heading("About these numbers", "mdi:information-outline"),
            {
                "type": "markdown",
                "content": NOTE,
                "grid_options": {"columns": "full"},
            },
            *room_cards(entities),
        ),
    )


def meter_section(entities: Entities) -> Card:
    """Return power and count of every meter."""
    rows = (
        (MAIN, POWER, ENERGY, "Main meter", "mdi:transmission-tower"),
        *((unit, POWER, ENERGY, name, icon) for unit, name, icon in SUB_METERS),
        (INVERTER, SOLAR_POWER, SOLAR_ENERGY, "Solar", "mdi:solar-power"),
    )
    return section(
        heading("Meters", "mdi:meter-electric"),
        *(
            card
            for unit, power, energy, name, icon in rows
            for card in (
                tile(entities.of_point(unit, power), name, color="amber", icon=icon),
                tile(entities.of_point(unit, energy), "Counted", icon="mdi:counter"),
            )
        ),
    )


def demand_section(entities: Entities) -> Card:
    """Return the main meter's demand and its peaks, and what makes it up."""
    power = entities.of_point(MAIN, POWER)
    parts = {
        entities.of_point(unit, POWER): name for unit, name, _ in reversed(SUB_METERS)
    }
    return section(
        heading("Demand of the main meter", "mdi:chart-bell-curve"),
        tile(entities.of_point(MAIN, f"{POWER}~demand"), "Last 15 minutes", columns=12),
        tile(entities.of_point(MAIN, f"{POWER}~demand_day"), "Peak today"),
        tile(entities.of_point(MAIN, f"{POWER}~demand_month"), "Peak this month"),
        history(
            {
                power: "Main meter",
                entities.of_point(INVERTER, SOLAR_POWER): "Solar",
                **parts,
            },
            hours=TREND_HOURS,
        ),
    )


def room_cards(entities: Entities) -> list[Card]:
    """Return the thermostats on the serial line."""
    cards: list[Card] = [heading("Thermostats", "mdi:thermostat")]
    for unit, name in ROOMS.items():
        heating = entities.of_point(unit, "heating_output")
        cards += [
            tile(entities.of_point(unit, "room_temperature"), name, color="orange"),
            tile(heating, "Heating", icon="mdi:radiator", color="red"),
            setpoint(entities.of_point(unit, "comfort_setpoint"), "Setpoint"),
            mode(entities.of_point(unit, "operating_mode_command"), "Mode"),
        ]
    return cards
