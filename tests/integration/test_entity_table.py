"""Which entity shows a point."""

import pytest
from homeassistant.const import EntityCategory, Platform

from custom_components.plantroom.engine.models import Access, PointKind
from custom_components.plantroom.entity_table import entity_row, is_daily

from .office import point


@pytest.mark.parametrize(
    ("reference", "facts", "writable", "platform"),
    [
        ("analog-input,1", {}, False, Platform.SENSOR),
        ("analog-input,1", {"access": Access.PLAIN}, True, Platform.SENSOR),
        ("analog-output,1", {}, False, Platform.NUMBER),
        ("analog-value,1", {"access": Access.PLAIN}, False, Platform.SENSOR),
        ("analog-value,1", {"access": Access.PLAIN}, True, Platform.NUMBER),
        ("analog-value,1", {"access": Access.READ_ONLY}, True, Platform.SENSOR),
        ("integer-value,1", {}, False, Platform.NUMBER),
        ("binary-input,1", {}, False, Platform.BINARY_SENSOR),
        ("binary-value,1", {}, False, Platform.SWITCH),
        ("binary-value,1", {"access": Access.PLAIN}, False, Platform.BINARY_SENSOR),
        ("multi-state-output,1", {"states": ("A",)}, False, Platform.SELECT),
        ("multi-state-output,1", {"maximum": 3}, False, Platform.SELECT),
        ("multi-state-output,1", {}, False, Platform.NUMBER),
        ("multi-state-input,1", {}, False, Platform.SENSOR),
        ("characterstring-value,1", {}, False, Platform.TEXT),
        ("characterstring-value,1", {"access": Access.PLAIN}, False, Platform.SENSOR),
        ("accumulator,1", {"access": Access.PLAIN}, True, Platform.SENSOR),
        ("loop,1", {"access": Access.COMMANDABLE}, True, Platform.SENSOR),
    ],
)
def test_platform_follows_kind_role_and_access(reference, facts, writable, platform):
    row = entity_row(point(reference, **facts), writable=writable)
    assert row.platform is platform


@pytest.mark.parametrize(
    ("reference", "facts", "device_class", "state_class"),
    [
        ("analog-input,1", {"unit": "degrees-celsius"}, "temperature", "measurement"),
        ("analog-input,1", {"unit": "kilowatt-hours"}, "energy", "total_increasing"),
        ("accumulator,1", {"unit": "cubic-meters"}, "volume", "total_increasing"),
        ("analog-input,1", {"unit": "liters"}, "volume", "total"),
        ("accumulator,1", {}, None, "total_increasing"),
        ("accumulator,1", {"unit": "watts"}, "power", "measurement"),
        ("analog-input,1", {"unit": "percent"}, None, "measurement"),
        ("analog-input,1", {"unit": "parts-per-million"}, None, "measurement"),
        ("integer-value,1", {"access": Access.PLAIN}, None, None),
    ],
)
def test_classes_follow_unit_and_kind(reference, facts, device_class, state_class):
    row = entity_row(point(reference, **facts))
    assert (row.device_class, row.state_class) == (device_class, state_class)


def test_parts_per_million_are_carbon_dioxide_where_the_point_says_so():
    row = entity_row(point("analog-input,1", "RoomCO2", unit="parts-per-million"))
    assert row.device_class == "carbon_dioxide"


@pytest.mark.parametrize(
    ("facts", "limits"),
    [
        ({"unit": "percent"}, (0, 100)),
        ({"unit": "percent", "minimum": 20.0}, (20, 100)),
        ({"unit": "percent", "minimum": 5.0, "maximum": 5.0}, (0, 100)),
        ({"unit": "degrees-celsius", "maximum": float("inf")}, (-50, 150)),
        ({"minimum": -3.4e38, "maximum": 3.4e38}, (-1e6, 1e6)),
        ({"minimum": float("nan"), "maximum": 40.0}, (-1e6, 40)),
        ({"kind": PointKind.MULTI_STATE}, (1, 65535)),
    ],
)
def test_limits_are_the_devices_where_sensible_or_the_units(facts, limits):
    row = entity_row(point("analog-value,1", **facts))
    assert (row.minimum, row.maximum) == limits


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"resolution": 0.10000000149011612}, 0.1),
        ({"resolution": 1e-7, "unit": "degrees-celsius"}, 0.1),
        ({"resolution": float("nan"), "unit": "percent"}, 1),
        ({"resolution": 500.0, "unit": "percent"}, 1),
        ({"minimum": 0.0, "maximum": 1.0}, 0.01),
        ({"kind": PointKind.INTEGER}, 1),
    ],
)
def test_step_is_the_resolution_where_sensible(facts, step):
    assert entity_row(point("analog-value,1", **facts)).step == step


@pytest.mark.parametrize(
    ("facts", "precision"),
    [
        ({"resolution": 0.5}, 1),
        ({"resolution": 0.01}, 2),
        ({"resolution": 10.0}, 0),
        ({"unit": "percent"}, 1),
        ({"unit": "degrees-celsius"}, None),
        ({}, 2),
        ({"kind": PointKind.INTEGER}, 0),
    ],
)
def test_precision_follows_resolution_then_unit(facts, precision):
    assert entity_row(point("analog-input,1", **facts)).precision == precision


@pytest.mark.parametrize(
    ("reference", "name", "facts", "daily"),
    [
        ("analog-input,1", "x", {}, True),
        ("binary-output,1", "x", {}, True),
        ("analog-value,1", "x", {}, True),
        ("analog-value,1", "Kp gain", {}, False),
        ("analog-value,1", "x", {"access": Access.PLAIN}, False),
        ("analog-value,1", "x", {"access": Access.PLAIN, "unit": "watts"}, True),
        ("analog-value,1", "x", {"access": Access.PLAIN, "unit": "no-units"}, False),
        ("analog-value,1", "x", {"access": Access.PLAIN, "description": "y"}, True),
        ("loop,1", "x", {"unit": "percent"}, False),
    ],
)
def test_what_nobody_reads_daily_comes_disabled(reference, name, facts, daily):
    assert is_daily(point(reference, name, **facts)) is daily
    assert entity_row(point(reference, name, **facts)).enabled is daily


def test_tuning_is_configuration_when_written_and_diagnostic_when_read():
    tuning = point("analog-value,1", "FanDelay")
    assert entity_row(tuning).category is EntityCategory.CONFIG
    read = point("analog-value,1", "FanDelay", access=Access.READ_ONLY)
    assert entity_row(read).category is EntityCategory.DIAGNOSTIC


@pytest.mark.parametrize(
    ("states", "device_class"),
    [
        (("Normal", "Alarm"), "problem"),
        (("Alarm", "Normal"), None),
        (("Stopped", "Running"), "running"),
        (("Vacant", "Occupied"), "occupancy"),
        (("Closed", "Open"), None),
    ],
)
def test_active_text_says_what_a_binary_input_is(states, device_class):
    row = entity_row(point("binary-input,1", "B1", states=states))
    assert row.device_class == device_class
