"""What the form of a Modbus line says to answers that do not work."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    LineInUseError,
    LineUnreachableError,
    StorageError,
)

from .fake_engine import World
from .flow_steps import SERIAL, TCP, answer, start_line

pytestmark = pytest.mark.usefixtures("world")
TLS = {**TCP, "transport": "tls", "port": 802}


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({**TCP, "host": "http://meters"}, {"host": "bad_host"}),
        ({**TCP, "host": " "}, {"host": "bad_host"}),
        ({**SERIAL, "baudrate": "fast"}, {"baudrate": "bad_baudrate"}),
        ({**SERIAL, "baudrate": "299"}, {"baudrate": "bad_baudrate"}),
        ({**SERIAL, "device": ""}, {"device": "bad_device"}),
        ({**TLS, "certificate_file": "/own.pem"}, {"key_file": "bad_key_file"}),
    ],
)
async def test_what_cannot_be_a_line_is_not_tried(
    hass: HomeAssistant, world: World, answers: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await answer(hass, await start_line(hass), answers)
    assert result["errors"] == errors
    assert world.connections == []


def unreachable(reason: str) -> LineUnreachableError:
    return LineUnreachableError("cannot", line="Riser", reason=reason)


@pytest.mark.parametrize(
    ("answers", "failure", "errors"),
    [
        (TCP, unreachable("refused"), {"port": "line_refused"}),
        (TCP, unreachable("timeout"), {"host": "line_timeout"}),
        (TCP, unreachable("no_route"), {"host": "line_no_route"}),
        (TCP, unreachable("unknown_host"), {"host": "line_unknown_host"}),
        (TCP, unreachable("breaks"), {"host": "line_breaks"}),
        (TCP, unreachable("other"), {"base": "line_failed"}),
        (TCP, unreachable("of a kind to come"), {"base": "line_failed"}),
        (TLS, unreachable("tls"), {"port": "line_tls"}),
        (TLS, unreachable("missing"), {"base": "line_file_missing"}),
        (SERIAL, unreachable("missing"), {"device": "line_missing"}),
        (SERIAL, unreachable("no_permission"), {"device": "line_no_permission"}),
        (SERIAL, unreachable("busy"), {"device": "line_busy"}),
        (SERIAL, unreachable("not_a_port"), {"device": "line_not_a_port"}),
        (
            SERIAL,
            LineInUseError("in use", line="Riser", reason="9600 8N1", owner="Roof"),
            {"device": "line_in_use"},
        ),
        (
            TCP,
            LineInUseError("in use", line="Riser", reason="TLS", owner=""),
            {"host": "line_in_use_unknown"},
        ),
        (TCP, StorageError("no room", path="", reason=""), {"base": "line_failed"}),
    ],
)
async def test_a_line_that_does_not_open_says_what_to_do(
    hass: HomeAssistant,
    world: World,
    answers: dict[str, Any],
    failure: Exception,
    errors: dict[str, str],
) -> None:
    world.failures["read_registers"] = failure
    result = await answer(hass, await start_line(hass), answers)
    assert (result["step_id"], result["errors"]) == ("modbus_line", errors)
    said = result["description_placeholders"]
    assert said.keys() >= {"host", "port", "device", "owner", "reason", "message"}
    assert world.running == []
    world.failures.clear()
    assert (await answer(hass, result, answers))["step_id"] == "no_units"


async def test_an_engine_that_does_not_start_is_an_error(
    hass: HomeAssistant, world: World
) -> None:
    world.failures["configure"] = StorageError("no room", path="", reason="")
    result = await answer(hass, await start_line(hass), TCP)
    assert result["errors"] == {"base": "line_failed"}
    assert result["description_placeholders"]["message"] == "no room"
    assert world.running == []


async def test_a_line_that_takes_forever_is_given_up(
    hass: HomeAssistant, world: World
) -> None:
    world.failures["read_registers"] = TimeoutError()
    result = await answer(hass, await start_line(hass), TCP)
    assert result["errors"] == {"host": "line_timeout"}


@pytest.mark.parametrize(
    "failure",
    [
        DeviceOfflineError("silent", device="unit 1"),
        DeviceRefusedError("no", device="unit 1", reason="illegal-data-address"),
    ],
)
async def test_who_answers_does_not_matter_to_the_line(
    hass: HomeAssistant, world: World, failure: Exception
) -> None:
    world.failures["read_registers"] = failure
    assert (await answer(hass, await start_line(hass), TCP))["step_id"] == "no_units"
