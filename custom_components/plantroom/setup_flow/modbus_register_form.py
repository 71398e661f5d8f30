"""The form that describes one register of a map of one's own."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import probatio
from homeassistant.const import CONF_ADDRESS, CONF_NAME, CONF_TYPE
from homeassistant.data_entry_flow import Required, section
from homeassistant.helpers.field_visibility import ConditionOperator, FieldCondition
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.util import slugify

from ..engine.bacnet.names.units import UNITS
from ..engine.modbus.registers.register_map import (
    WORDS,
    Order,
    RegisterPoint,
    Space,
    ValueType,
    WriteFunction,
)
from ..engine.models import Quantity
from .modbus_register_texts import (
    numbers_from_text,
    states_from_text,
    text_of_numbers,
    text_of_states,
)
from .unit_selector import unit_selector

MORE: Final = "more"
_NONE: Final = "none"
_MOST_KEY: Final = 60
_ADDRESS: Final = NumberSelector(
    NumberSelectorConfig(min=0, max=65535, step=1, mode=NumberSelectorMode.BOX)
)
_NUMBER: Final = NumberSelector(
    NumberSelectorConfig(mode=NumberSelectorMode.BOX, step="any")
)
_LINES: Final = TextSelector(TextSelectorConfig(multiline=True))
_MULTIWORD: Final = [kind.value for kind, words in WORDS.items() if words > 1]
_IS_STRING: Final[FieldCondition] = {
    "field": CONF_TYPE,
    "value": ValueType.STRING.value,
}
_HAS_ORDER: Final[FieldCondition] = {
    "field": CONF_TYPE,
    "operator": ConditionOperator.IN,
    "value": [*_MULTIWORD],
}
_CAN_BE_WRITTEN: Final[FieldCondition] = {
    "field": "space",
    "operator": ConditionOperator.IN,
    "value": [space.value for space in Space if space.writable],
}
_OPTIONAL_NUMBERS: Final = ("rollover", "minimum", "maximum", "step", "poll_seconds")


def register_schema(shown: RegisterPoint | None) -> probatio.Schema:
    """Return the form, filled with a register; None: a new one."""
    point = shown or RegisterPoint(key="new", name="New", address=0)
    return probatio.Schema(
        {
            probatio.Required(
                CONF_NAME,
                description={"suggested_value": shown.name} if shown else None,
            ): TextSelector(),
            probatio.Required("space", default=point.space.value): _choice(
                [space.value for space in Space], "register_space"
            ),
            probatio.Required(CONF_ADDRESS, default=point.address): _ADDRESS,
            probatio.Required(CONF_TYPE, default=point.type.value): _choice(
                [kind.value for kind in ValueType], "register_type"
            ),
            Required("length", default=point.length, visible=_IS_STRING): _within(
                1, 125
            ),
            Required(
                "word_order", default=point.word_order.value, visible=_HAS_ORDER
            ): _choice([order.value for order in Order], "word_order"),
            probatio.Required("scale", default=point.scale): _NUMBER,
            probatio.Optional(
                "unit", description={"suggested_value": point.unit or None}
            ): unit_selector(UNITS.known.values()),
            probatio.Required(
                "quantity", default=point.quantity.value or _NONE
            ): _choice([q.value or _NONE for q in Quantity], "quantity"),
            probatio.Required("counter", default=point.counter): BooleanSelector(),
            probatio.Optional(
                "states",
                description={"suggested_value": text_of_states(point.states)},
            ): _LINES,
            Required(
                "writable", default=point.writable, visible=_CAN_BE_WRITTEN
            ): BooleanSelector(),
            probatio.Required(MORE): section(_more(point), {"collapsed": True}),
        }
    )


def register_from_form(
    answers: Mapping[str, Any], before: RegisterPoint | None, taken: Collection[str]
) -> RegisterPoint:
    """Return the register described; before: the one that is changed, None: a new one.

    Raises ConfigurationError, or ValueError for a text that cannot be read.
    """
    more = answers[MORE]
    kind = ValueType.BOOL if _is_of_bits(answers) else ValueType(answers[CONF_TYPE])
    name = answers[CONF_NAME].strip()
    return RegisterPoint(
        key=before.key if before else fresh_key(name, taken),
        name=name,
        description=before.description if before else "",
        address=int(answers[CONF_ADDRESS]),
        space=Space(answers["space"]),
        type=kind,
        length=int(answers.get("length", 1)),
        word_order=Order(answers.get("word_order", Order.BIG)),
        byte_order=Order(more["byte_order"]),
        bit=_whole(more.get("bit")),
        bits=int(more["bits"]),
        scale=float(answers["scale"]),
        offset=float(more["offset"]),
        exponent_address=_whole(more.get("exponent_address")),
        unavailable=numbers_from_text(more.get("unavailable", "")),
        states=states_from_text(answers.get("states", "")),
        unit=answers.get("unit", ""),
        quantity=_quantity(answers["quantity"]),
        counter=answers["counter"],
        writable=answers.get("writable", False),
        write_function=WriteFunction(more["write_function"]),
        category="" if more["category"] == _NONE else more["category"],
        enabled=more["enabled"],
        **{name: more.get(name) for name in _OPTIONAL_NUMBERS},
    )


def fresh_key(name: str, taken: Collection[str]) -> str:
    """Return a key that is not taken, from a name in any language."""
    plain = slugify(name)[:_MOST_KEY]
    if not plain[:1].isalpha():
        plain = f"p_{plain}"[:_MOST_KEY]
    key, number = plain, 1
    while key in taken:
        number += 1
        key = f"{plain}_{number}"
    return key


def _more(point: RegisterPoint) -> probatio.Schema:
    """Return what few registers need."""
    return probatio.Schema(
        {
            probatio.Required("byte_order", default=point.byte_order.value): _choice(
                [order.value for order in Order], "byte_order"
            ),
            _optional("bit", point.bit): _within(0, 63),
            probatio.Required("bits", default=point.bits): _within(1, 64),
            probatio.Required("offset", default=point.offset): _NUMBER,
            _optional("exponent_address", point.exponent_address): _ADDRESS,
            _optional(
                "unavailable", text_of_numbers(point.unavailable)
            ): TextSelector(),
            **{
                _optional(name, getattr(point, name)): _NUMBER
                for name in _OPTIONAL_NUMBERS
            },
            probatio.Required(
                "write_function", default=point.write_function.value
            ): _choice([kind.value for kind in WriteFunction], "write_function"),
            probatio.Required("category", default=point.category or _NONE): _choice(
                [_NONE, "diagnostic", "configuration"], "category"
            ),
            probatio.Required("enabled", default=point.enabled): BooleanSelector(),
        }
    )


def _optional(name: str, shown: Any) -> probatio.Optional:
    return probatio.Optional(name, description={"suggested_value": shown})


def _is_of_bits(answers: Mapping[str, Any]) -> bool:
    return Space(answers["space"]).of_bits


def _quantity(text: str) -> Quantity:
    return Quantity.NONE if text == _NONE else Quantity(text)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _within(least: int, most: int) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(min=least, max=most, step=1, mode=NumberSelectorMode.BOX)
    )


def _choice(options: list[str], translation_key: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=options,
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
        )
    )
