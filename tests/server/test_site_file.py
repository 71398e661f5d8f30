"""A site in YAML is the same SiteConfig; what is wrong is told with its line."""

import json
from pathlib import Path

import pytest
from plantroom_server.site_file import (
    SiteFaultsError,
    SiteFileError,
    read_site,
    read_site_file,
)
from plantroom_server.site_schema import site_schema

from custom_components.plantroom.engine.modbus.configuration import Parity
from custom_components.plantroom.engine.site_config import (
    SiteConfig,
    site_config_to_dict,
)

SITE = """\
networks:
  - network_id: lan
    name: Automation network
    address: 192.168.1.10/24
devices:
  - network_id: lan
    instance: 1001
    points: ["analog-input,1"]
    metering:
      demand_minutes: 30
modbus_lines:
  - network_id: bus
    name: Meters
    transport: serial
    device: /dev/ttyUSB0
    parity: E
modbus_devices:
  - network_id: bus
    unit_id: 1
    profile: sdm630
  - network_id: bus
    unit_id: 2
    registers:
      - {key: power, name: Power, address: 0, type: float32, unit: watts}
      - key: state
        name: State
        address: 2
        states: {0: "off", 1: "on"}
"""


def faults_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(SiteFaultsError) as caught:
        read_site(text)
    return sorted(caught.value.faults)


def test_site_is_what_home_assistant_would_push():
    site = read_site(SITE)
    assert site.devices[0].device_id == "lan:1001"
    assert site.devices[0].metering.demand_minutes == 30
    assert site.modbus_lines[0].parity is Parity.EVEN
    assert site.modbus_devices[1].registers[1].states == {"0": "off", "1": "on"}


def test_site_as_json_is_yaml_too():
    site = read_site(SITE)
    assert read_site(json.dumps(site_config_to_dict(site))) == site


@pytest.mark.parametrize("text", ["", "# nothing yet", "{}", "networks: []"])
def test_empty_site_serves_nothing(text: str):
    assert read_site(text) == SiteConfig()


def test_anchors_and_merges_save_writing():
    site = read_site(
        """\
networks:
  - {network_id: lan, name: LAN, address: 10.0.0.1/8}
devices:
  - &usual {network_id: lan, instance: 1, poll_seconds: 30}
  - {<<: *usual, instance: 2}
"""
    )
    assert [d.instance for d in site.devices] == [1, 2]
    assert {d.poll_seconds for d in site.devices} == {30}


@pytest.mark.parametrize(
    ("before", "after", "line", "fault"),
    [
        ("name: Automation", "nmae: Automation", 3, "nmae: there is no such key"),
        ("name: Automation network", "name: 5", 3, "5 is not of type 'string'"),
        ("    name: Automation network\n", "", 2, "'name' is a required property"),
        ("192.168.1.10/24", "192.168.1.999/24", 4, "address"),
        ("instance: 1001", "instance: 9999999", 7, "greater than the maximum"),
        ("instance: 1001", "instance: true", 7, "is not of type 'integer'"),
        ("network_id: lan\n    instance", "network_id: wan\n    instance", 5,
         "name the unknown network wan"),
        ('["analog-input,1"]', '["analog-input"]', 8, "must be references"),
        ('["analog-input,1"]', "all", 8, "'all' is not"),
        ("demand_minutes: 30", "demand_minutes: 7", 10, "must be 5, 10, 15"),
        ("transport: serial", "transport: udp", 14, "'udp' is not one of"),
        ("device: /dev/ttyUSB0", 'device: ""', 15, "must name the serial port"),
        ("profile: sdm630", "swap_words: false", 18, "or registers must be given"),
        ("type: float32", "type: float33", 24, "'float33' is not one of"),
        ("key: state", "key: power", 23, "use a key twice"),
        ("key: state", "key: State", 25, "does not match"),
        ("address: 2\n", "address: 2\n        scale: 0\n", 25, "must not be 0"),
        ('"off"', "off", 28, "False is not of type 'string'"),
        ("unit_id: 2", "unit_id: 1", 5, "use an id twice"),
        ("devices:\n  - network_id: lan", "devices: 5\nx:\n  - network_id: lan", 5,
         "5 is not of type 'array'"),
    ],
)  # fmt: skip
def test_fault_is_told_with_its_line(before: str, after: str, line: int, fault: str):
    assert SITE.count(before) >= 1
    faults = faults_of(SITE.replace(before, after, 1))
    assert any(at == line and fault in said for at, said in faults), faults


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("networks:\n  - {a: 1", 2, "expected"),
        ("networks:\n\t- a", 2, "cannot start any token"),
        ("networks: []\ndevices: []\nnetworks: []\n", 3, "networks is given twice"),
        ("[]", 1, "is not of type 'object'"),
        ("--- {}\n--- {}\n", 2, "but found another document"),
        ("&a [*a]", 1, ""),
        ("networks: !!python/object:os.system x", 1, "could not determine"),
        ("a: *nobody", 1, "found undefined alias"),
        ("\x00", 1, "special characters are not allowed"),
    ],
)
def test_what_is_no_yaml_of_ours_is_told_with_its_line(
    text: str, line: int, fault: str
):
    (first, *_) = faults_of(text)
    assert first[0] == line
    assert fault in first[1]


@pytest.mark.parametrize(
    "gateway",
    [
        "{redis_url: {a: hunter2}}",
        "{redis_url: [hunter2]}",
        "{stores: [{store_id: e, password: [hunter2]}]}",
        "{stores: [{store_id: e, password: 42002}]}",
        "{stores: {password: hunter2}}",
        "[hunter2]",
        "hunter2",
    ],
)
def test_fault_in_the_gateway_shows_no_password(gateway: str):
    ((line, fault),) = faults_of(f"networks: []\ngateway: {gateway}\n")
    assert (line, "is not of type" in fault) == (2, True)
    assert "hunter2" not in fault
    assert "42002" not in fault


def test_every_fault_is_told_at_once_and_names_the_file(tmp_path: Path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE.replace("name:", "nmae:"))
    with pytest.raises(SiteFileError) as caught:
        read_site_file(path)
    lines = str(caught.value).splitlines()
    assert f"{path}:3: networks[0].nmae: there is no such key" in lines
    assert any(line.startswith(f"{path}:13: ") for line in lines)


def test_file_that_cannot_be_read_is_told(tmp_path: Path):
    with pytest.raises(SiteFileError, match=r"none\.yaml"):
        read_site_file(tmp_path / "none.yaml")
    (tmp_path / "latin").write_bytes(b"name: \xe4")
    with pytest.raises(SiteFileError, match="utf-8"):
        read_site_file(tmp_path / "latin")


def test_schema_describes_every_part():
    parts = site_schema()["$defs"]
    assert {"SiteConfig", "BacnetNetworkConfig", "RegisterPoint"} <= parts.keys()
    objects = [part for part in parts.values() if part.get("type") == "object"]
    assert all(part.get("description") for part in objects)
