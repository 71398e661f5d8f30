"""The form of routing between BACnet networks: which take part, by what number."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import probatio
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_NETWORK_ID
from ..engine.secure_connect.configuration import MAX_NETWORK_NUMBER
from ..engine.site_config import BacnetConfig
from .network_form import NetworkFormError

CONF_NUMBER: Final = "number"
CONF_ROUTED: Final = "routed"
_NUMBER: Final = NumberSelector(
    NumberSelectorConfig(
        min=1, max=MAX_NETWORK_NUMBER, step=1, mode=NumberSelectorMode.BOX
    )
)


def internetwork_schema(
    networks: Sequence[BacnetConfig], routed: Mapping[str, int]
) -> probatio.Schema:
    """Return the form; routed: network numbers by id, as they are now."""
    known = {network.network_id for network in networks}
    shown = [
        {CONF_NETWORK_ID: network_id, CONF_NUMBER: number}
        for network_id, number in routed.items()
        if network_id in known
    ]
    options = [
        SelectOptionDict(value=network.network_id, label=network.name)
        for network in networks
    ]
    selector = ObjectSelector(
        ObjectSelectorConfig(
            multiple=True,
            label_field=CONF_NUMBER,
            translation_key="routed_network",
            fields={
                CONF_NETWORK_ID: {
                    "required": True,
                    "selector": SelectSelector(
                        SelectSelectorConfig(
                            options=options, mode=SelectSelectorMode.DROPDOWN
                        )
                    ),
                },
                CONF_NUMBER: {"required": True, "selector": _NUMBER},
            },
        )
    )
    return probatio.Schema({probatio.Optional(CONF_ROUTED, default=shown): selector})


def internetwork_from_form(
    networks: Sequence[BacnetConfig], answers: Mapping[str, Any]
) -> dict[str, int]:
    """Return network numbers by id, none for no routing; raises NetworkFormError."""
    rows: list[dict[str, Any]] = answers.get(CONF_ROUTED, [])
    routed = {row[CONF_NETWORK_ID]: int(row[CONF_NUMBER]) for row in rows}
    if len(routed) != len(rows) or len({*routed.values()}) != len(rows):
        raise NetworkFormError(CONF_ROUTED, "routed_twice")
    if len(routed) == 1:
        raise NetworkFormError(CONF_ROUTED, "routed_alone")
    ours = [each.instance for each in networks if each.network_id in routed]
    if len({*ours}) != len(ours):
        raise NetworkFormError(CONF_ROUTED, "routed_instance")
    return routed
