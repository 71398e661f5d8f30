"""The steps that say where a unit's points come from: a profile, SunSpec, a map."""

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar, Final

import probatio
from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..engine.errors import ConfigurationError
from ..engine.modbus.configuration import ModbusDeviceConfig
from ..engine.modbus.point_source import SUNSPEC
from ..engine.modbus.registers.register_map import RegisterPoint
from ..failure_text import failure_text
from .modbus_labels import nameless_unit, profile_labels
from .modbus_line_work import FAILURES, LineWork
from .modbus_register_form import register_from_form, register_schema

CONF_PROFILE: Final = "profile"
CONF_REGISTER: Final = "register"
CONF_REMOVE: Final = "remove"

# Points have one source or the other: this stands for none so far
_UNDESCRIBED: Final = ModbusDeviceConfig(network_id="", unit_id=0, profile=SUNSPEC)


class SourceSteps[C: FlowContext, R: FlowResult[Any, Any], H](LineWork[C, R, H]):
    """Choose a profile or describe registers; each ends in `previewing`."""

    _sources: ClassVar[list[str]] = [
        "choose_profile",
        "sunspec",
        "describe",
        "paste_map",
    ]

    def __init__(self) -> None:
        """Start with a unit that nothing is known of."""
        super().__init__()
        self._unit_title = ""
        self._proposed = ""
        self._device = _UNDESCRIBED
        self._edited = ""
        self._failure = ""

    @abstractmethod
    async def async_step_previewing(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Read the unit as it is described now and show what it says."""

    def _describe_unit(self, unit_id: int, title: str = "", profile: str = "") -> None:
        """Begin with a unit; title, profile: what is known of it, "" for nothing."""
        self._unit_title, self._proposed = title, profile
        self._device = replace(
            _UNDESCRIBED, network_id=self._line().network_id, unit_id=unit_id
        )

    @abstractmethod
    async def async_step_paste_map(self, user_input: dict[str, Any] | None = None) -> R:
        """Take a whole register map."""

    async def async_step_source(self, _user_input: dict[str, Any] | None = None) -> R:
        """Choose where the points come from."""
        proposed = ["proposed"] if self._proposed else []
        return self.async_show_menu(
            step_id="source",
            menu_options=[*proposed, *self._sources],
            description_placeholders={
                "unit": str(self._device.unit_id),
                "line": self._line().name,
                "device": self._unit_title or await nameless_unit(self.hass),
            },
        )

    async def async_step_proposed(self, _user_input: dict[str, Any] | None = None) -> R:
        """Take the profile that fits what the device says of itself."""
        return await self._take_source(profile=self._proposed)

    async def async_step_sunspec(self, _user_input: dict[str, Any] | None = None) -> R:
        """Let the device say what it has."""
        return await self._take_source(profile=SUNSPEC)

    async def async_step_choose_profile(
        self, user_input: dict[str, Any] | None = None
    ) -> R:
        """Choose among all profiles."""
        if user_input is not None:
            return await self._take_source(profile=user_input[CONF_PROFILE])
        try:
            async with self._line_engine() as client:
                profiles = await client.modbus_profiles()
        except FAILURES as err:
            return self.async_abort(
                reason="profiles_failed",
                description_placeholders={"reason": await failure_text(self.hass, err)},
            )
        labels = await profile_labels(self.hass, profiles)
        options = [
            SelectOptionDict(value=profile.id, label=label)
            for profile, label in zip(profiles, labels, strict=True)
        ]
        return self.async_show_form(
            step_id="choose_profile",
            data_schema=probatio.Schema(
                {probatio.Required(CONF_PROFILE): one_of(options)}
            ),
            description_placeholders={"count": str(len(profiles))},
        )

    async def async_step_describe(self, user_input: dict[str, Any] | None = None) -> R:
        """Describe one register: a new one, or the one that is edited."""
        before = {point.key: point for point in self._registers()}
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                edited = before.get(self._edited)
                point = register_from_form(user_input, edited, before.keys())
            except ConfigurationError as err:
                errors["base"], self._failure = "bad_register", str(err)
            except ValueError as err:
                errors["base"], self._failure = "bad_list", str(err)
            else:
                self._edited = ""
                return await self._take_registers({**before, point.key: point})
        schema = register_schema(before.get(self._edited))
        return self.async_show_form(
            step_id="describe",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={
                "unit": str(self._device.unit_id),
                "reason": self._failure,
            },
        )

    async def async_step_add_register(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Describe a new register."""
        self._edited = ""
        return await self.async_step_describe()

    async def async_step_edit_register(
        self, user_input: dict[str, Any] | None = None
    ) -> R:
        """Choose a register to be changed or removed."""
        points = {point.key: point for point in self._registers()}
        if user_input is not None:
            self._edited = user_input[CONF_REGISTER]
            if not user_input[CONF_REMOVE]:
                return await self.async_step_describe()
            points.pop(self._edited)
            return await self._take_registers(points)
        options = [
            SelectOptionDict(
                value=key, label=f"{point.name} ({point.space} {point.address})"
            )
            for key, point in points.items()
        ]
        return self.async_show_form(
            step_id="edit_register",
            data_schema=probatio.Schema(
                {
                    probatio.Required(CONF_REGISTER): one_of(options),
                    probatio.Required(CONF_REMOVE, default=False): BooleanSelector(),
                }
            ),
        )

    def _registers(self) -> tuple[RegisterPoint, ...]:
        """Return the register map of one's own as far as it goes."""
        return self._device.registers

    async def _take_registers(self, points: dict[str, RegisterPoint]) -> R:
        if not points:
            self._device = replace(self._device, profile=SUNSPEC, registers=())
            return await self.async_step_source()
        return await self._take_source(registers=tuple(points.values()))

    async def _take_source(
        self, profile: str = "", registers: tuple[RegisterPoint, ...] = ()
    ) -> R:
        keys = {point.key for point in registers}
        wanted = self._device.points if keys else None
        self._device = replace(
            self._device,
            profile=profile,
            registers=registers,
            swap_words=False,
            points=wanted and tuple(key for key in wanted if key in keys),
        )
        return await self.async_step_previewing()


def one_of(
    options: list[SelectOptionDict], *, open_list: bool = False
) -> SelectSelector:
    """Return a list to choose one of; one that is not open can be searched."""
    mode = SelectSelectorMode.LIST if open_list else SelectSelectorMode.DROPDOWN
    return SelectSelector(SelectSelectorConfig(options=options, mode=mode))
