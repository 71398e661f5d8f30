"""The steps that show what a unit says now, and find the order of its bytes."""

import asyncio
from abc import abstractmethod
from dataclasses import replace
from typing import Any, Final, override

import probatio
from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers.selector import BooleanSelector, SelectOptionDict

from ..engine.modbus.point_source import SUNSPEC
from ..engine.modbus.registers.point_description import with_words_swapped
from ..engine.modbus.registers.register_map import RegisterPoint
from ..engine.models import Point, Reading
from ..engine.requests import Preview, PreviewRequest, ReadRegistersRequest
from ..failure_text import Failure, failure_text
from .modbus_line_work import FAILURES
from .modbus_orders import has_order, in_all_orders, order_of, with_order
from .modbus_source_steps import CONF_REGISTER, SourceSteps, one_of
from .modbus_values import plain_value, value_text, values_table

CONF_ORDER: Final = "order"
CONF_ALL: Final = "all_of_type"
PREVIEW_SECONDS: Final = 120.0

type Values = tuple[tuple[Point, Reading], ...]


class ValueSteps[C: FlowContext, R: FlowResult[Any, Any], H](SourceSteps[C, R, H]):
    """Show the values; a person who sees that they are right goes on to `settings`."""

    def __init__(self) -> None:
        """Start with nothing read."""
        super().__init__()
        self._values: Values = ()
        self._unread: Failure = TimeoutError()
        self._said_name = ""
        self._map: dict[str, RegisterPoint] = {}
        self._doubted = ""
        self._orders: dict[str, str] = {}

    @abstractmethod
    async def async_step_settings(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the rest."""

    @override
    async def async_step_previewing(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Read all points once."""
        if self._work is None:
            self._begin(self._read_all, unit=str(self._device.unit_id))
        return self._show_work("previewing", self._after_preview)

    async def async_step_values(self, _user_input: dict[str, Any] | None = None) -> R:
        """Show what the unit says."""
        doubtful = ["wrong_value"] if self._map else []
        return self.async_show_menu(
            step_id="values",
            menu_options=[
                "settings",
                *doubtful,
                *self._map_ways(),
                "previewing",
                "source",
            ],
            description_placeholders={
                "device": self._title(),
                "unit": str(self._device.unit_id),
                "values": await values_table(self.hass, self._values),
            },
        )

    async def async_step_no_values(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Say why nothing could be read."""
        return self.async_show_menu(
            step_id="no_values",
            menu_options=["previewing", *self._map_ways(), "source", "settings"],
            description_placeholders={
                "unit": str(self._device.unit_id),
                "reason": await failure_text(self.hass, self._unread),
            },
        )

    async def async_step_wrong_value(
        self, user_input: dict[str, Any] | None = None
    ) -> R:
        """Ask which value looks wrong."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._doubted = user_input[CONF_REGISTER]
            try:
                self._orders = await self._read_in_all_orders(self._doubted)
            except FAILURES as err:
                errors["base"] = "read_failed"
                self._failure = await failure_text(self.hass, err)
            else:
                return await self.async_step_orders()
        options = [
            SelectOptionDict(
                value=point.reference,
                label=f"{point.name}: {value_text(point, reading)}",
            )
            for point, reading in self._values
            if point.reference in self._map
        ]
        return self.async_show_form(
            step_id="wrong_value",
            data_schema=probatio.Schema(
                {probatio.Required(CONF_REGISTER): one_of(options)}
            ),
            errors=errors,
            description_placeholders={"reason": self._failure},
        )

    async def async_step_orders(self, user_input: dict[str, Any] | None = None) -> R:
        """Show a register in all four orders, to choose the one that looks right."""
        errors: dict[str, str] = {}
        register = self._map[self._doubted]
        if user_input is not None:
            error = self._take_order(register, user_input)
            if error is None:
                return await self.async_step_previewing()
            errors[CONF_ORDER] = error
        options = [
            SelectOptionDict(value=order, label=label)
            for order, label in self._orders.items()
        ]
        schema: dict[Any, Any] = {
            probatio.Required(CONF_ORDER, default=order_of(register)): one_of(
                options, open_list=True
            )
        }
        if self._registers():
            schema[probatio.Required(CONF_ALL, default=True)] = BooleanSelector()
        return self.async_show_form(
            step_id="orders",
            data_schema=probatio.Schema(schema),
            errors=errors,
            description_placeholders={"point": register.name},
        )

    def _request(self) -> PreviewRequest:
        return PreviewRequest(
            network_id=self._device.network_id,
            unit_id=self._device.unit_id,
            profile=self._device.profile,
            registers=self._device.registers,
            swap_words=self._device.swap_words,
        )

    def _title(self) -> str:
        name = self._device.name or self._said_name or self._unit_title
        return name or f"{self._line().name} {self._device.unit_id}"

    def _map_ways(self) -> list[str]:
        own = self._registers()
        return ["add_register", "edit_register", "paste_map"] if own else []

    async def _read_all(self) -> tuple[Preview, tuple[RegisterPoint, ...]]:
        """Return the values and where they are; SunSpec leaves no doubt about those."""
        request = self._request()
        async with asyncio.timeout(PREVIEW_SECONDS), self._line_engine() as client:
            preview = await client.preview(request)
            if request.profile == SUNSPEC:
                return preview, ()
            return preview, await client.register_map(request)

    def _after_preview(
        self, reading: asyncio.Task[tuple[Preview, tuple[RegisterPoint, ...]]]
    ) -> str:
        try:
            preview, registers = reading.result()
        except FAILURES as err:
            self._unread = err
            return "no_values"
        self._values, self._said_name = preview.points, preview.device.name
        as_read = map(with_words_swapped, registers) if self._swapped else registers
        self._map = {point.key: point for point in as_read if has_order(point)}
        return "values"

    @property
    def _swapped(self) -> bool:
        return self._device.swap_words

    async def _read_in_all_orders(self, key: str) -> dict[str, str]:
        """Return what a register says by order; raises one of FAILURES."""
        register = self._map[key]
        point = next(p for p, _ in self._values if p.reference == key)
        words = await self._read_words(register.address, register.words, register)
        exponent = 0
        if register.exponent_address is not None:
            (exponent,) = await self._read_words(register.exponent_address, 1, register)
        return {
            order: f"{order.upper()}: {error or plain_value(point, value)}"
            for order, (value, error) in in_all_orders(
                register, words, exponent
            ).items()
        }

    async def _read_words(
        self, address: int, count: int, register: RegisterPoint
    ) -> tuple[int, ...]:
        request = ReadRegistersRequest(
            network_id=self._device.network_id,
            unit_id=self._device.unit_id,
            space=register.space,
            address=address,
            count=count,
        )
        async with asyncio.timeout(PREVIEW_SECONDS), self._line_engine() as client:
            return (await client.read_registers(request)).words

    def _take_order(
        self, register: RegisterPoint, answers: dict[str, Any]
    ) -> str | None:
        """Take the order that looks right; return why that cannot be."""
        wanted = with_order(register, answers[CONF_ORDER])
        if own := self._registers():
            everywhere = answers[CONF_ALL]
            self._device = replace(
                self._device,
                registers=tuple(
                    with_order(point, answers[CONF_ORDER])
                    if point.key == register.key
                    or (everywhere and point.type is register.type)
                    else point
                    for point in own
                ),
            )
            return None
        if wanted.byte_order is not register.byte_order:
            return "bytes_of_profile"
        if wanted.word_order is not register.word_order:
            swapped = not self._device.swap_words
            self._device = replace(self._device, swap_words=swapped)
        return None
