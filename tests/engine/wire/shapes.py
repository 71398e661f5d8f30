"""Anything that a declared type allows, for Hypothesis."""

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from custom_components.plantroom.engine.alarms.configuration import (
    AlarmingConfig,
    AlarmRoute,
    AlarmRule,
    Comparison,
    EnableCondition,
    RuleKind,
)
from custom_components.plantroom.engine.alarms.models import Severity
from custom_components.plantroom.engine.energy.configuration import (
    CounterConfig,
    MeteringConfig,
)
from custom_components.plantroom.engine.energy.meter_records import MeterRecord
from custom_components.plantroom.engine.events import EngineEvent
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    MqttInletConfig,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.history.models import (
    HourSource,
    HoursRequest,
)
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusDeviceConfig,
    ModbusLineConfig,
    ModbusTransport,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    ValueType,
)
from custom_components.plantroom.engine.models import PointValue, WriteRequest
from custom_components.plantroom.engine.secure_connect.configuration import (
    RoutedNetworkConfig,
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.site_config import (
    BacnetDeviceConfig,
    BacnetNetworkConfig,
    SiteConfig,
)

from .certificate_shapes import CERTIFICATES

texts = st.text(max_size=12)
# Minus zero is zero where zero is the default
numbers = st.floats(allow_nan=True, allow_infinity=True).map(lambda x: x + 0.0)
point_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(st.characters(), max_size=12),
    st.sampled_from([0, 1, 0.0, 1.0, -0.0, True, False, "", "1", "nan", 10**40]),
)
keys = st.one_of(texts, st.sampled_from(["$float", "$map", "$", "value"]))
trees = st.recursive(
    point_values,
    lambda parts: (
        st.lists(parts, max_size=3) | st.dictionaries(keys, parts, max_size=3)
    ),
    max_leaves=8,
)
moments = st.datetimes(
    timezones=st.integers(-1439, 1439).map(
        lambda minutes: timezone(timedelta(minutes=minutes)) if minutes else UTC
    )
).map(lambda moment: moment.replace(fold=0))
ids = st.text("abcdef0123456789", min_size=1, max_size=6)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(),
    float: numbers,
    str: st.one_of(texts, st.text(st.characters(), max_size=12)),
    datetime: moments,
    types.NoneType: st.none(),
    None: st.none(),
    object: trees,
    PointValue: point_values,
    PointValue | list[object] | dict[str, object]: trees,
}


def all_of(shape: Any) -> st.SearchStrategy[Any]:
    """Return whatever has a type."""
    if shape in SCALARS or shape in CONSTRAINED:
        return SCALARS[shape] if shape in SCALARS else CONSTRAINED[shape]()
    if isinstance(shape, typing.TypeAliasType):
        return all_of(shape.__value__)
    origin, args = get_origin(shape), get_args(shape)
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*map(all_of, args))
    if origin is tuple:
        if args[1:] == (...,):
            return st.lists(all_of(args[0]), max_size=3).map(tuple)
        return st.tuples(*map(all_of, args))
    if origin is dict:
        return st.dictionaries(all_of(args[0]), all_of(args[1]), max_size=3)
    if isinstance(shape, type) and issubclass(shape, Enum):
        return st.sampled_from(shape)
    assert is_dataclass(shape), shape
    return instances_of(shape)


@cache
def instances_of(shape: Any) -> st.SearchStrategy[Any]:
    """Return a dataclass with anything in its fields, left out where they may be."""
    hints = get_type_hints(shape)
    needed = {f.name: all_of(hints[f.name]) for f in fields(shape) if not _free(f)}
    free = {f.name: all_of(hints[f.name]) for f in fields(shape) if _free(f)}
    return st.fixed_dictionaries(needed, optional=free).map(lambda f: shape(**f))


def _free(field: Any) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


