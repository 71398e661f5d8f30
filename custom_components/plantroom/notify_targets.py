"""Whom alarms can be told: what Home Assistant has to notify people with."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import slugify

_NOTIFY: Final = "notify"
_PERSON: Final = "person"
_PHONE: Final = "mobile_app_"
_DEVICE_NAME: Final = "device_name"
# Those that need an entity, or stand for others
_NO_TARGETS: Final = frozenset({"notify", "send_message"})


@callback
def notify_targets(hass: HomeAssistant) -> dict[str, str]:
    """Return who can be told, by what alarms carry of them: "person.ann".

    Persons, actions such as "notify.mobile_app_phone", and notify entities; each with
    what people call it.
    """
    targets = {
        state.entity_id: state.name
        for domain in (_PERSON, _NOTIFY)
        for state in hass.states.async_all(domain)
    }
    services = hass.services.async_services_for_domain(_NOTIFY)
    phones = {
        f"{_PHONE}{slugify(entry.data.get(_DEVICE_NAME, entry.title))}": entry.title
        for entry in hass.config_entries.async_entries("mobile_app")
    }
    for service in sorted(services.keys() - _NO_TARGETS):
        name = phones.get(service) or service.removeprefix(_PHONE).replace("_", " ")
        targets.setdefault(f"{_NOTIFY}.{service}", name)
    return targets
