"""The step that says how a BACnet device's own alarms come to us."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..engine.errors import PlantroomError
from ..failure_text import failure_text
from ..notification_classes import NotificationClass, read_notification_classes
from ..runtime import PlantroomConfigEntry
from ..setup_flow.alarm_hearing import (
    CONF_CLASSES,
    CONF_HEARING,
    Hearing,
    hearing_data,
    hearing_schema,
)
from ..site import device_id_of_subentry
from ..subentries import network_of

READ_SECONDS: Final = 30.0
_TEXT: Final = f"component.{DOMAIN}.selector.notification_class.options."


class DeviceAlarmSteps(ConfigSubentryFlow):
    """Show whom the device tells now, read from it; then choose."""

    def __init__(self) -> None:
        """Start with nothing read."""
        super().__init__()
        self._classes: list[NotificationClass] | None = None
        self._classes_failure = ""

    async def async_step_alarms(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask in which recipient lists we enter ourselves."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            hearing = Hearing(user_input[CONF_HEARING])
            chosen = {int(number) for number in user_input.get(CONF_CLASSES, ())}
            if chosen or hearing is not Hearing.CHOICE:
                return self.async_update_and_abort(
                    self._get_entry(),
                    subentry,
                    data_updates=hearing_data(hearing, chosen),
                )
            errors[CONF_CLASSES] = "no_class_chosen"
        if self._classes is None:
            self._classes = await self._read_classes()
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "selector", [DOMAIN]
        )
        labels = {each.number: self._class_label(each, texts) for each in self._classes}
        return self.async_show_form(
            step_id="alarms",
            data_schema=self.add_suggested_values_to_schema(
                hearing_schema(subentry.data, labels), user_input
            ),
            errors=errors,
            description_placeholders={
                "device": subentry.title,
                "classes": self._class_list(labels, texts),
            },
        )

    async def _read_classes(self) -> list[NotificationClass]:
        entry: PlantroomConfigEntry = self._get_entry()
        device_id = device_id_of_subentry(self._get_reconfigure_subentry())
        if entry.state is not ConfigEntryState.LOADED:
            return []
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await read_notification_classes(
                    entry.runtime_data.client, device_id
                )
        except (PlantroomError, TimeoutError) as err:
            self._classes_failure = await failure_text(self.hass, err)
            return []

    def _class_list(self, labels: dict[int, str], texts: dict[str, str]) -> str:
        if labels:
            return "\n".join(f"- {label}" for label in labels.values())
        if self._classes_failure:
            text = texts[f"{_TEXT}not_read"]
            return text.format(reason=self._classes_failure)
        return texts[f"{_TEXT}none"]

    def _class_label(self, each: NotificationClass, texts: dict[str, str]) -> str:
        """Return "1 Alarms HVAC: tells Workstation, this system"."""
        name = f"{each.number} {each.name}".strip()
        told = [self._recipient(instance, texts) for instance in each.devices]
        if each.addresses:
            told.append(texts[f"{_TEXT}addresses"].format(count=each.addresses))
        key = "tells" if told else "tells_nobody"
        if not each.readable:
            key = "hidden"
        return texts[_TEXT + key].format(name=name, recipients=", ".join(told))

    def _recipient(self, instance: int, texts: dict[str, str]) -> str:
        entry: PlantroomConfigEntry = self._get_entry()
        device_id = device_id_of_subentry(self._get_reconfigure_subentry())
        network_id = device_id.rpartition(":")[0]
        network = network_of(entry, network_id)
        if network is not None and network.instance == instance:
            return texts[f"{_TEXT}ourselves"]
        known = entry.runtime_data.client.mirror.devices.get(f"{network_id}:{instance}")
        name = known.name if known is not None else ""
        return name or texts[f"{_TEXT}device"].format(instance=instance)
