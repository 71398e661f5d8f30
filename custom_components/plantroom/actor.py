"""Who is behind a write or a change, for the audit log."""

from typing import Final

from homeassistant.auth.models import User
from homeassistant.components.http import KEY_HASS_USER, current_request
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import Context, HomeAssistant, callback

from .origins import origins

AUTOMATION: Final = "Automation"
HOME_ASSISTANT: Final = "Home Assistant"


async def actor_of(hass: HomeAssistant, context: Context | None) -> str:
    """Return the name of who acts, or of who set off the automation that does.

    What runs without a person is an automation, or ourselves.
    """
    if context is None:
        return HOME_ASSISTANT
    user_id = origins(hass).user_id(context)
    if user_id is None:
        return AUTOMATION
    user = await hass.auth.async_get_user(user_id)
    return user.name if user is not None and user.name else HOME_ASSISTANT


@callback
def via_of(hass: HomeAssistant, context: Context | None) -> str:
    """Return the automation or script that acts, with its blueprint; "" for none."""
    return origins(hass).what_runs(context)


@callback
def configuring_user() -> str:
    """Return the name of the person whose request is being served, or ourselves.

    Tasks that a request starts are part of it: a dialogue's last step, and what that
    sets off.
    """
    connection, request = current_connection.get(), current_request.get()
    user: User | None = None if connection is None else connection.user
    if user is None and request is not None:
        user = request.get(KEY_HASS_USER)
    return user.name if user is not None and user.name else HOME_ASSISTANT
