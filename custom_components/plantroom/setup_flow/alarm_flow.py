"""What all steps about alarm rules share: the engine, its points and their names."""

from collections.abc import Callable
from typing import override

from homeassistant.config_entries import ConfigSubentryFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..alarm_titles import RuleTitles, rule_titles
from ..client import EngineClient
from ..engine.models import Reading
from ..mirror import Mirror
from ..runtime import PlantroomConfigEntry
from ..site import device_id_of_subentry
from ..subentries import device_subentries


class AlarmFlow(ConfigSubentryFlow):
    """A flow of a running entry, which keeps fresh what it shows while it is open."""

    def __init__(self) -> None:
        """Start watching nothing."""
        super().__init__()
        self._unwatches: dict[str, Callable[[], None]] = {}

    @property
    def _entry(self) -> PlantroomConfigEntry:
        entry: PlantroomConfigEntry = self._get_entry()
        return entry

    @property
    def _client(self) -> EngineClient:
        return self._entry.runtime_data.client

    @property
    def _mirror(self) -> Mirror:
        return self._client.mirror

    async def _titles(self) -> RuleTitles:
        return await rule_titles(self.hass, self._entry, self._mirror)

    def _keep_fresh(self, *point_ids: str) -> None:
        """Have points read that may have no entity, for as long as the flow is open."""
        for point_id in point_ids:
            if point_id not in self._unwatches:
                self._unwatches[point_id] = self._client.watch(point_id, _shown_later)

    @override
    def async_remove(self) -> None:
        """Let the points go that were kept fresh."""
        while self._unwatches:
            self._unwatches.popitem()[1]()

    def _device_selector(self) -> SelectSelector:
        """Offer the devices by the engine's ids."""
        options = [
            SelectOptionDict(value=device_id_of_subentry(item), label=item.title)
            for item, _ in device_subentries(self._entry)
        ]
        return SelectSelector(
            SelectSelectorConfig(
                options=sorted(options, key=lambda o: o["label"].casefold()),
                mode=SelectSelectorMode.DROPDOWN,
            )
        )


def _shown_later(_: Reading) -> None:
    """Take no notice: the mirror has the reading when it is shown."""
