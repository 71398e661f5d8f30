"""In whose name something is done to alarms, and whether that person may."""

from dataclasses import dataclass
from typing import Final

from homeassistant.auth.models import User
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .actor import actor_of
from .alarm_entity import alarm_unique_id
from .alarm_places import EVENT_KEY
from .alarm_summary import SITE
from .const import DOMAIN
from .runtime import PlantroomConfigEntry

_ALARM_KEY: Final = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts; user None for what runs by itself, and may do everything."""

    name: str
    user: User | None = None


async def acting(
    hass: HomeAssistant, context: Context, for_user_id: str | None
) -> Actor:
    """Return who acts.

    for_user_id: in whose name an automation acts; a person acts in their own.
    Raises UnknownUser, ServiceValidationError.
    """
    if context.user_id is None and for_user_id is None:
        return Actor(name=await actor_of(hass, context))
    if context.user_id is not None and for_user_id not in (None, context.user_id):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="in_own_name_only"
        )
    user_id = context.user_id or for_user_id or ""
    user = await hass.auth.async_get_user(user_id)
    if user is None or not user.is_active:
        raise UnknownUser(context=context, user_id=user_id)
    return Actor(name=user.name or user_id, user=user)


@callback
def may(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    actor: Actor,
    subject: str,
    policy: str,
) -> bool:
    """Return whether somebody has a right to a device's, network's or site's alarms.

    The right is that to its entity: a device's alarm events, else the alarm sensor.
    """
    if actor.user is None:
        return True
    entity_id = _entity_of(hass, entry, subject)
    if entity_id is None:
        return actor.user.is_admin
    return actor.user.permissions.check_entity(entity_id, policy)


@callback
def require(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    actor: Actor,
    subject: str,
    policy: str,
) -> None:
    """Raise Unauthorized where somebody has no right."""
    if may(hass, entry, actor, subject, policy):
        return
    raise Unauthorized(
        user_id=None if actor.user is None else actor.user.id,
        entity_id=_entity_of(hass, entry, subject),
        config_entry_id=entry.entry_id,
        permission=policy,
    )


def _entity_of(
    hass: HomeAssistant, entry: PlantroomConfigEntry, subject: str
) -> str | None:
    registry = er.async_get(hass)
    if subject in entry.runtime_data.adapter.devices:
        return registry.async_get_entity_id(
            Platform.EVENT, DOMAIN, alarm_unique_id(subject, EVENT_KEY)
        )
    owner = entry.entry_id if subject == SITE else subject
    return registry.async_get_entity_id(
        Platform.BINARY_SENSOR, DOMAIN, alarm_unique_id(owner, _ALARM_KEY)
    )
