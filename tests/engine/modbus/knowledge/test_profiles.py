"""The loader of profiles: strict about each file, and untroubled by a broken one."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    profile_from_dict,
    read_profile,
)
from custom_components.plantroom.engine.modbus.knowledge.profiles import (
    SHIPPED,
    Profiles,
)


def meter(**changes: Any) -> dict[str, Any]:
    return {
        "id": "acme-meter",
        "maker": "Acme",
        "model": "Meter",
        "kind": "electricity_meter",
        "source": {"document": "Acme Meter, register list"},
        "points": [{"key": "voltage", "name": "Voltage", "address": 0}],
        **changes,
    }


def point(**changes: Any) -> dict[str, Any]:
    return meter(
        points=[
            {"key": "current", "name": "Current", "address": 4},
            {"key": "voltage", "name": "Voltage", "address": 0, **changes},
        ]
    )


def keep(folder: Path, content: object, name: str = "acme-meter.json") -> Path:
    path = folder / "profiles" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "a profile is an object"),
        (meter(maker=None), "maker: None is of the wrong type"),
        (meter(source={}), "source.document is missing"),
        (meter(limits={"gap": "wide"}), "limits.gap: wide is not allowed"),
        (meter(id="Acme Meter"), "id 'Acme Meter' is not an id"),
        (meter(kind="toaster"), "kind must be one of electricity_meter"),
        (meter(points=[]), "points must not be empty"),
        (meter(points=meter()["points"] * 2), "points use a key twice: voltage"),
        (meter(points=["voltage"]), "points[0]: a point is an object"),
        (meter(colour="red"), "colour: there is no such key"),
        (point(minimun=3), "points[1].minimun: there is no such key"),
        (point(address=1.5), "points[1].address: 1.5 is of the wrong type"),
        (point(address="0x10"), "points[1] voltage: address: 0x10 is not allowed"),
        (point(writable=1), "points[1].writable: 1 is of the wrong type"),
        (point(space="memory"), "points[1] voltage: space: memory is not allowed"),
        (point(bit=16), "points[1] voltage: voltage bit and bits must lie within"),
        (point(key=None), "points[1] None: key"),
    ],
)
def test_a_fault_is_named_with_its_place(content: object, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        profile_from_dict(content)
    assert str(caught.value).startswith(reason)


def test_an_editor_may_find_its_schema_in_the_file() -> None:
    profile = profile_from_dict(meter(**{"$schema": "device-profile.schema.json"}))
    assert profile.id == "acme-meter"


def test_a_file_is_named_by_the_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not the file's name"):
        read_profile(keep(tmp_path, meter(), "other.json"))


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", "\ufeff{}", "NaN"])
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigurationError):
        read_profile(keep(tmp_path, content))


async def test_every_profile_that_comes_with_us_is_loaded() -> None:
    profiles = Profiles(None)
    await profiles.load()
    shipped = {path.stem for path in SHIPPED.glob("*.json")}
    assert {summary.id for summary in profiles.summaries()} == shipped


async def test_a_users_own_profile_is_found_and_summed_up(tmp_path: Path) -> None:
    keep(tmp_path, meter())
    profiles = Profiles(tmp_path)
    await profiles.load()
    found = profiles.get("acme-meter")
    assert found is not None
    assert found.maker == "Acme"
    (summary,) = [one for one in profiles.summaries() if one.id == "acme-meter"]
    assert (summary.points, summary.document) == (1, "Acme Meter, register list")


async def test_a_users_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    ours = Profiles(None)
    await ours.load()
    taken = ours.summaries()[0].id
    keep(tmp_path, meter(id=taken), f"{taken}.json")
    profiles = Profiles(tmp_path)
    await profiles.load()
    replaced = profiles.get(taken)
    assert replaced is not None
    assert replaced.maker == "Acme"
    assert len(profiles.summaries()) == len(ours.summaries())


async def test_a_broken_file_is_left_out_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(tmp_path, meter())
    keep(tmp_path, point(minimun=3), "broken.json")
    profiles = Profiles(tmp_path)
    await profiles.load()
    assert profiles.get("acme-meter") is not None
    assert profiles.get("broken") is None
    (record,) = caplog.records
    assert record.getMessage() == (
        "Device profile broken.json is left out:"
        " points[1].minimun: there is no such key"
    )


async def test_a_profile_written_meanwhile_is_found_by_loading_again(
    tmp_path: Path,
) -> None:
    profiles = Profiles(tmp_path)
    await profiles.load()
    assert profiles.get("acme-meter") is None
    keep(tmp_path, meter())
    await profiles.load()
    assert profiles.get("acme-meter") is not None
