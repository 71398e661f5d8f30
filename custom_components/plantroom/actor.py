"""Who is behind a write, for the audit log."""

from typing import Final

from homeassistant.core import Context, HomeAssistant

AUTOMATION: Final = "Automation"
HOME_ASSISTANT: Final = "Home Assistant"


async def actor_of(hass: HomeAssistant, context: Context | None) -> str:
    """Return the user's name; what runs without one is an automation, or ourselves."""
    if context is None:
        return HOME_ASSISTANT
    if context.user_id is None:
        return AUTOMATION
    user = await hass.auth.async_get_user(context.user_id)
    return user.name if user is not None and user.name else HOME_ASSISTANT
