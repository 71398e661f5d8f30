"""A configuration that cannot work is refused, and the refusal says which field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.site_config import (
    MAX_INSTANCE,
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    SiteConfig,
    site_config_from_dict,
    site_config_to_dict,
)

NETWORK: dict[str, Any] = {"network_id": "n", "name": "N", "address": "127.0.0.1/8"}
DEVICE: dict[str, Any] = {"network_id": "n", "instance": 5}

references = st.builds(
    "{},{}".format,
    st.sampled_from(["analog-input", "multi-state-value", "130"]),
    st.integers(0, 4194302),
)
network_configs = st.builds(
    BacnetNetworkConfig,
    network_id=st.text(min_size=1, max_size=8),
    name=st.text(max_size=10),
    address=st.sampled_from(["192.168.1.10/24", "10.0.0.1/8", "127.0.0.1"]),
    port=st.integers(1, 65535),
    instance=st.integers(0, MAX_INSTANCE),
    bbmd=st.sampled_from(["", "10.1.2.3", "10.1.2.3:47809"]),
    bbmd_ttl=st.integers(15, 65535),
)


@st.composite
def sites(draw: st.DrawFn) -> SiteConfig:
    networks = draw(
        st.lists(network_configs, unique_by=lambda n: n.network_id, max_size=3)
    )
    if not networks:
        return SiteConfig()
    device = st.builds(
        BacnetDeviceConfig,
        network_id=st.sampled_from([n.network_id for n in networks]),
        instance=st.integers(0, MAX_INSTANCE),
        address=st.sampled_from(["", "10.1.2.3:47809", "2001:7@10.1.2.3"]),
        poll_seconds=st.floats(1, 86400),
        priority=st.sampled_from((3, 4, *range(7, 17))),
        change_of_value=st.booleans(),
        points=st.none() | st.lists(references, max_size=3).map(tuple),
        writable=st.lists(references, max_size=3).map(tuple),
    )
    devices = draw(st.lists(device, unique_by=lambda d: d.device_id, max_size=4))
    return SiteConfig(networks=tuple(networks), devices=tuple(devices))


@given(sites())
def test_plain_data_brings_the_same_configuration_back(site: SiteConfig):
    assert site_config_from_dict(site_config_to_dict(site)) == site


def test_what_is_left_out_has_its_default():
    site = site_config_from_dict({"networks": [NETWORK], "devices": [DEVICE]})
    (network,), (device,) = site.networks, site.devices
    assert (network.port, network.instance, network.bbmd) == (47808, 4194000, "")
    assert (device.poll_seconds, device.priority, device.points) == (60.0, 8, None)
    assert device.device_id == "n:5"
    assert site_config_from_dict({}) == SiteConfig()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("network_id", ""),
        ("port", 0),
        ("port", 65536),
        ("port", "forty"),
        ("instance", -1),
        ("instance", MAX_INSTANCE + 1),
        ("bbmd_ttl", 14),
        ("bbmd_ttl", 65536),
        ("address", ""),
        ("address", "192.168.1.300/24"),
        ("address", "192.168.1.10/33"),
        ("address", "fe80::1/64"),
        ("bbmd", "router"),
        ("bbmd", "10.0.0.1:0"),
    ],
)
def test_refusal_of_a_network_names_its_field(field: str, value: object):
    with pytest.raises(ConfigurationError) as caught:
        site_config_from_dict({"networks": [NETWORK | {field: value}]})
    assert caught.value.facts["field"] == field
    assert field in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("instance", -1),
        ("instance", MAX_INSTANCE + 1),
        ("instance", "five"),
        ("address", "somewhere"),
        ("address", "0:7@10.0.0.1"),
        ("poll_seconds", 0.5),
        ("poll_seconds", 86401),
        ("poll_seconds", float("nan")),
        ("poll_seconds", "often"),
        ("priority", 0),
        ("priority", 17),
        ("priority", 5),
        ("points", "analog-input,1"),
        ("points", ["analog-input"]),
        ("writable", ["5"]),
    ],
)
def test_refusal_of_a_device_names_its_field(field: str, value: object):
    with pytest.raises(ConfigurationError) as caught:
        site_config_from_dict(
            {"networks": [NETWORK], "devices": [DEVICE | {field: value}]}
        )
    assert caught.value.facts["field"] == field
    assert field in str(caught.value)


@pytest.mark.parametrize("missing", ["network_id", "name", "address"])
def test_missing_field_of_a_network_is_named(missing: str):
    data = {name: value for name, value in NETWORK.items() if name != missing}
    with pytest.raises(ConfigurationError) as caught:
        site_config_from_dict({"networks": [data]})
    assert caught.value.facts["field"] == missing


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"networks": [NETWORK, NETWORK]}, "networks"),
        ({"networks": [NETWORK], "devices": [DEVICE, DEVICE]}, "devices"),
        ({"networks": [NETWORK], "devices": [DEVICE | {"network_id": "m"}]}, "devices"),
        ({"networks": 5}, "networks"),
        ({"devices": ["x"]}, "devices"),
    ],
)
def test_refusal_of_the_site_names_the_list(data: dict[str, object], field: str):
    with pytest.raises(ConfigurationError) as caught:
        site_config_from_dict(data)
    assert caught.value.facts["field"] == field


def test_refusal_of_a_network_made_in_python_is_the_same():
    with pytest.raises(ConfigurationError) as caught:
        BacnetNetworkConfig(**NETWORK | {"port": 0})
    assert caught.value.facts["field"] == "port"


SECURE: dict[str, Any] = {
    "network_id": "s",
    "name": "S",
    "primary": "wss://hub.example:4443",
    "credentials": "c",
    "instance": 4194001,
}


def secure_site(*, secure: dict[str, Any] | None = None, **more: Any) -> SiteConfig:
    """Return a site of a BACnet/IP network n and a BACnet/SC network s."""
    connect = {"networks": [SECURE | (secure or {})]} | more.pop("connect", {})
    return site_config_from_dict(
        {"networks": [NETWORK], "secure_connect": connect} | more
    )


def test_a_secure_network_is_one_of_the_bacnet_networks():
    site = secure_site(
        devices=[{"network_id": "s", "instance": 7, "address": "02:1a:2b:3c:4d:5e"}]
    )
    assert [each.network_id for each in site.all_networks] == ["n", "s"]
    assert site.device_ids == {"s:7", "n:4194000", "s:4194001"}
    assert site.devices_of("s") == list(site.devices)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"secure": {"network_id": "n"}}, "networks"),
        (
            {"devices": [DEVICE | {"address": "02:1a:2b:3c:4d:5e"}]},
            "address",
        ),
        (
            {"devices": [{"network_id": "s", "instance": 1, "address": "10.0.0.1"}]},
            "address",
        ),
        ({"secure": {"objects_of": "elsewhere"}}, "objects_of"),
        ({"secure": {"objects_of": "s"}}, "objects_of"),
        (
            {
                "connect": {
                    "routed": [
                        {"network_id": "n", "number": 1},
                        {"network_id": "x", "number": 2},
                    ]
                }
            },
            "routed",
        ),
        (
            {
                "secure": {"instance": 4194000},
                "connect": {
                    "routed": [
                        {"network_id": "n", "number": 1},
                        {"network_id": "s", "number": 2},
                    ]
                },
            },
            "instance",
        ),
        ({"connect": {"routed": [{"network_id": "n", "number": 1}]}}, "routed"),
    ],
)
def test_what_cannot_work_on_a_secure_network_is_refused(more, field):
    with pytest.raises(ConfigurationError) as caught:
        secure_site(**more)
    assert caught.value.facts["field"] == field


def test_a_subscription_fills_the_objects_of_either_kind_of_network_but_no_copy():
    def gateway(network_id: str) -> dict[str, Any]:
        return {
            "stores": [{"store_id": "log"}],
            "subscriptions": [
                {
                    "subscription_id": "a",
                    "store_id": "log",
                    "network_id": network_id,
                    "stream": "x",
                }
            ],
        }

    assert secure_site(gateway=gateway("s")).serving_ids == {"n", "s"}
    with pytest.raises(ConfigurationError, match="unknown BACnet network s"):
        secure_site(secure={"objects_of": "n"}, gateway=gateway("s"))
    assert secure_site(secure={"objects_of": "n"}).serving_ids == {"n"}


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


anything = scalars | st.lists(scalars, max_size=2) | st.just({})


def with_anything(valid: dict[str, Any], *more: str) -> st.SearchStrategy[Any]:
    """Return the valid fields, some of them with anything else instead."""
    odd = st.dictionaries(st.sampled_from([*valid, *more]), anything, max_size=3)
    return odd.map(lambda changes: valid | changes) | anything


@given(
    with_anything({"networks": [], "devices": []})
    | st.fixed_dictionaries(
        {
            "networks": st.lists(
                with_anything(NETWORK, "port", "instance", "bbmd", "bbmd_ttl"),
                max_size=2,
            ),
            "devices": st.lists(
                with_anything(DEVICE, "address", "poll_seconds", "points", "writable"),
                max_size=2,
            ),
        }
    )
)
def test_whatever_a_file_holds_is_a_site_or_a_configuration_error(data: Any):
    try:
        site = site_config_from_dict(data)
    except ConfigurationError:
        return
    assert site_config_from_dict(site_config_to_dict(site)) == site