@cache
def _metering() -> st.SearchStrategy[MeteringConfig]:
    counters = st.builds(
        CounterConfig,
        reference=ids,
        factor=st.floats(0.001, 1000),
        unit=texts,
        rollover=st.none() | st.floats(1, 10**9),
    )
    return st.builds(
        MeteringConfig,
        energy_from=st.none() | st.lists(ids, max_size=2).map(tuple),
        demand_minutes=st.sampled_from([5, 10, 15, 20, 30, 60]),
        counters=st.lists(counters, max_size=2, unique_by=lambda c: c.reference).map(
            tuple
        ),
    )


@cache
def _registers() -> st.SearchStrategy[RegisterPoint]:
    return st.builds(
        RegisterPoint,
        key=st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z"),
        name=ids,
        address=st.integers(0, 65000),
        type=st.sampled_from([each for each in ValueType if each != "string"]),
        scale=st.floats(0.001, 1000),
        offset=numbers,
        unavailable=st.lists(st.integers(0, 65535), max_size=2).map(tuple),
        states=st.dictionaries(st.integers(-9, 9).map(str), texts, max_size=2),
        minimum=st.none() | numbers,
        poll_seconds=st.none() | st.floats(0.1, 100),
        enabled=st.booleans(),
    )


@cache
def _rules() -> st.SearchStrategy[AlarmRule]:
    return st.builds(
        AlarmRule,
        rule_id=ids,
        kind=st.sampled_from(RuleKind),
        point_id=ids,
        severity=st.sampled_from(Severity),
        low=st.floats(-1e6, 0),
        high=st.floats(1, 1e6),
        alarm_states=st.lists(point_values, min_size=1, max_size=3).map(tuple),
        other_point_id=ids,
        tolerance=st.floats(0.1, 1e6),
        delay_seconds=st.floats(0, 1e5),
        enable=st.none()
        | st.builds(
            EnableCondition,
            point_id=ids,
            comparison=st.just(Comparison.EQUAL),
            value=point_values,
        ),
        text=st.sampled_from(["", "{name} is {value}"]),
    )


@cache
def _alarming() -> st.SearchStrategy[AlarmingConfig]:
    routes = st.builds(
        AlarmRoute,
        severity=st.sampled_from(Severity),
        targets=st.lists(texts, max_size=2).map(tuple),
    )
    return st.builds(
        AlarmingConfig,
        rules=st.lists(_rules(), max_size=2, unique_by=lambda r: r.rule_id).map(tuple),
        routes=st.lists(routes, max_size=2, unique_by=lambda r: r.severity).map(tuple),
        flood_alarms=st.integers(2, 1000),
    )


@cache
def _stores() -> st.SearchStrategy[EventStoreConfig]:
    topics = st.builds(
        MqttInletConfig,
        host=ids,
        topic=st.sampled_from(["#", "a/+/b", "site"]),
        client_id=ids,
        port=st.integers(1, 65535),
        tls=st.just(value=True),
        root_certificates=texts,
        user=ids,
        password=texts,
    )
    return st.builds(
        EventStoreConfig,
        store_id=st.just("log"),
        http_token=st.sampled_from(["", "0123456789abcdef"]),
        mqtt=st.none() | topics,
    )


@cache
def _gateways() -> st.SearchStrategy[GatewayConfig]:
    subscriptions = st.builds(
        SubscriptionConfig,
        subscription_id=ids,
        store_id=st.just("log"),
        network_id=st.just("b"),
        stream=ids,
        offset=st.integers(0, 4194302),
        event_types=st.lists(texts, max_size=2).map(tuple),
    )
    return st.builds(
        GatewayConfig,
        stores=st.tuples(_stores()),
        subscriptions=st.lists(
            subscriptions, max_size=2, unique_by=lambda s: s.subscription_id
        ).map(tuple),
        redis_url=texts,
    )


