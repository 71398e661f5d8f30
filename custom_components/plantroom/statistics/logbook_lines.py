"""What was filled in, as one line of the logbook that a person could have written."""

from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..const import CONNECTION, DIRECT, DOMAIN, TITLE
from .ledger import TOLD_SECONDS, Outage


async def tell_of_outage(
    hass: HomeAssistant, entry: ConfigEntry, outage: Outage
) -> None:
    """Tell of an outage that is dealt with, unless it was a short one."""
    lasted = outage.end - outage.start
    if lasted.total_seconds() < TOLD_SECONDS:
        return
    await _tell(
        hass,
        _key(entry, outage),
        start=_at(outage.start, outage),
        end=_at(outage.end, outage),
        statistics=outage.statistics,
        hours=outage.filled,
    )


async def tell_of_backfill(
    hass: HomeAssistant, device: str, statistics: int, start: datetime
) -> None:
    """Tell since when a device's statistics reach back now."""
    day = dt_util.as_local(start)
    await _tell(
        hass,
        "history_begins",
        device=device,
        statistics=statistics,
        start=f"{day:%Y-%m-%d %H:%M}",
    )


def _key(entry: ConfigEntry, outage: Outage) -> str:
    if not outage.filled:
        return "away_nothing_known"
    hours = "one_hour" if outage.filled == 1 else "hours"
    source = "logs" if entry.data.get(CONNECTION) == DIRECT else "server"
    return f"away_{hours}_from_{source}"


async def _tell(hass: HomeAssistant, key: str, **facts: object) -> None:
    if "logbook" not in hass.config.components:
        return
    # Home Assistant's logbook needs the recorder, which is there when this is called
    from homeassistant.components.logbook import async_log_entry  # noqa: PLC0415

    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    text = texts[f"component.{DOMAIN}.selector.history_line.options.{key}"]
    async_log_entry(hass, TITLE, text.format(**facts), DOMAIN)


def _at(at: datetime, outage: Outage) -> str:
    """Return a moment in local time, with its day when the outage spans several."""
    local = dt_util.as_local(at)
    same_day = (
        dt_util.as_local(outage.start).date() == dt_util.as_local(outage.end).date()
    )
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"
