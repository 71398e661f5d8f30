"""The connections that Home Assistant shares between integrations."""

from dataclasses import replace

import pytest
from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.core import HomeAssistant
from modbus_connection import (
    ModbusSerialParams,
    ModbusTcpParams,
    ModbusTlsParams,
    ModbusUnit,
)
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.engine.errors import LineInUseError
from custom_components.plantroom.engine.modbus.configuration import (
    ModbusLineConfig,
    ModbusTransport,
    Parity,
)
from custom_components.plantroom.engine.modbus.lines.link_params import link_params
from custom_components.plantroom.host import lasting_host, passing_host

LINE = ModbusLineConfig(network_id="line", name="Riser", host="Meters.Local", port=1502)
SERIAL = ModbusLineConfig(
    network_id="line",
    name="Riser",
    transport=ModbusTransport.SERIAL,
    device="/dev/ttyUSB0",
    baudrate=19200,
    parity=Parity.EVEN,
)
GATEWAY = replace(LINE, transport=ModbusTransport.RTU_OVER_TCP)


@pytest.mark.parametrize(
    ("line", "params"),
    [
        (LINE, ModbusTcpParams(host="meters.local", port=1502)),
        (
            replace(
                LINE,
                transport=ModbusTransport.TLS,
                ca_file="/ca.pem",
                certificate_file="/own.pem",
                key_file="/own.key",
            ),
            ModbusTlsParams(
                host="meters.local",
                port=1502,
                verify="/ca.pem",
                client_cert="/own.pem",
                client_key="/own.key",
            ),
        ),
        (
            replace(LINE, transport=ModbusTransport.TLS),
            ModbusTlsParams(host="meters.local", port=1502, verify=True),
        ),
        (
            GATEWAY,
            ModbusSerialParams(device="socket://meters.local:1502", baudrate=115200),
        ),
        (
            replace(GATEWAY, host="FE80::1"),
            ModbusSerialParams(device="socket://[fe80::1]:1502", baudrate=115200),
        ),
        (
            replace(SERIAL, bytesize=7, stopbits=2),
            ModbusSerialParams(
                device="/dev/ttyUSB0",
                baudrate=19200,
                bytesize=7,
                parity="E",
                stopbits=2,
            ),
        ),
    ],
)
def test_lines_are_described_as_other_integrations_do(line, params):
    assert link_params(line) == params


async def test_a_gateway_is_shared_with_who_asks_for_rtu_framing(hass: HomeAssistant):
    link = passing_host(hass).modbus_link(GATEWAY)
    link.unit(1)
    with pytest.warns(DeprecationWarning, match="RTU frames a serial line"):
        params = ModbusTcpParams(host="meters.local", port=1502, framer="rtu")
    async with async_get_temporary_unit(hass, params, 2):
        (shared,) = async_get_connection_info(hass)
    assert shared.endpoint == ("serial", "socket://meters.local:1502")
    await link.close()


async def test_a_line_is_held_by_the_entry_until_it_is_closed(hass: HomeAssistant):
    link = lasting_host(hass, "entry").modbus_link(LINE)
    unit = link.unit(5)
    assert isinstance(unit, ModbusUnit)
    assert not unit.connected
    link.unit(5)
    link.unit(6)
    (shared,) = async_get_connection_info(hass)
    assert shared.units == {"entry": [5, 6]}
    await link.close()
    assert async_get_connection_info(hass) == []
    await link.close()


async def test_a_line_that_is_tried_belongs_to_no_entry(hass: HomeAssistant):
    link = passing_host(hass).modbus_link(LINE)
    link.unit(5)
    (shared,) = async_get_connection_info(hass)
    assert shared.units == {}
    await link.close()
    assert async_get_connection_info(hass) == []


async def test_a_changed_line_takes_the_endpoint_over(hass: HomeAssistant):
    before = lasting_host(hass, "entry").modbus_link(SERIAL)
    before.unit(1)
    await before.close()
    after = lasting_host(hass, "entry").modbus_link(replace(SERIAL, baudrate=9600))
    after.unit(1)
    await after.close()


@pytest.mark.parametrize(
    ("line", "other", "settings"),
    [
        (replace(SERIAL, baudrate=9600), SERIAL, "19200 8E1"),
        (LINE, replace(LINE, transport=ModbusTransport.TLS), "TLS"),
        (replace(LINE, transport=ModbusTransport.TLS), LINE, "TCP"),
    ],
)
async def test_a_line_used_with_other_settings_names_who_uses_it(
    hass: HomeAssistant, line, other, settings
):
    MockConfigEntry(domain="solar", title="Roof", entry_id="solar").add_to_hass(hass)
    theirs = lasting_host(hass, "solar").modbus_link(other)
    theirs.unit(1)
    ours = passing_host(hass).modbus_link(line)
    with pytest.raises(LineInUseError) as raised:
        ours.unit(1)
    assert raised.value.facts == {"line": "Riser", "reason": settings, "owner": "Roof"}
    await ours.close()
    await theirs.close()
    ours.unit(1)
    await ours.close()
