"""Units are the standard's, whoever else wrote them down."""

import pytest
from bac_py.types.enums import EngineeringUnits as PeerUnits
from bacpypes3.basetypes import EngineeringUnits

from custom_components.plantroom.engine.bacnet.names.units import (
    UNITS,
    unit_name,
    unit_symbol,
)

WRITTEN_OTHERWISE = {232: "decibels-a", 234: "ph"}
NAMED_OTHERWISE_BY_PEER = {190, 237, 245, 247}


def test_every_unit_of_bacpypes3_has_its_name():
    theirs = dict(EngineeringUnits._asn1_map) | WRITTEN_OTHERWISE
    assert len(theirs) > 250
    assert {number: UNITS.known.get(number) for number in theirs} == theirs


def test_units_of_newer_revisions_agree_with_a_second_library():
    theirs = {
        unit.value: unit.name.lower().replace("_", "-")
        for unit in PeerUnits
        if unit.value not in NAMED_OTHERWISE_BY_PEER
    }
    assert {number: UNITS.known.get(number) for number in theirs} == theirs
    assert max(theirs) > 47808


def test_names_are_unique():
    assert len(set(UNITS.known.values())) == len(UNITS.known)


def test_no_units_is_no_name():
    assert unit_name(95) == ""


@pytest.mark.parametrize("number", [255, 256, 47807, 65535])
def test_unknown_unit_keeps_its_number(number):
    assert unit_name(number) == f"unit-{number}"
    assert UNITS.number(f"unit-{number}") == number
    assert unit_symbol(f"unit-{number}") == f"unit-{number}"


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("degrees-celsius", "°C"),
        ("cubic-meters-per-hour", "m³/h"),
        ("kilowatt-hours", "kWh"),
        ("parts-per-million", "ppm"),
        ("per-minute", "1/min"),
        ("meters-per-second-per-second", "m/s²"),
        ("watts-per-square-meter-degree-kelvin", "W/(m²·K)"),
        ("micrograms-per-cubic-meter", "µg/m³"),
        ("grams-of-water-per-kilogram-dry-air", "g/kg"),
        ("kilowatt-per-ton-refrigeration", "kW/TR"),
        ("miles-per-hour", "mph"),
        ("power-factor", ""),
        ("volumetric-flow3", "volumetric-flow3"),
        ("per-", "per-"),
        ("", ""),
    ],
)
def test_symbol_of_a_unit(name, symbol):
    assert unit_symbol(name) == symbol


def test_only_units_without_a_meaning_have_no_symbol():
    without = {name for name in UNITS.known.values() if unit_symbol(name) == name}
    assert {name.rstrip("0123456789") for name in without} == {
        "no-units",
        "currency",
        "volume",
        "volumetric-flow",
        "site-unit",
        "active-energy-pulse-value",
        "reactive-energy-pulse-value",
        "apparent-energy-pulse-value",
        "volt-squared-hour-pulse-value",
        "ampere-squared-hour-pulse-value",
        "cubic-meter-pulse-value",
    }
