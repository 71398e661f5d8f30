"""What a meter is to the building, and what it can be by what it counts; pure."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from ..engine.models import Quantity


class DashboardRole(StrEnum):
    """What a meter is to the building."""

    GRID = "grid"
    SOLAR = "solar"
    GAS = "gas"
    WATER = "water"
    CONSUMER = "consumer"
    WATER_CONSUMER = "water_consumer"


ROLE_OF_QUANTITY: Final = {
    Quantity.ENERGY_IMPORT: DashboardRole.CONSUMER,
    Quantity.ENERGY_EXPORT: DashboardRole.GRID,
    Quantity.ENERGY_PRODUCTION: DashboardRole.SOLAR,
    Quantity.HEAT: DashboardRole.CONSUMER,
    Quantity.COOLING: DashboardRole.CONSUMER,
    Quantity.GAS: DashboardRole.GAS,
    Quantity.WATER: DashboardRole.WATER,
}
# A power is made energy of where a device counts none
_OF_POWER: Final = {
    Quantity.POWER: DashboardRole.CONSUMER,
    Quantity.POWER_PRODUCTION: DashboardRole.SOLAR,
}
_ENERGY: Final = {
    DashboardRole.GRID,
    DashboardRole.SOLAR,
    DashboardRole.GAS,
    DashboardRole.CONSUMER,
}
_VOLUMES: Final = {
    DashboardRole.WATER: {DashboardRole.WATER, DashboardRole.WATER_CONSUMER},
    DashboardRole.GAS: {DashboardRole.GAS},
}


def natural_roles(quantities: Collection[Quantity]) -> set[DashboardRole]:
    """Return what a device with points of these quantities is, if nobody says else."""
    roles = {ROLE_OF_QUANTITY[q] for q in quantities if q in ROLE_OF_QUANTITY}
    if Quantity.ENERGY_IMPORT in quantities:
        # What it gives back shows with what it takes
        roles.discard(DashboardRole.GRID)
    return roles or {_OF_POWER[q] for q in quantities if q in _OF_POWER}


def roles_that_fit(natural: Collection[DashboardRole]) -> set[DashboardRole]:
    """Return the roles that a device can have: volumes and energies do not mix."""
    return {role for one in natural for role in _VOLUMES.get(one, _ENERGY)}


def fits(natural: DashboardRole, wanted: DashboardRole) -> bool:
    """Return whether a meter can take a role."""
    return wanted in roles_that_fit([natural])
