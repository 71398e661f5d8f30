"""How the alarms that BACnet devices find themselves come to us, as forms ask it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.data_entry_flow import Required
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_ALARMS, CONF_NOTIFICATION_CLASSES

CONF_HEARING: Final = "hearing"
CONF_CLASSES: Final = "classes"


class Hearing(StrEnum):
    """What is done to hear of a device's alarms.

    ASK: nothing is changed in it; we ask now and then. ALL and CHOICE: we enter
    ourselves in the recipient lists of its Notification Classes.
    """

    IGNORE = "ignore"
    ASK = "ask"
    ALL = "all"
    CHOICE = "choice"


def hearing_selector(offered: Iterable[Hearing]) -> SelectSelector:
    """Offer ways of hearing."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[hearing.value for hearing in offered],
            mode=SelectSelectorMode.LIST,
            translation_key=CONF_HEARING,
        )
    )


def hearing_of(data: Mapping[str, Any]) -> Hearing:
    """Return how a subentry's data say it."""
    if not data.get(CONF_ALARMS, True):
        return Hearing.IGNORE
    classes = data.get(CONF_NOTIFICATION_CLASSES, ())
    if classes is None:
        return Hearing.ALL
    return Hearing.CHOICE if classes else Hearing.ASK


def hearing_data(hearing: Hearing, classes: Collection[int] = ()) -> dict[str, Any]:
    """Return what a subentry's data say; classes: those chosen."""
    chosen = sorted(classes) if hearing is Hearing.CHOICE else []
    return {
        CONF_ALARMS: hearing is not Hearing.IGNORE,
        CONF_NOTIFICATION_CLASSES: None if hearing is Hearing.ALL else chosen,
    }


def hearing_schema(
    data: Mapping[str, Any], labels: Mapping[int, str]
) -> probatio.Schema:
    """Return the form; labels: of the classes that the device has, {} if not known."""
    chosen: Sequence[int] = data.get(CONF_NOTIFICATION_CLASSES) or ()
    known = {**{number: str(number) for number in chosen}, **labels}
    hearing = hearing_of(data)
    offered = [each for each in Hearing if known or each is not Hearing.CHOICE]
    fields: dict[Any, Any] = {
        probatio.Required(CONF_HEARING, default=hearing.value): hearing_selector(
            offered
        )
    }
    if known:
        key = Required(
            CONF_CLASSES,
            default=[str(number) for number in chosen],
            visible={"field": CONF_HEARING, "value": Hearing.CHOICE.value},
        )
        fields[key] = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=str(number), label=known[number])
                    for number in sorted(known)
                ],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
    return probatio.Schema(fields)


def hearing_by(device: ConfigSubentryData, hearing: Hearing) -> ConfigSubentryData:
    """Return a new device's subentry with how its alarms are heard."""
    heard = device.copy()
    heard["data"] = {**device["data"], **hearing_data(hearing)}
    return heard
