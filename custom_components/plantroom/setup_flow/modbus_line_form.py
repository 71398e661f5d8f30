"""The form that asks for a Modbus line."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import probatio
from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.data_entry_flow import Optional, Required, section
from homeassistant.helpers.field_visibility import ConditionOperator, FieldCondition
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    SerialPortSelector,
    TextSelector,
)

from ..const import CONF_TRANSPORT
from ..engine.errors import ConfigurationError
from ..engine.modbus.configuration import ModbusLineConfig, ModbusTransport, Parity
from .network_form import PORT, NetworkFormError

CONF_BAUDRATE: Final = "baudrate"
CONF_PARITY: Final = "parity"
CONF_STOPBITS: Final = "stopbits"
CONF_TIMEOUT: Final = "timeout_seconds"
CONF_SPACING: Final = "spacing_seconds"
CONF_SEARCH_TO: Final = "search_to"
ADVANCED: Final = "advanced"
TLS_FILES: Final = ("ca_file", "certificate_file", "key_file")

DEFAULT_NAME: Final = "Modbus"
HIGHEST_UNIT: Final = 247

_SPEEDS: Final = ("1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200")
_OVER_TCP: Final = [
    transport.value
    for transport in ModbusTransport
    if transport is not ModbusTransport.SERIAL
]
_HAS_HOST: Final[FieldCondition] = {
    "field": CONF_TRANSPORT,
    "operator": ConditionOperator.IN,
    "value": [*_OVER_TCP],
}
_IS_SERIAL: Final[FieldCondition] = {
    "field": CONF_TRANSPORT,
    "value": ModbusTransport.SERIAL.value,
}
_IS_TLS: Final[FieldCondition] = {
    "field": CONF_TRANSPORT,
    "value": ModbusTransport.TLS.value,
}
_SECONDS: Final = NumberSelectorConfig(
    mode=NumberSelectorMode.BOX, unit_of_measurement="s"
)
UNIT_ID: Final = NumberSelector(
    NumberSelectorConfig(min=0, max=255, step=1, mode=NumberSelectorMode.BOX)
)
_SEARCHED_UNIT: Final = NumberSelector(
    NumberSelectorConfig(min=1, max=HIGHEST_UNIT, step=1, mode=NumberSelectorMode.BOX)
)


def fresh_line() -> ModbusLineConfig:
    """Return a line with an id of its own and a host that has to be asked for."""
    return ModbusLineConfig(
        network_id=uuid4().hex[:8], name=DEFAULT_NAME, host="unknown"
    )


def line_schema(before: ModbusLineConfig | None = None) -> probatio.Schema:
    """Return the form, filled with a line; None: a new one, that is to be searched."""
    shown = before or fresh_line()
    advanced: dict[Any, Any] = {
        probatio.Required(CONF_TIMEOUT, default=shown.timeout_seconds): _seconds(
            0.05, 60
        ),
        probatio.Required(CONF_SPACING, default=shown.spacing_seconds): _seconds(0, 5),
    }
    if before is None:
        key = probatio.Required(CONF_SEARCH_TO, default=HIGHEST_UNIT)
        advanced[key] = _SEARCHED_UNIT
    return probatio.Schema(
        {
            probatio.Required(CONF_NAME, default=shown.name): TextSelector(),
            probatio.Required(CONF_TRANSPORT, default=shown.transport.value): _choice(
                [transport.value for transport in ModbusTransport], CONF_TRANSPORT
            ),
            Required(
                CONF_HOST, visible=_HAS_HOST, description=_shown(before, CONF_HOST)
            ): TextSelector(),
            Required(CONF_PORT, default=shown.port, visible=_HAS_HOST): PORT,
            **{
                Optional(
                    name, visible=_IS_TLS, description=_shown(before, name)
                ): TextSelector()
                for name in TLS_FILES
            },
            Required(
                CONF_DEVICE, visible=_IS_SERIAL, description=_shown(before, CONF_DEVICE)
            ): SerialPortSelector(),
            **_serial_fields(shown),
            probatio.Required(ADVANCED): section(
                probatio.Schema(advanced), {"collapsed": True}
            ),
        }
    )


def line_from_form(network_id: str, answers: Mapping[str, Any]) -> ModbusLineConfig:
    """Return the line asked for, or raise NetworkFormError."""
    advanced = answers[ADVANCED]
    serial = answers[CONF_TRANSPORT] == ModbusTransport.SERIAL
    try:
        return ModbusLineConfig(
            network_id=network_id,
            name=answers[CONF_NAME].strip() or DEFAULT_NAME,
            transport=ModbusTransport(answers[CONF_TRANSPORT]),
            host="" if serial else _host(answers.get(CONF_HOST, "")),
            port=int(answers.get(CONF_PORT, 502)),
            device=answers.get(CONF_DEVICE, "").strip() if serial else "",
            baudrate=_baudrate(answers.get(CONF_BAUDRATE, "9600")),
            parity=Parity[answers.get(CONF_PARITY, "none").upper()],
            stopbits=int(answers.get(CONF_STOPBITS, 1)),
            timeout_seconds=advanced[CONF_TIMEOUT],
            spacing_seconds=advanced[CONF_SPACING],
            **{name: answers.get(name, "").strip() for name in TLS_FILES},
        )
    except ConfigurationError as err:
        field = err.facts["field"]
        raise NetworkFormError(field, f"bad_{field}") from err


def _serial_fields(shown: ModbusLineConfig) -> dict[Any, Any]:
    speed, stopbits = str(shown.baudrate), str(shown.stopbits)
    parity = shown.parity.name.lower()
    return {
        Required(CONF_BAUDRATE, default=speed, visible=_IS_SERIAL): SelectSelector(
            SelectSelectorConfig(
                options=[*_SPEEDS],
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        Required(CONF_PARITY, default=parity, visible=_IS_SERIAL): _choice(
            [parity.name.lower() for parity in Parity], CONF_PARITY
        ),
        Required(CONF_STOPBITS, default=stopbits, visible=_IS_SERIAL): _choice(
            ["1", "2"], CONF_STOPBITS
        ),
    }


def _shown(line: ModbusLineConfig | None, name: str) -> dict[str, str] | None:
    return None if line is None else {"suggested_value": getattr(line, name)}


def _choice(options: list[str], translation_key: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=options,
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
        )
    )


def _seconds(least: float, most: float) -> NumberSelector:
    return NumberSelector({**_SECONDS, "min": least, "max": most, "step": 0.01})


def _host(text: str) -> str:
    """Return a host without the brackets of an IPv6 address."""
    host = text.strip().removeprefix("[").removesuffix("]")
    if not host or "/" in host or any(letter.isspace() for letter in host):
        raise NetworkFormError(CONF_HOST, "bad_host")
    return host


def _baudrate(text: str) -> int:
    if not text.strip().isdecimal() or not 300 <= int(text) <= 4_000_000:
        raise NetworkFormError(CONF_BAUDRATE, "bad_baudrate")
    return int(text)
