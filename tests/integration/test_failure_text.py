"""What dialogues say of a failure, in the language of the house."""

import pytest
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    LineUnreachableError,
    UnknownTargetError,
)
from custom_components.plantroom.failure_text import Failure, failure_text
from custom_components.plantroom.setup_flow.network_check import NetworkFaultError

UNREACHABLE = LineUnreachableError("raw", line="Riser", reason="refused")


@pytest.mark.parametrize(
    ("language", "err", "text"),
    [
        ("en", TimeoutError(), "That took too long."),
        ("de", TimeoutError(), "Das hat zu lange gedauert."),
        ("nl", UNREACHABLE, "Riser"),
        ("en", UNREACHABLE, "The line Riser cannot be reached: it refuses connections"),
        ("en", DeviceOfflineError("raw", device="unit 5"), "Device unit 5 does not"),
        (
            "en",
            NetworkFaultError("base", "line_failed", {"message": "no room"}),
            "The line could not be opened: no room",
        ),
        ("en", NetworkFaultError("base", "of_a_later_version", {}), "of_a_later"),
        ("en", UnknownTargetError("no line a", target="a"), "That does not exist"),
    ],
)
async def test_a_failure_is_a_sentence_in_the_language_of_the_house(
    hass: HomeAssistant, language: str, err: Failure, text: str
) -> None:
    hass.config.language = language
    said = await failure_text(hass, err)
    assert text in said
    assert "raw" not in said


async def test_a_line_that_fails_in_an_unknown_way_says_what_the_engine_says(
    hass: HomeAssistant,
) -> None:
    err = LineUnreachableError("cable cut", line="Riser", reason="of a later version")
    assert await failure_text(hass, err) == (
        "The line Riser cannot be reached: cable cut"
    )
