"""What is told of a device, and how often."""

import logging

import pytest

from custom_components.plantroom.engine.bacnet.device_reports import DeviceReports
from custom_components.plantroom.engine.errors import DeviceOfflineError

from .field_bench import NETWORK, building_and_bench


async def test_a_device_that_was_let_go_reports_nothing_more():
    async with building_and_bench("restarts", poll=False) as (_, bench):
        await bench.serve(6013)
        await bench.poll(6013)
        reports = bench.device(6013)._reports
        await bench.serve()
        published = len(bench.events)
        answer(reports)
        fail(reports)
        assert bench.status(6013) is None
        assert len(bench.events) == published
        assert f"{NETWORK}:6013" not in await bench.records.store.load()


async def test_a_device_that_goes_and_comes_back_is_logged_once_each_by_name(
    caplog: pytest.LogCaptureFixture,
):
    async with building_and_bench("restarts", poll=False) as (_, bench):
        reports = DeviceReports("n:7", 7, bench.records)
        caplog.clear()
        with caplog.at_level(logging.INFO):
            answer(reports)
            for _ in range(3):
                fail(reports)
            answer(reports)
            answer(reports)
        assert [record.getMessage() for record in caplog.records] == [
            "Device n:7 does not answer (AHU-1 at an unknown address): No answer",
            "Device n:7 answers again",
        ]


def answer(reports: DeviceReports) -> None:
    reports.answered(cov_points=0, polled_points=0, batch_octets=480)


def fail(reports: DeviceReports) -> None:
    reports.failed(DeviceOfflineError("No answer", device="AHU-1"), "AHU-1", "")
