"""Which statistics there are of which points, and in which unit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    STATISTIC_UNIT_TO_UNIT_CONVERTER,
    UNIT_CLASS_TO_UNIT_CONVERTER,
    get_metadata,
)
from homeassistant.components.sensor import SensorStateClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance

from ..const import DOMAIN
from ..device_adapter import DeviceAdapter
from ..engine.history.models import HourSummary
from ..entity_table import EntityRow
from ..point_values import shown_number
from .counters import CounterHour

type Convert = Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The statistic of a point's entity.

    metadata: as the recorder keeps it now. increasing: of a counter, whether a fall
    means that it began anew. convert: from the point's unit to the statistic's.
    """

    point_id: str
    device_id: str
    metadata_id: int
    metadata: StatisticMetaData
    increasing: bool
    convert: Convert

    @property
    def statistic_id(self) -> str:
        """Return the entity's id as of now."""
        return self.metadata["statistic_id"]

    @property
    def has_mean(self) -> bool:
        """Return whether it is of a measurement."""
        return self.metadata["mean_type"] is StatisticMeanType.ARITHMETIC

    @property
    def has_sum(self) -> bool:
        """Return whether it is of a counter."""
        return self.metadata["has_sum"]

    def mean_row(self, hour: HourSummary) -> StatisticData:
        """Return an hour of a measurement, in the statistic's unit."""
        return StatisticData(
            start=hour.start,
            mean=self.convert(hour.mean),
            min=self.convert(hour.minimum),
            max=self.convert(hour.maximum),
        )

    def counter_hour(self, hour: HourSummary) -> CounterHour:
        """Return an hour as the counter's states show it, in the statistic's unit."""
        return CounterHour(
            maximum=self.convert(_as_shown(hour.maximum)),
            last=self.convert(_as_shown(hour.last)),
        )


async def find_subjects(hass: HomeAssistant, adapter: DeviceAdapter) -> list[Subject]:
    """Return the statistics of our sensors; a sensor without any is left out."""
    sensors = _sensors(hass, adapter)
    metadata = await get_instance(hass).async_add_executor_job(
        partial(get_metadata, hass, statistic_ids=set(sensors))
    )
    found = (
        _subject(hass, *sensors[statistic_id], *kept)
        for statistic_id, kept in metadata.items()
        if statistic_id in sensors
    )
    return [subject for subject in found if subject is not None]


@callback
def statistics_points(
    hass: HomeAssistant, adapter: DeviceAdapter, device_id: str
) -> set[str]:
    """Return a device's points that have a sensor of which there will be statistics."""
    return {
        point_id
        for device, point_id, _ in _sensors(hass, adapter).values()
        if device == device_id
    }


@callback
def _sensors(
    hass: HomeAssistant, adapter: DeviceAdapter
) -> dict[str, tuple[str, str, EntityRow]]:
    """Return device, point and row of every enabled sensor by its entity id."""
    registry = er.async_get(hass)
    sensors = {}
    for device_id, point_id, row in _rows(adapter):
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, point_id)
        entity = None if entity_id is None else registry.async_get(entity_id)
        if entity is not None and not entity.disabled:
            sensors[entity.entity_id] = (device_id, point_id, row)
    return sensors


def _rows(adapter: DeviceAdapter) -> Iterable[tuple[str, str, EntityRow]]:
    for device_id in adapter.devices:
        for point_id, row in adapter.planned(device_id).items():
            if row.platform is Platform.SENSOR and row.state_class is not None:
                yield device_id, point_id, row


def _subject(
    hass: HomeAssistant,
    device_id: str,
    point_id: str,
    row: EntityRow,
    metadata_id: int,
    metadata: StatisticMetaData,
) -> Subject | None:
    state_class = _state_class(hass, metadata["statistic_id"], row)
    convert = _converter(row.unit, metadata)
    if state_class is None or convert is None:
        return None
    if metadata["has_sum"] is not (state_class in _COUNTED):
        return None
    return Subject(
        point_id=point_id,
        device_id=device_id,
        metadata_id=metadata_id,
        metadata=metadata,
        increasing=state_class == SensorStateClass.TOTAL_INCREASING,
        convert=convert,
    )


_COUNTED = frozenset({SensorStateClass.TOTAL, SensorStateClass.TOTAL_INCREASING})


def _state_class(hass: HomeAssistant, entity_id: str, row: EntityRow) -> str | None:
    """Return the state class that the recorder goes by, a person's if there is one."""
    state = hass.states.get(entity_id)
    if state is None:
        return row.state_class
    found: str | None = state.attributes.get("state_class")
    return found


def _converter(unit: str | None, metadata: StatisticMetaData) -> Convert | None:
    """Return what makes a point's value the statistic's, None when nothing does."""
    kept = metadata["unit_of_measurement"]
    if unit == kept:
        return _unchanged
    converter = UNIT_CLASS_TO_UNIT_CONVERTER.get(metadata["unit_class"])
    converter = converter or STATISTIC_UNIT_TO_UNIT_CONVERTER.get(kept)
    if converter is None or not {unit, kept} <= converter.VALID_UNITS:
        return None
    return converter.converter_factory(unit, kept)


def _unchanged(value: float) -> float:
    return value


def _as_shown(value: float) -> float:
    shown = shown_number(value)
    return value if shown is None else shown
