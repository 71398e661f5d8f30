"""Hands rows to the recorder, which takes or refuses them."""

import logging
from collections.abc import Sequence

from homeassistant.components.recorder.models import StatisticData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .subjects import Subject

_LOGGER = logging.getLogger(__name__)


@callback
def import_rows(
    hass: HomeAssistant, subject: Subject, rows: Sequence[StatisticData]
) -> bool:
    """Queue rows to be written; return False when there are none or they are refused."""
    if not rows:
        return False
    try:
        async_import_statistics(hass, subject.metadata, rows)
    except HomeAssistantError as err:
        _LOGGER.warning("%s cannot be filled in: %s", subject.statistic_id, err)
        return False
    return True
