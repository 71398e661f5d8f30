"""A list of units to choose from, as BACnet names them."""

from collections.abc import Iterable

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..engine.bacnet.names.units import unit_symbol


def unit_selector(names: Iterable[str]) -> SelectSelector:
    """Return a list that can be searched by symbol and by name."""
    options = [
        SelectOptionDict(value=name, label=f"{unit_symbol(name) or name} — {name}")
        for name in names
    ]
    return SelectSelector(
        SelectSelectorConfig(
            options=sorted(options, key=lambda option: option["label"].casefold()),
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
