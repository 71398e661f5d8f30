"""The inverter as pysunspec2's own client sees it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP

from tests.simulators.modbus.side import ModbusSide

SECONDS = 30.0


@contextmanager
def scanned(port: int) -> Iterator[Any]:
    client = SunSpecModbusClientDeviceTCP(
        slave_id=1, ipaddr="127.0.0.1", ipport=port, timeout=SECONDS
    )
    try:
        client.scan()
        yield client
    finally:
        client.close()


async def test_pysunspec2_finds_every_model_and_the_values_that_are_true() -> None:
    async with ModbusSide(speed=0, only=("roof",)) as side:
        side.pass_time(3600)
        truth = side.unit("inverter").model.values()

        def look() -> None:
            with scanned(side.line_config("roof").port) as client:
                assert [m for m in client.models if isinstance(m, int)] == [
                    1, 103, 120, 123, 160,
                ]  # fmt: skip
                common, inverter = client.common[0], client.models[103][0]
                assert (common.Mn.value, common.Md.value) == (
                    "Northwind Solar",
                    "NW-90K",
                )
                assert inverter.W.cvalue == pytest.approx(truth["power"], abs=5)
                assert inverter.WH.cvalue == truth["energy"]
                assert inverter.TmpCab.cvalue == pytest.approx(
                    truth["cabinet_temperature"], abs=0.05
                )
                assert inverter.TmpOt.value is None
                strings = client.models[160][0].module
                assert [each.IDStr.value for each in strings] == ["South", "West"]
                dc = sum(each.DCW.cvalue for each in strings)
                assert dc == pytest.approx(truth["dc_power"], abs=10)

        await asyncio.to_thread(look)


async def test_pysunspec2_limits_the_inverter() -> None:
    async with ModbusSide(speed=0, only=("roof",)) as side:
        side.pass_time(3 * 3600)
        before = float(side.unit("inverter").model.values()["power"])

        def limit() -> None:
            with scanned(side.line_config("roof").port) as client:
                controls = client.models[123][0]
                controls.WMaxLimPct.cvalue = 10.0
                controls.WMaxLimPct.write()
                controls.WMaxLim_Ena.value = 1
                controls.WMaxLim_Ena.write()

        await asyncio.to_thread(limit)
        side.pass_time(60)
        assert side.unit("inverter").model.values()["power"] == 9000.0 < before
