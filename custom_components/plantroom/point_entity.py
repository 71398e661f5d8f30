"""The entity of one point."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, override

from homeassistant.core import callback

from .actor import actor_of, via_of
from .engine.models import (
    Point,
    PointValue,
    Reading,
    ReadingSource,
    WriteRequest,
    WriteResult,
)
from .entity import PlantroomEntity
from .entity_table import EntityRow, entity_row, is_commanded
from .error_translation import raise_unless_verified, translated_errors
from .links import DeviceLink
from .point_attributes import (
    ATTR_REFERENCE,
    ATTR_STATE_TEXT,
    is_overridden,
    is_reliable,
    lease_attributes,
    point_attributes,
)
from .point_names import entity_name

type Shown = str | float | bool | None

_POINT_KEY: Final = "point"


class PointEntity(PlantroomEntity):
    """One point: its present value, and why it is not to be trusted.

    Available while the engine, the device and the value can be relied on; a value
    that somebody set by hand for a test (out of service) can. What a person commands
    stays available in spite of a fault, or nobody could command or release it.
    """

    _attr_translation_key = _POINT_KEY
    _unrecorded_attributes = frozenset({*ATTR_REFERENCE.values(), ATTR_STATE_TEXT})

    def __init__(self, link: DeviceLink, point: Point, row: EntityRow) -> None:
        """Take a point, its row of the entity table and its device."""
        self.link = link
        self.point = point
        self._reading: Reading | None = None
        self._known: tuple[object, ...] | None = None
        self._attr_unique_id = point.point_id
        self._attr_entity_registry_enabled_default = row.enabled
        self.device_entry = link.registry_device
        self._describe(row)

    @abstractmethod
    def _take_row(self, row: EntityRow) -> None:
        """Set what the platform wants to know of the point."""

    @abstractmethod
    def _shown(self, value: PointValue) -> Shown:
        """Return a present value as the platform shows it, None for no such value."""

    @abstractmethod
    def _take_shown(self, shown: Any) -> None:
        """Set the platform's state to what _shown returned."""

    def value_of(self, given: Shown) -> PointValue:
        """Return what an action was given as the engine takes it."""
        return given

    @translated_errors
    async def write(
        self,
        value: PointValue,
        priority: int | None = None,
        *,
        allow_reserved: bool = False,
        lease_seconds: float | None = None,
        bound: bool = False,
    ) -> WriteResult:
        """Command the point, or release it with None, and show what that did.

        lease_seconds: after which it is taken back. bound: taken back as well when
        Home Assistant stops or is away.
        """
        result = await self.link.client.write(
            WriteRequest(
                point_id=self.point.point_id,
                value=value,
                priority=priority,
                actor=await actor_of(self.hass, self._context),
                allow_reserved=allow_reserved,
                lease_seconds=lease_seconds,
                bound=bound,
                via=via_of(self.hass, self._context),
            )
        )
        self._take_result(result)
        return result

    async def command(self, value: PointValue) -> None:
        """Command the point at its device's priority; raise when it has no effect."""
        raise_unless_verified(await self.write(value), str(self.name))

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        link, point_id = self.link, self.point.point_id
        self._reading = link.client.mirror.readings.get(point_id)
        self._refresh()
        return (
            link.client.watch(point_id, self._take),
            link.changes.listen(point_id, self._follow_point),
            link.changes.listen(link.device_id, self._refresh_and_write),
            self._report_no_override,
        )

    def _describe(self, row: EntityRow) -> None:
        self._row = row
        self._attr_name = entity_name(
            self.point, self.link.name, from_description=self.link.from_description
        )
        self._attr_entity_category = row.category
        self._take_row(row)
        self._known = None

    @callback
    def _follow_point(self) -> None:
        """Take a new description; one for another platform gets another entity."""
        point = self.link.client.mirror.points.get(self.point.point_id)
        if point is not None:
            row = entity_row(point, writable=self.link.is_writable(point))
            if row.platform is not self._row.platform:
                return
            self.point = point
            self._describe(row)
        self._refresh_and_write()

    @callback
    def _take(self, reading: Reading) -> None:
        self._reading = reading
        self._refresh_and_write()

    def _take_result(self, result: WriteResult) -> None:
        """Show what the write read back now: the next reading may be a minute away."""
        if result.present_value is None:
            return
        now = datetime.now(UTC)
        levels = enumerate(result.priority_array, start=1)
        before = self._reading or Reading(
            value=None, at=now, source=ReadingSource.READ_BACK
        )
        self._take(
            replace(
                before,
                value=result.present_value,
                at=now,
                source=ReadingSource.READ_BACK,
                error="",
                priority=next((n for n, value in levels if value is not None), None),
            )
        )

    @callback
    def _refresh_and_write(self) -> None:
        if self._refresh():
            self.async_write_ha_state()

    def _refresh(self) -> bool:
        """Take over the reading; return whether anything that shows is different."""
        reading = self._reading
        available = self._is_available(reading)
        shown = self._shown(reading.value) if available and reading else None
        leases = self.link.client.mirror.leases_of(self.point.point_id)
        known: tuple[object, ...] = (available, shown, *leases)
        if reading is not None:
            known += (reading.flags, reading.priority, reading.reliability)
        if known == self._known:
            return False
        self._known = known
        self._attr_available = available
        self._attr_extra_state_attributes = point_attributes(
            self.point, reading, self.link.protocol, self.link.priority
        ) | lease_attributes(leases)
        self._take_shown(shown)
        self._report_override(reading)
        return True

    def _is_available(self, reading: Reading | None) -> bool:
        link = self.link
        if not link.online or self.point.point_id not in link.client.mirror.points:
            return False
        if reading is None:
            return True
        if reading.error:
            return False
        return is_reliable(reading) or is_commanded(
            self.point, writable=link.is_writable(self.point)
        )

    def _report_override(self, reading: Reading | None) -> None:
        self.link.overrides.report(
            self.link.device_id,
            self.point.point_id,
            overridden=reading is not None
            and is_overridden(reading, self.link.priority),
        )

    def _report_no_override(self) -> None:
        self._report_override(None)