@cache
def _secure_connects() -> st.SearchStrategy[SecureConnectConfig]:
    networks = st.builds(
        SecureNetworkConfig,
        network_id=st.just("s"),
        name=texts,
        primary=st.just("wss://hub.example:4443"),
        failover=st.sampled_from(["", "wss://10.0.0.2"]),
        credentials=ids,
        instance=st.integers(0, 4193999),
        direct_port=st.integers(0, 65535),
        objects_of=st.sampled_from(["", "b"]),
    )
    hubs = st.builds(
        SecureHubConfig, hub_id=ids, name=texts, credentials=ids, host=texts
    )
    routes = st.tuples(
        st.builds(RoutedNetworkConfig, network_id=st.just("b"), number=st.just(1)),
        st.builds(
            RoutedNetworkConfig,
            network_id=st.just("s"),
            number=st.integers(2, 65534),
        ),
    )
    return st.builds(
        SecureConnectConfig,
        networks=st.tuples(networks),
        hubs=st.lists(hubs, max_size=1).map(tuple),
        routed=st.just(()) | routes,
    )


@cache
def _sites() -> st.SearchStrategy[SiteConfig]:
    bacnet = st.builds(
        BacnetNetworkConfig,
        network_id=st.just("b"),
        name=texts,
        address=st.just("192.168.1.10/24"),
        port=st.integers(1, 65535),
        bbmd=st.sampled_from(["", "192.168.9.1", "192.168.9.1:47809"]),
    )
    devices = st.builds(
        BacnetDeviceConfig,
        network_id=st.just("b"),
        instance=st.integers(0, 4194302),
        poll_seconds=st.floats(1, 86400),
        points=st.none() | st.lists(ids.map("{},1".format), max_size=2).map(tuple),
        metering=_metering(),
    )
    line = st.builds(
        ModbusLineConfig,
        network_id=st.just("m"),
        name=texts,
        transport=st.sampled_from(
            [each for each in ModbusTransport if each != "serial"]
        ),
        host=ids,
    )
    units = st.builds(
        ModbusDeviceConfig,
        network_id=st.just("m"),
        unit_id=st.integers(0, 255),
        name=texts,
        registers=st.lists(
            _registers(), min_size=1, max_size=2, unique_by=lambda r: r.key
        ).map(tuple),
        metering=_metering(),
    )
    return st.builds(
        SiteConfig,
        networks=st.tuples(bacnet),
        secure_connect=_secure_connects(),
        devices=st.lists(devices, max_size=2, unique_by=lambda d: d.instance).map(
            tuple
        ),
        modbus_lines=st.tuples(line),
        modbus_devices=st.lists(units, max_size=2, unique_by=lambda d: d.unit_id).map(
            tuple
        ),
        alarming=_alarming(),
        gateway=_gateways(),
    )


@cache
def _hours_requests() -> st.SearchStrategy[HoursRequest]:
    return st.tuples(moments, moments).flatmap(
        lambda both: st.builds(
            HoursRequest,
            point_ids=st.lists(texts, max_size=3).map(tuple),
            start=st.just(min(both)),
            end=st.just(max(both)),
            sources=st.lists(st.sampled_from(HourSource), max_size=2).map(tuple),
            task_id=texts,
        )
    )


@cache
def _writes() -> st.SearchStrategy[WriteRequest]:
    return st.builds(
        WriteRequest,
        point_id=ids,
        value=point_values.filter(lambda value: value is not None),
        priority=st.none() | st.integers(1, 16),
        lease_seconds=st.none() | st.floats(1, 86400),
        client=ids,
        via=texts,
    )


@cache
def _meter_records() -> st.SearchStrategy[MeterRecord]:
    return st.builds(MeterRecord, point_id=ids.map("d:{}".format), record=texts)


# What refuses most of what its types allow
CONSTRAINED: dict[Any, Any] = {
    **CERTIFICATES,
    EventStoreConfig: _stores,
    SiteConfig: _sites,
    RegisterPoint: _registers,
    AlarmRule: _rules,
    WriteRequest: _writes,
    MeterRecord: _meter_records,
    HoursRequest: _hours_requests,
    EngineEvent: lambda: st.one_of(
        *(
            instances_of(each)
            for each in EngineEvent.__value__.__args__
            if each.__name__ != "UnknownEvent"
        )
    ),
}
