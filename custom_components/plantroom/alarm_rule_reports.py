"""Rules whose points are there no more, as repairs."""

import re
from collections.abc import Callable, Collection
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .alarm_rules import alarm_rule, device_id_of_point
from .client import EngineClient
from .const import DOMAIN, SUBENTRY_ALARM_RULE
from .engine.events import EngineEvent, PointsChanged
from .mirror import Mirror
from .site import device_id_of_subentry
from .subentries import device_subentries

RULE_WITHOUT_POINT: Final = "alarm_rule_without_point"


class AlarmRuleReports:
    """Keeps exactly the issues of the rules that look at a point that is gone.

    A device that was never read, or is silent, may still have it: nothing is said.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
    ) -> None:
        """Take a client that is started."""
        self._hass = hass
        self._entry = entry
        self._client = client

    @callback
    def start(self) -> Callable[[], None]:
        """Report what stands and follow points and rules; return what ends it."""
        self._report()
        unlistens = (
            self._client.listen_changes(self._follow),
            self._entry.add_update_listener(self._on_update),
        )

        def stop() -> None:
            for unlisten in unlistens:
                unlisten()

        return stop

    @callback
    def _follow(self, event: EngineEvent) -> None:
        if isinstance(event, PointsChanged):
            self._report()

    async def _on_update(self, _hass: HomeAssistant, _entry: ConfigEntry) -> None:
        self._report()

    def _report(self) -> None:
        devices = {device_id_of_subentry(i) for i, _ in device_subentries(self._entry)}
        with ir.async_refresh_issues(
            self._hass, DOMAIN, issue_id_pattern=re.escape(_issue_id(self._entry, ""))
        ):
            for item in self._entry.get_subentries_of_type(SUBENTRY_ALARM_RULE):
                gone = gone_points(item, self._client.mirror, devices)
                if gone:
                    self._create(item, gone)

    def _create(self, item: ConfigSubentry, gone: list[str]) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            _issue_id(self._entry, item.subentry_id),
            data={
                "entry_id": self._entry.entry_id,
                "code": RULE_WITHOUT_POINT,
                "subject": item.subentry_id,
            },
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=RULE_WITHOUT_POINT,
            translation_placeholders={"rule": item.title, "points": ", ".join(gone)},
        )


def gone_points(
    item: ConfigSubentry, mirror: Mirror, devices: Collection[str]
) -> list[str]:
    """Return the ids of what a rule looks at and is there no more."""
    read = {point.device_id for point in mirror.points.values()}
    return [
        point_id
        for point_id in alarm_rule(item.data).reads
        if point_id not in mirror.points
        and (
            device_id_of_point(point_id) not in devices
            or device_id_of_point(point_id) in read
        )
    ]


@callback
def solve_rule_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back every issue of an entry's rules."""
    pattern = re.escape(_issue_id(entry, ""))
    with ir.async_refresh_issues(hass, DOMAIN, issue_id_pattern=pattern):
        """Nothing is reported again."""


def _issue_id(entry: ConfigEntry, subentry_id: str) -> str:
    return f"{entry.entry_id}_{RULE_WITHOUT_POINT}_{subentry_id}"
