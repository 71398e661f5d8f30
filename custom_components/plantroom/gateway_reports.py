"""What is wrong with event subscriptions and a person can mend, as repairs."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .client import EngineClient
from .const import DOMAIN, SUBENTRY_SUBSCRIPTION
from .engine.events import EngineEvent, SubscriptionChanged, SubscriptionRemoved
from .engine.gateway.models import SubscriptionState, SubscriptionStatus
from .gateway_subentries import subscription


class GatewayIssue(StrEnum):
    """The repairs; each is the key of its text."""

    STOPPED = "subscription_stopped"
    STORE_SILENT = "event_store_silent"
    PARKED = "events_parked"
    CACHE_LOST = "recovery_cache_lost"
    COMMANDS_WAITING = "commands_waiting"
    INLET_SILENT = "event_inlet_silent"


# What passes by itself as often as not is no repair before that
PATIENCE: Final = {
    GatewayIssue.STOPPED: timedelta(),
    GatewayIssue.STORE_SILENT: timedelta(minutes=5),
    GatewayIssue.PARKED: timedelta(seconds=30),
    GatewayIssue.CACHE_LOST: timedelta(minutes=1),
    GatewayIssue.COMMANDS_WAITING: timedelta(minutes=5),
    GatewayIssue.INLET_SILENT: timedelta(minutes=2),
}
FIXABLE: Final = frozenset(
    {GatewayIssue.STOPPED, GatewayIssue.STORE_SILENT, GatewayIssue.PARKED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrong:
    issue: GatewayIssue
    status: SubscriptionStatus
    subentry: ConfigSubentry


class GatewayReports:
    """Keeps exactly the issues that stand for as long as their patience says.

    They outlive a reload, and a server that is away: then nothing is known.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
    ) -> None:
        """Take a client that is started."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._since: dict[str, datetime] = {}
        self._told: set[str] = set()
        self._later: CALLBACK_TYPE | None = None
        self._again = HassJob(self._look_again, cancel_on_shutdown=True)

    @callback
    def start(self) -> Callable[[], None]:
        """Report what stands and follow; return what ends it."""
        self._report()
        unlistens = (
            self._client.listen_changes(self._follow),
            self._client.listen_connected(lambda _: self._report()),
        )

        def stop() -> None:
            for unlisten in unlistens:
                unlisten()
            self._wait(None)

        return stop

    @callback
    def _follow(self, event: EngineEvent) -> None:
        if isinstance(event, SubscriptionChanged | SubscriptionRemoved):
            self._report()

    @callback
    def _look_again(self, _now: datetime) -> None:
        self._later = None
        self._report()

    @callback
    def _report(self) -> None:
        if not self._client.connected:
            return
        now = dt_util.utcnow()
        found = {_issue_id(self._entry, item): item for item in self._wrong()}
        self._forget_mended()
        self._since = {
            issue_id: self._since.get(issue_id) or self._begun(issue_id, item, now)
            for issue_id, item in found.items()
        }
        due = {
            issue_id
            for issue_id, item in found.items()
            if now - self._since[issue_id] >= PATIENCE[item.issue]
        }
        pattern = re.escape(_prefix(self._entry))
        with ir.async_refresh_issues(self._hass, DOMAIN, issue_id_pattern=pattern):
            for issue_id in due:
                self._create(issue_id, found[issue_id])
        self._told = due
        waiting = [
            self._since[issue_id] + PATIENCE[item.issue] - now
            for issue_id, item in found.items()
            if issue_id not in due
        ]
        self._wait(min(waiting, default=None))

    def _forget_mended(self) -> None:
        """Be patient again with what a person believes to have mended."""
        registry = ir.async_get(self._hass)
        for issue_id in self._told:
            if registry.async_get_issue(DOMAIN, issue_id) is None:
                self._since.pop(issue_id, None)

    def _begun(self, issue_id: str, item: _Wrong, now: datetime) -> datetime:
        """Return since when something is wrong; an issue that is told stays so."""
        issue = ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id)
        if issue is None or not issue.active:
            return now
        return now - PATIENCE[item.issue]

    def _wait(self, time: timedelta | None) -> None:
        if self._later is not None:
            self._later()
            self._later = None
        if time is not None:
            self._later = async_call_later(self._hass, time, self._again)

    def _wrong(self) -> Iterator[_Wrong]:
        statuses = self._client.mirror.subscriptions
        for item in self._entry.get_subentries_of_type(SUBENTRY_SUBSCRIPTION):
            status = statuses.get(subscription(item.data).subscription_id)
            if status is not None:
                for issue in issues_of(status):
                    yield _Wrong(issue=issue, status=status, subentry=item)

    def _create(self, issue_id: str, item: _Wrong) -> None:
        status = item.status
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={
                "entry_id": self._entry.entry_id,
                "code": item.issue.value,
                "subject": item.subentry.subentry_id,
            },
            is_fixable=item.issue in FIXABLE,
            severity=(
                ir.IssueSeverity.ERROR
                if item.issue is GatewayIssue.STOPPED
                else ir.IssueSeverity.WARNING
            ),
            translation_key=item.issue.value,
            translation_placeholders={
                "name": item.subentry.title,
                "detail": status.detail or "?",
                "count": str(
                    status.commands_waiting
                    if item.issue is GatewayIssue.COMMANDS_WAITING
                    else status.parked
                ),
                "problem": status.inlet_problem,
            },
        )


def issues_of(status: SubscriptionStatus) -> Iterable[GatewayIssue]:
    """Return what is wrong with a subscription now; pure."""
    if status.state is SubscriptionState.STOPPED:
        yield GatewayIssue.STOPPED
    if status.state is SubscriptionState.CONNECTING and status.reason:
        yield GatewayIssue.STORE_SILENT
    if status.parked:
        yield GatewayIssue.PARKED
    if not status.cache_connected:
        yield GatewayIssue.CACHE_LOST
    # While it stopped, that is what there is to mend
    if status.commands_waiting and status.state is not SubscriptionState.STOPPED:
        yield GatewayIssue.COMMANDS_WAITING
    if status.inlet_problem:
        yield GatewayIssue.INLET_SILENT


@callback
def solve_gateway_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back every issue of an entry's subscriptions."""
    pattern = re.escape(_prefix(entry))
    with ir.async_refresh_issues(hass, DOMAIN, issue_id_pattern=pattern):
        """Nothing is reported again."""


def _prefix(entry: ConfigEntry) -> str:
    return f"{entry.entry_id}_gateway_"


def _issue_id(entry: ConfigEntry, item: _Wrong) -> str:
    return f"{_prefix(entry)}{item.issue}_{item.subentry.subentry_id}"
