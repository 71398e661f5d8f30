"""The building's logs, read by clients that are not ours."""

import struct
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bac_py.client import Client
from bac_py.services.read_range import RangeByPosition, RangeBySequenceNumber
from rusty_bacnet import (
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    decode_log_records,
)

from tests.peers.rusty_client import RustyClient
from tests.simulators import trend_logs
from tests.simulators.building import Building
from tests.simulators.trend_logs import SimulatedLog

from .conftest import MakeBench

WEATHER, AHU = 4001, 1001


@pytest.fixture(autouse=True)
def nothing_logged_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no quarter of an hour begin while a log is read."""
    now = time.time()
    monkeypatch.setattr(trend_logs, "time", SimpleNamespace(time=lambda: now))


def shown(log: SimulatedLog, column: int = 0) -> list[float]:
    """Return what a log's records hold, in single precision."""
    values = [each.values[column] for each in log.records if each.values]
    return [
        each for (each,) in (struct.unpack(">f", struct.pack(">f", v)) for v in values)
    ]


async def pages(
    building: Building, rusty: RustyClient, device: int, log: ObjectIdentifier
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return all records of a log and the rules that reading them broke."""
    records: list[dict[str, Any]] = []
    violations: list[str] = []
    cursor: Any = None
    while True:
        address = building.device(device).address
        page = await rusty.raw.read_log_page(address, log, cursor, 100)
        records += page["records"]
        violations += page["violations"]
        assert page["gap"] is None
        cursor = page["next"]
        if page["done"]:
            return records, violations


@pytest.mark.parametrize("instance", [1, 2, 3])
async def test_rusty_bacnet_reads_a_log_and_finds_no_rule_broken(
    bench: MakeBench, instance: int
):
    async with bench(WEATHER) as made, RustyClient(port=made.building.port) as rusty:
        log = ObjectIdentifier(ObjectType.TREND_LOG, instance)
        records, violations = await pages(made.building, rusty, WEATHER, log)
        kept = made.building.device(WEATHER).app.logs[f"trend-log,{instance}"]
        assert violations == []
        assert [each["datum"]["real"] for each in records] == shown(kept)


async def test_rusty_bacnet_reads_a_night_without_power(bench: MakeBench):
    async with bench(AHU) as made, RustyClient(port=made.building.port) as rusty:
        log = ObjectIdentifier(ObjectType.TREND_LOG, 1)
        records, violations = await pages(made.building, rusty, AHU, log)
        kinds = [each["datum"]["kind"] for each in records]
        assert violations == []
        assert kinds.count("log_status") == 2
        assert kinds.count("real") == len(kinds) - 2


async def test_rusty_bacnet_reads_a_trend_log_multiple(bench: MakeBench):
    async with bench(AHU) as made, RustyClient(port=made.building.port) as rusty:
        log = ObjectIdentifier(ObjectType.TREND_LOG_MULTIPLE, 1)
        records, violations = await pages(made.building, rusty, AHU, log)
        kept = made.building.device(AHU).app.logs["trend-log-multiple,1"]
        assert violations == []
        columns = [each["datum"]["values"] for each in records]
        for number in range(2):
            assert [each[number]["real"] for each in columns] == shown(kept, number)


@pytest.mark.parametrize(
    ("asked", "flags", "first"),
    [
        ({"range_type": "position", "reference_index": 1, "count": 5}, (1, 0, 0), None),
        (
            {"range_type": "position", "reference_index": 9, "count": -3},
            (0, 0, 0),
            None,
        ),
        (
            {"range_type": "sequence", "reference_seq": 1344, "count": 9},
            (0, 1, 0),
            1344,
        ),
        (
            {"range_type": "sequence", "reference_seq": 9999, "count": 9},
            (0, 0, 0),
            None,
        ),
        ({}, (1, 0, 1), None),
    ],
)
async def test_flags_say_which_part_of_the_log_it_is(
    bench: MakeBench, asked: dict[str, Any], flags: tuple[int, ...], first: int | None
):
    async with bench(WEATHER) as made, RustyClient(port=made.building.port) as rusty:
        answer = await rusty.raw.read_range(
            made.building.device(WEATHER).address,
            ObjectIdentifier(ObjectType.TREND_LOG, 1),
            PropertyIdentifier.LOG_BUFFER,
            **asked,
        )
        assert answer["result_flags"] == tuple(map(bool, flags))
        assert answer["first_sequence_number"] == first


async def test_records_are_found_by_time(bench: MakeBench):
    async with bench(WEATHER) as made, RustyClient(port=made.building.port) as rusty:
        local_time = made.building.device(WEATHER).app.local_time
        since = local_time((datetime.now(UTC) - timedelta(days=2)).timestamp())
        for count, side in ((4, 1), (-4, -1)):
            answer = await rusty.raw.read_range(
                made.building.device(WEATHER).address,
                ObjectIdentifier(ObjectType.TREND_LOG, 1),
                PropertyIdentifier.LOG_BUFFER,
                range_type="time",
                reference_time=since,
                count=count,
            )
            records = decode_log_records(answer)
            assert len(records) == 4
            for record in records:
                (year, month, day, _), (hour, minute, second, _) = record["timestamp"]
                at = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
                assert (at - since).total_seconds() * side > 0


@pytest.mark.parametrize(
    "wanted", [RangeByPosition(10, 7), RangeBySequenceNumber(100, 7)]
)
async def test_bac_py_reads_a_log(wanted: RangeByPosition | RangeBySequenceNumber):
    async with (
        Building(profile="all", only=(WEATHER,), speed=0) as building,
        Client(
            instance_number=7005,
            interface="127.0.9.5",
            port=building.port,
            broadcast_address="127.255.255.255",
        ) as client,
    ):
        answer = await client.read_range(
            building.device(WEATHER).address,
            "trend-log,1",
            "log-buffer",
            range_qualifier=wanted,
        )
    assert (answer.item_count, answer.result_flags.more_items) == (7, False)
