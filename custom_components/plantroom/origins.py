"""Which automation or script acts, and who set it off: what a context alone does not say."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID, ATTR_NAME, EVENT_CALL_SERVICE
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

# A person's tap on a notification begins an automation as well
EVENT_TAPPED: Final = "mobile_app_notification_action"
EVENT_AUTOMATION: Final = "automation_triggered"
EVENT_SCRIPT: Final = "script_started"
MOST_CONTEXTS: Final = 512

_KEY: Final[HassKey[Origins]] = HassKey(f"{DOMAIN}_origins")


class Origins:
    """The latest contexts: what runs in them, and which person they are of."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with none."""
        self._hass = hass
        self._runs: OrderedDict[str, str] = OrderedDict()
        self._users: OrderedDict[str, str] = OrderedDict()

    @callback
    def start(self) -> None:
        """Follow what begins, for as long as Home Assistant runs."""
        listen: Callable[..., Any] = self._hass.bus.async_listen
        listen(EVENT_AUTOMATION, self._on_run)
        listen(EVENT_SCRIPT, self._on_run)
        listen(EVENT_CALL_SERVICE, self._on_deed)
        listen(EVENT_TAPPED, self._on_deed)

    def what_runs(self, context: Context | None) -> str:
        """Return the automation or script that acts in a context, "" for none."""
        return "" if context is None else self._runs.get(context.id, "")

    def user_id(self, context: Context) -> str | None:
        """Return who acts in a context, or set off what does; None for nobody."""
        if context.user_id is not None:
            return context.user_id
        return self._users.get(context.parent_id or "")

    @callback
    def _on_run(self, event: Event[Mapping[str, Any]]) -> None:
        entity_id = str(event.data.get(ATTR_ENTITY_ID, ""))
        name = str(event.data.get(ATTR_NAME, "") or entity_id)
        facts = [entity_id, self._blueprint(entity_id)]
        said = f"{name} ({', '.join(filter(None, facts))})"
        before = self._runs.get(event.context.id)
        if before is None:
            _note(self._runs, event.context.id, said)
        elif said not in before:
            # A script that an automation runs in its own context
            _note(self._runs, event.context.id, f"{before} > {said}")
        user_id = self.user_id(event.context)
        if user_id is not None:
            _note(self._users, event.context.id, user_id)

    @callback
    def _on_deed(self, event: Event[Mapping[str, Any]]) -> None:
        if event.context.user_id is not None:
            _note(self._users, event.context.id, event.context.user_id)

    def _blueprint(self, entity_id: str) -> str:
        component: Any = self._hass.data.get(entity_id.partition(".")[0])
        find = getattr(component, "get_entity", None)
        entity = None if find is None else find(entity_id)
        path = getattr(entity, "referenced_blueprint", None)
        return f"blueprint {path}" if path else ""


@callback
def origins(hass: HomeAssistant) -> Origins:
    """Return the contexts of this Home Assistant, followed as of the first call."""
    found = hass.data.get(_KEY)
    if found is None:
        found = hass.data[_KEY] = Origins(hass)
        found.start()
    return found


def _note(kept: OrderedDict[str, str], key: str, value: str) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST_CONTEXTS:
        kept.popitem(last=False)
