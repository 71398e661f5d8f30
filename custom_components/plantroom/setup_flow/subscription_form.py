"""The form that asks which events become objects, and of which network's device."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

import probatio
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import Optional, Required, section
from homeassistant.helpers.field_visibility import ConditionOperator, FieldCondition
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ..const import CONF_NETWORK_ID
from ..engine.errors import ConfigurationError
from ..engine.gateway.configuration import (
    LARGEST_INSTANCE,
    EventStoreConfig,
    StreamKind,
    SubscriptionConfig,
)
from ..engine.site_config import BacnetConfig
from .network_form import NetworkFormError

CONF_STREAM_KIND: Final = "stream_kind"
CONF_STREAM: Final = "stream"
CONF_EVENT_TYPES: Final = "event_types"
CONF_COMMAND_STREAM: Final = "command_stream"
CONF_SHOW: Final = "show_objects"
ADVANCED: Final = "advanced"
CONF_GROUP: Final = "group"
CONF_OFFSET: Final = "offset"
OWN_LOG_CHOICE: Final = "own_log"
KURRENTDB_CHOICE: Final = "kurrentdb"

_HAS_STREAM: Final[FieldCondition] = {
    "field": CONF_STREAM_KIND,
    "value": StreamKind.ALL.value,
    "operator": ConditionOperator.NOT_EQ,
}
_IS_ALL: Final[FieldCondition] = {
    "field": CONF_STREAM_KIND,
    "value": StreamKind.ALL.value,
}
_KINDS: Final = SelectSelector(
    SelectSelectorConfig(
        options=[kind.value for kind in StreamKind],
        translation_key=CONF_STREAM_KIND,
        mode=SelectSelectorMode.LIST,
    )
)
_OFFSET: Final = NumberSelector(
    NumberSelectorConfig(
        min=0, max=LARGEST_INSTANCE, step=1, mode=NumberSelectorMode.BOX
    )
)
_TYPES: Final = TextSelector(TextSelectorConfig(multiple=True))


def store_selector(
    stores: Iterable[tuple[str, EventStoreConfig]], *, has_own_log: bool
) -> SelectSelector:
    """Return the choice among the stores there are, and new ones."""
    known = [
        SelectOptionDict(value=store.store_id, label=title) for title, store in stores
    ]
    new = [KURRENTDB_CHOICE] if has_own_log else [OWN_LOG_CHOICE, KURRENTDB_CHOICE]
    return SelectSelector(
        SelectSelectorConfig(
            options=[*known, *(SelectOptionDict(value=n, label=n) for n in new)],
            translation_key="event_store_choice",
            mode=SelectSelectorMode.LIST,
        )
    )


def subscription_schema(
    networks: Iterable[BacnetConfig],
    shown: SubscriptionConfig | None,
    name: str = "",
    *,
    shows_objects: bool = True,
) -> probatio.Schema:
    """Return the form; shown: the subscription to change, None for a new one."""
    choices = [*networks]
    plain = shown or fresh_subscription("", choices[0].network_id)
    stream = "" if shown is None else shown.stream
    fields: dict[Any, Any] = {
        probatio.Required(CONF_NAME, description=_suggested(name)): TextSelector(),
        probatio.Required(CONF_STREAM_KIND, default=plain.stream_kind.value): _KINDS,
        Required(
            CONF_STREAM, visible=_HAS_STREAM, description=_suggested(stream)
        ): TextSelector(),
        Optional(
            CONF_EVENT_TYPES,
            visible=_IS_ALL,
            description={"suggested_value": [*plain.event_types]},
        ): _TYPES,
        probatio.Optional(
            CONF_COMMAND_STREAM, description=_suggested(plain.command_stream)
        ): TextSelector(),
        probatio.Required(CONF_NETWORK_ID, default=plain.network_id): _networks(
            choices
        ),
        probatio.Required(CONF_SHOW, default=shows_objects): BooleanSelector(),
        probatio.Required(ADVANCED): section(
            probatio.Schema(
                {
                    probatio.Required(CONF_GROUP, default=plain.group): TextSelector(),
                    probatio.Required(CONF_OFFSET, default=plain.offset): _OFFSET,
                }
            ),
            {"collapsed": True},
        ),
    }
    return probatio.Schema(fields)


def fresh_subscription(store_id: str, network_id: str) -> SubscriptionConfig:
    """Return a subscription with an id of its own, whose stream has to be asked for."""
    return SubscriptionConfig(
        subscription_id=uuid4().hex[:8],
        store_id=store_id or "-",
        network_id=network_id,
        stream="-",
    )


def subscription_from_form(
    subscription_id: str, store_id: str, answers: Mapping[str, Any]
) -> SubscriptionConfig:
    """Return the subscription asked for; raises NetworkFormError."""
    kind = StreamKind(answers[CONF_STREAM_KIND])
    is_all = kind is StreamKind.ALL
    types = answers.get(CONF_EVENT_TYPES, ()) if is_all else ()
    try:
        return SubscriptionConfig(
            subscription_id=subscription_id,
            store_id=store_id,
            network_id=answers[CONF_NETWORK_ID],
            stream_kind=kind,
            stream="" if is_all else answers.get(CONF_STREAM, "").strip(),
            group=answers[ADVANCED][CONF_GROUP].strip(),
            event_types=tuple(filter(None, map(str.strip, types))),
            offset=int(answers[ADVANCED][CONF_OFFSET]),
            command_stream=answers.get(CONF_COMMAND_STREAM, "").strip(),
        )
    except ConfigurationError as err:
        field = err.facts["field"]
        place = "base" if field in {CONF_GROUP, CONF_OFFSET} else field
        raise NetworkFormError(place, f"bad_{field}") from err


def refuse_taken_group(
    config: SubscriptionConfig, others: Iterable[SubscriptionConfig]
) -> None:
    """Raise NetworkFormError where another one would take half of the events."""
    for other in others:
        if other.subscription_id != config.subscription_id and _place(other) == _place(
            config
        ):
            raise NetworkFormError("base", "taken_group")


def is_same_source(one: SubscriptionConfig, other: SubscriptionConfig) -> bool:
    """Return whether two describe the same objects, so that what is kept stays right."""
    return (one.offset, one.network_id, *_place(one)[:3]) == (
        other.offset,
        other.network_id,
        *_place(other)[:3],
    )


def _place(config: SubscriptionConfig) -> tuple[str, StreamKind, str, str]:
    return config.store_id, config.stream_kind, config.stream, config.group


def _networks(networks: Iterable[BacnetConfig]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(
                    value=each.network_id,
                    label=f"{each.name} ({each.instance})",
                )
                for each in networks
            ],
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _suggested(value: str) -> dict[str, str]:
    return {"suggested_value": value}
